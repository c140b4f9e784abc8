//! Pages of uploads and of parts: joined, they are the whole listing.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::tests::{caller, create_upload, engine_with, key, upload_part};
use super::*;

/// Every entry of a listing of uploads, computed the slow way. A stable sort keeps the order of initiation.
fn model(mut uploads: Vec<(String, String)>, prefix: &str, delimiter: &str) -> Vec<String> {
    uploads.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut entries: Vec<String> = Vec::new();
    for (name, id) in uploads.iter().filter(|(name, _)| name.starts_with(prefix)) {
        let rest = &name[prefix.len()..];
        let entry = match rest.find(delimiter).filter(|_| !delimiter.is_empty()) {
            Some(at) => format!("prefix {prefix}{}{delimiter}", &rest[..at]),
            None => format!("{name} {id}"),
        };
        if entries.last() != Some(&entry) {
            entries.push(entry);
        }
    }
    entries
}

proptest! {
    #[test]
    fn pages_of_uploads_joined_are_the_whole_listing(
        names in prop::collection::vec("[a/é]{1,3}", 0..15),
        prefix in "[a/]{0,2}",
        delimiter in "[/é]{0,2}",
        max_uploads in 1usize..4,
    ) {
        let mut engine = engine_with("films");
        let begun = names.iter().map(|name| (name.clone(), create_upload(&mut engine, name, 7).to_string()));
        let begun: Vec<(String, String)> = begun.collect();
        let mut lines = Vec::new();
        let (mut key_marker, mut id_marker) = (String::new(), None);
        loop {
            let list = ListUploads {
                prefix: &prefix,
                delimiter: &delimiter,
                key_marker: &key_marker,
                upload_id_marker: id_marker.as_deref(),
                max_uploads,
            };
            let page = engine.list_multipart_uploads(&caller(), "films", &list).unwrap();
            prop_assert!(page.entries.len() == max_uploads || !page.is_truncated);
            prop_assert!(page.entries.len() <= max_uploads);
            for entry in &page.entries {
                (key_marker, id_marker) = match entry {
                    Entry::Key(key, (id, _)) => (key.to_string(), Some(id.to_string())),
                    Entry::CommonPrefix(prefix) => (prefix.clone(), None),
                };
                lines.push(match &id_marker {
                    Some(id) => format!("{key_marker} {id}"),
                    None => format!("prefix {key_marker}"),
                });
            }
            if !page.is_truncated {
                break;
            }
        }
        prop_assert_eq!(lines, model(begun, &prefix, &delimiter));
    }

    #[test]
    fn pages_of_parts_joined_are_all_parts(
        numbers in prop::collection::btree_set(1i32..=40, 0..12),
        max_parts in 1usize..5,
    ) {
        let mut engine = engine_with("films");
        let id = create_upload(&mut engine, "a", 7);
        // In the order in which they lie in no list.
        for number in numbers.iter().rev() {
            upload_part(&mut engine, "a", &id, *number, "x");
        }
        let mut listed: Vec<u16> = Vec::new();
        loop {
            let list = ListParts { after: listed.last().copied().unwrap_or_default(), max_parts };
            let page = engine.list_parts(&caller(), "films", &key("a"), &id, list).unwrap();
            prop_assert!(page.parts.len() == max_parts || !page.is_truncated);
            listed.extend(page.parts.iter().map(|(number, _)| number.get()));
            if !page.is_truncated {
                break;
            }
        }
        let all: BTreeSet<i32> = listed.iter().map(|number| i32::from(*number)).collect();
        prop_assert!(listed.is_sorted() && listed.len() == all.len(), "{:?}", listed);
        prop_assert_eq!(all, numbers);
    }
}
