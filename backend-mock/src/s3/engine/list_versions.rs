//! Listing versions: every version and delete marker of every key, by key and newest first, page by page.

use std::iter::Peekable;
use std::ops::Bound;
use std::sync::Arc;

use super::listing::{common_prefix, from, later};
use super::versions::Versions;
use super::{Caller, Engine, Entry, Error, Object, ObjectKey, Page, Start, Version, VersionId};

/// The parameters of ListObjectVersions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListVersions<'q> {
    pub(crate) prefix: &'q str,
    /// Keys that share what comes up to it, after the prefix, are rolled into one common prefix; empty for none.
    pub(crate) delimiter: &'q str,
    pub(crate) key_marker: &'q str,
    /// Of the key marker's versions those behind this one are listed too; without it none of them.
    pub(crate) version_id_marker: Option<VersionId>,
    pub(crate) max_keys: usize,
}

/// A version as a page has it.
#[derive(Clone, Debug)]
pub(crate) struct ListedVersion {
    pub(crate) version: Version,
    pub(crate) is_latest: bool,
}

impl Engine {
    pub(crate) fn list_object_versions(
        &self,
        caller: &Caller,
        bucket: &str,
        list: &ListVersions<'_>,
    ) -> Result<Page<ListedVersion>, Error> {
        Ok(page(&self.bucket(caller, bucket)?.objects, list))
    }
}

fn page(versions: &Versions, list: &ListVersions<'_>) -> Page<ListedVersion> {
    let mut page = Page { entries: Vec::new(), is_truncated: false };
    if list.max_keys == 0 {
        return page;
    }
    let mut rest = start(versions, list);
    while let Some((key, version)) = rest.next() {
        if !key.as_str().starts_with(list.prefix) {
            break;
        }
        if page.entries.len() == list.max_keys {
            page.is_truncated = true;
            break;
        }
        match common_prefix(key.as_str(), list.prefix, list.delimiter) {
            Some(common) => {
                page.entries.push(Entry::CommonPrefix(common.to_owned()));
                rest = Walk::behind(versions, Start::AfterPrefix(common).bound());
            }
            None => {
                let is_latest = versions.latest(key).is_some_and(|latest| latest.order() == version.order());
                page.entries.push(Entry::Key(key.clone(), ListedVersion { version, is_latest }));
            }
        }
    }
    page
}

/// Where a page begins: behind one version of a key, behind a key, or behind a common prefix.
fn start<'v>(versions: &'v Versions, list: &ListVersions<'_>) -> Walk<'v> {
    let behind_key = Start::after_marker(list.key_marker, list.prefix, list.delimiter);
    let key = ObjectKey::parse(list.key_marker).ok();
    let order = match (list.version_id_marker, &key) {
        (Some(VersionId::Random { order, .. }), _) => Some(order),
        (Some(VersionId::Null), Some(key)) => versions.version(key, VersionId::Null).map(|null| null.order()),
        _ => None,
    };
    match (behind_key, order, &key) {
        (Start::AfterKey(marker), Some(order), Some(key)) if marker >= list.prefix => {
            Walk::behind_version(versions, key, order)
        }
        _ => Walk::behind(versions, later(behind_key.bound(), list.prefix)),
    }
}

/// The two maps of a bucket as one sequence: of a key the current object, then all that is behind it.
struct Walk<'v> {
    current: Entries<'v, Arc<Object>>,
    others: Entries<'v, Version>,
}

type Entries<'v, T> = Peekable<Box<dyn Iterator<Item = (&'v ObjectKey, &'v T)> + 'v>>;

impl<'v> Walk<'v> {
    fn behind(versions: &'v Versions, start: Bound<Vec<u8>>) -> Self {
        // Behind a key are all of its versions, whose orders are 1 and more.
        let place = match &start {
            Bound::Included(key) => Bound::Included((key.as_slice(), u64::MAX)),
            Bound::Excluded(key) => Bound::Excluded((key.as_slice(), 0)),
            Bound::Unbounded => Bound::Unbounded,
        };
        let others = versions.others_from(place);
        Self::of(others, from(versions.current(), start))
    }

    fn behind_version(versions: &'v Versions, key: &ObjectKey, order: u64) -> Self {
        let bytes = key.as_str().as_bytes();
        let others = versions.others_from(Bound::Excluded((bytes, order)));
        // The version that the marker names may be gone, and the one behind it current by now.
        let start = match versions.get(key) {
            Some(object) if object.order < order => Bound::Included(bytes.to_vec()),
            _ => Bound::Excluded(bytes.to_vec()),
        };
        Self::of(others, from(versions.current(), start))
    }

    fn of(
        others: impl Iterator<Item = (&'v ObjectKey, &'v Version)> + 'v,
        current: impl Iterator<Item = (&'v ObjectKey, &'v Arc<Object>)> + 'v,
    ) -> Self {
        let current: Box<dyn Iterator<Item = _> + 'v> = Box::new(current);
        let others: Box<dyn Iterator<Item = _> + 'v> = Box::new(others);
        Self { current: current.peekable(), others: others.peekable() }
    }
}

impl<'v> Iterator for Walk<'v> {
    type Item = (&'v ObjectKey, Version);

    fn next(&mut self) -> Option<Self::Item> {
        let current_is_next = match (self.current.peek(), self.others.peek()) {
            (Some((current, _)), Some((other, _))) => current <= other,
            (current, _) => current.is_some(),
        };
        if current_is_next {
            return self.current.next().map(|(key, object)| (key, Version::Object(Arc::clone(object))));
        }
        self.others.next().map(|(key, version)| (key, version.clone()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use proptest::prelude::*;

    use super::*;
    use crate::s3::engine::Versioning;
    use crate::s3::engine::tests::{ids, key, object_at};

    /// A bucket after those writes, and all its versions in the order of a listing.
    fn written(writes: &[(String, bool)]) -> (Versions, Vec<(String, VersionId)>) {
        let (mut versions, mut ids) = (Versions::default(), ids());
        let object = object_at(SystemTime::UNIX_EPOCH);
        let mut model = Vec::new();
        for (at, (name, is_object)) in writes.iter().enumerate() {
            // The first of them is a null version.
            let versioning = if at == 0 { Versioning::Unversioned } else { Versioning::Enabled };
            let id = if *is_object || at == 0 {
                versions.put(key(name), object.clone(), versioning, &mut ids).version_id
            } else {
                versions.put_delete_marker(key(name), SystemTime::UNIX_EPOCH, versioning, &mut ids).version_id
            };
            model.push((name.clone(), at, id));
        }
        model.sort_by(|one, other| (&one.0, other.1).cmp(&(&other.0, one.1)));
        (versions, model.into_iter().map(|(name, _, id)| (name, id)).collect())
    }

    /// Every entry of a listing, computed the slow way.
    fn model(all: &[(String, VersionId)], prefix: &str, delimiter: &str) -> Vec<String> {
        let mut entries: Vec<String> = Vec::new();
        for (at, (name, id)) in all.iter().enumerate().filter(|(_, (name, _))| name.starts_with(prefix)) {
            let rest = &name[prefix.len()..];
            let is_latest = at == 0 || all[at - 1].0 != *name;
            let entry = match rest.find(delimiter).filter(|_| !delimiter.is_empty()) {
                Some(at) => format!("prefix {prefix}{}{delimiter}", &rest[..at]),
                None => format!("{name} {id} {is_latest}"),
            };
            if entries.last() != Some(&entry) {
                entries.push(entry);
            }
        }
        entries
    }

    fn line(entry: &Entry<ListedVersion>) -> String {
        match entry {
            Entry::Key(key, listed) => format!("{key} {} {}", listed.version.id(), listed.is_latest),
            Entry::CommonPrefix(prefix) => format!("prefix {prefix}"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn pages_joined_are_the_whole_listing(
            writes in prop::collection::vec(("[a/é]{1,3}", any::<bool>()), 1..25),
            prefix in "[a/]{0,2}",
            delimiter in "[/é]{0,1}",
            max_keys in 1_usize..4,
        ) {
            let (versions, all) = written(&writes);
            let mut lines = Vec::new();
            let (mut key_marker, mut version_id_marker) = (String::new(), None);
            loop {
                let list = ListVersions {
                    prefix: &prefix, delimiter: &delimiter, key_marker: &key_marker, version_id_marker, max_keys,
                };
                let page = page(&versions, &list);
                prop_assert!(page.entries.len() == max_keys || !page.is_truncated);
                lines.extend(page.entries.iter().map(line));
                let next = match page.entries.last().filter(|_| page.is_truncated) {
                    None => break,
                    Some(Entry::Key(key, listed)) => (key.to_string(), Some(listed.version.id())),
                    Some(Entry::CommonPrefix(prefix)) => (prefix.clone(), None),
                };
                (key_marker, version_id_marker) = next;
            }
            prop_assert_eq!(lines, model(&all, &prefix, &delimiter));
        }

        #[test]
        fn a_key_marker_leaves_all_versions_of_its_key_behind(
            writes in prop::collection::vec(("[ab]{1,2}", any::<bool>()), 1..12),
            marker in "[ab]{1,2}",
        ) {
            let (versions, all) = written(&writes);
            let list = ListVersions {
                prefix: "", delimiter: "", key_marker: &marker, version_id_marker: None, max_keys: 1000,
            };
            let listed: Vec<String> = page(&versions, &list).entries.iter().map(line).collect();
            let whole = model(&all, "", "");
            let expected: Vec<String> = all.iter().zip(whole).filter(|((name, _), _)| *name > marker)
                .map(|(_, line)| line).collect();
            prop_assert_eq!(listed, expected);
        }
    }

    #[test]
    fn a_page_goes_on_behind_a_version_that_is_gone_by_now() {
        let writes = [("a", true), ("a", true), ("a", true)].map(|(name, object)| (name.to_owned(), object));
        let (mut versions, all) = written(&writes);
        versions.remove(&key("a"), all[0].1);
        let list = ListVersions {
            prefix: "",
            delimiter: "",
            key_marker: "a",
            version_id_marker: Some(all[0].1),
            max_keys: 1000,
        };
        let listed: Vec<String> = page(&versions, &list).entries.iter().map(line).collect();
        assert_eq!(listed, [format!("a {} true", all[1].1), "a null false".to_owned()]);
    }
}
