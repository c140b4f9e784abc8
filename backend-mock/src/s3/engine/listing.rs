//! Listing: which keys and common prefixes a page holds, and where the next one starts.
//!
//! A page costs its own length: one look-up finds its start, and a common prefix is left by one more look-up past its
//! last key, however many keys share it.

use std::ops::Bound;
use std::sync::Arc;

use imbl::OrdMap;

use super::{Caller, Engine, Error, Object, ObjectKey};

/// A listing's parameters, as both versions of ListObjects have them.
#[derive(Clone, Debug)]
pub(crate) struct ListObjects<'q> {
    pub(crate) prefix: &'q str,
    /// Keys that share what comes up to it, after the prefix, are rolled into one common prefix; empty for none.
    pub(crate) delimiter: &'q str,
    pub(crate) start: Start<'q>,
    pub(crate) max_keys: usize,
}

/// Where a page starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start<'q> {
    First,
    /// Behind this key, whether or not it exists.
    AfterKey(&'q str),
    /// Behind every key that starts with this.
    AfterPrefix(&'q str),
}

impl<'q> Start<'q> {
    /// A marker of ListObjects: one that lies within a common prefix leaves that prefix behind.
    pub(crate) fn after_marker(marker: &'q str, prefix: &str, delimiter: &str) -> Self {
        match common_prefix(marker, prefix, delimiter) {
            _ if marker.is_empty() => Self::First,
            Some(common) => Self::AfterPrefix(common),
            None => Self::AfterKey(marker),
        }
    }

    pub(super) fn bound(self) -> Bound<Vec<u8>> {
        match self {
            Self::First => Bound::Unbounded,
            Self::AfterKey(key) => Bound::Excluded(key.as_bytes().to_vec()),
            Self::AfterPrefix(prefix) => Bound::Included(past(prefix)),
        }
    }
}

/// One line of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry<T> {
    Key(ObjectKey, T),
    CommonPrefix(String),
}

impl<T> Entry<T> {
    /// Where a page that goes on behind this entry starts.
    pub(crate) fn next(&self) -> Start<'_> {
        match self {
            Self::Key(key, _) => Start::AfterKey(key.as_str()),
            Self::CommonPrefix(prefix) => Start::AfterPrefix(prefix),
        }
    }
}

/// Entries in order, at most as many as were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) entries: Vec<Entry<T>>,
    /// Whether more follow behind the last of them.
    pub(crate) is_truncated: bool,
}

impl Engine {
    pub(crate) fn list_objects(
        &self,
        caller: &Caller,
        bucket: &str,
        list: &ListObjects<'_>,
    ) -> Result<Page<Arc<Object>>, Error> {
        Ok(page(self.bucket(caller, bucket)?.objects.current(), list))
    }
}

/// The page of `keys` that `list` asks for.
fn page<T: Clone>(keys: &OrdMap<ObjectKey, T>, list: &ListObjects<'_>) -> Page<T> {
    let mut page = Page { entries: Vec::new(), is_truncated: false };
    if list.max_keys == 0 {
        return page;
    }
    let mut rest = from(keys, later(list.start.bound(), list.prefix));
    while let Some((key, value)) = rest.next() {
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
                rest = from(keys, Bound::Included(past(common)));
            }
            None => page.entries.push(Entry::Key(key.clone(), value.clone())),
        }
    }
    page
}

pub(super) fn from<T>(
    keys: &OrdMap<ObjectKey, T>,
    start: Bound<Vec<u8>>,
) -> impl Iterator<Item = (&ObjectKey, &T)> + use<'_, T> {
    let start = start.as_ref().map(Vec::as_slice);
    keys.range::<_, [u8]>((start, Bound::Unbounded))
}

/// The later of a start and the prefix's first key.
pub(super) fn later(start: Bound<Vec<u8>>, prefix: &str) -> Bound<Vec<u8>> {
    match &start {
        Bound::Included(bytes) | Bound::Excluded(bytes) if bytes.as_slice() >= prefix.as_bytes() => start,
        _ => Bound::Included(prefix.as_bytes().to_vec()),
    }
}

/// The least bytes behind everything that starts with `prefix`: UTF-8 holds no 0xFF, so its last byte has a successor.
pub(super) fn past(prefix: &str) -> Vec<u8> {
    let mut bytes = prefix.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last = last.saturating_add(1);
    }
    bytes
}

/// What of `key` goes up to and includes the first delimiter behind the prefix.
pub(super) fn common_prefix<'k>(key: &'k str, prefix: &str, delimiter: &str) -> Option<&'k str> {
    if delimiter.is_empty() {
        return None;
    }
    let at = key.strip_prefix(prefix)?.find(delimiter)?;
    Some(&key[..prefix.len() + at + delimiter.len()])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn keys(names: &BTreeSet<String>) -> OrdMap<ObjectKey, ()> {
        names.iter().map(|name| (ObjectKey::parse(name).unwrap(), ())).collect()
    }

    fn name(entry: &Entry<()>) -> String {
        match entry {
            Entry::Key(key, ()) => format!("key {key}"),
            Entry::CommonPrefix(prefix) => format!("prefix {prefix}"),
        }
    }

    /// Every entry of a listing, computed the slow way.
    fn model(names: &BTreeSet<String>, prefix: &str, delimiter: &str) -> Vec<String> {
        let mut entries: Vec<String> = Vec::new();
        for name in names.iter().filter(|name| name.starts_with(prefix)) {
            let rest = &name[prefix.len()..];
            let entry = match rest.find(delimiter).filter(|_| !delimiter.is_empty()) {
                Some(at) => format!("prefix {prefix}{}{delimiter}", &rest[..at]),
                None => format!("key {name}"),
            };
            if entries.last() != Some(&entry) {
                entries.push(entry);
            }
        }
        entries
    }

    #[test]
    fn a_common_prefix_is_left_in_one_step_and_listed_once() {
        let names = ["a", "photos/1", "photos/2", "photos/3", "z"].map(str::to_owned).into();
        let list = ListObjects { prefix: "", delimiter: "/", start: Start::First, max_keys: 2 };
        let first = page(&keys(&names), &list);
        assert_eq!(first.entries.iter().map(name).collect::<Vec<_>>(), ["key a", "prefix photos/"]);
        assert!(first.is_truncated);
        let second = page(&keys(&names), &ListObjects { start: first.entries[1].next(), ..list });
        assert_eq!(second.entries.iter().map(name).collect::<Vec<_>>(), ["key z"]);
        assert!(!second.is_truncated);
    }

    #[test]
    fn a_marker_within_a_common_prefix_leaves_it_behind() {
        assert_eq!(Start::after_marker("photos/2", "", "/"), Start::AfterPrefix("photos/"));
        assert_eq!(Start::after_marker("photos/2", "", ""), Start::AfterKey("photos/2"));
        assert_eq!(Start::after_marker("", "", "/"), Start::First);
    }

    #[test]
    fn no_keys_asked_for_is_an_empty_page_that_ends() {
        let list = ListObjects { prefix: "", delimiter: "", start: Start::First, max_keys: 0 };
        let page = page(&keys(&["a".to_owned()].into()), &list);
        assert_eq!(page, Page { entries: vec![], is_truncated: false });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn pages_joined_are_the_whole_listing(
            names in prop::collection::btree_set("[a/é\u{7f}\u{10ffff}]{1,6}", 0..30),
            prefix in "[a/é]{0,2}",
            delimiter in "[/aé\u{10ffff}]{0,2}",
            max_keys in 1usize..5,
            // As the first version of ListObjects has it: the last line's text, be it a common prefix.
            by_marker in any::<bool>(),
        ) {
            let keys = keys(&names);
            let mut entries: Vec<Entry<()>> = Vec::new();
            loop {
                let last = entries.last();
                let text = last.map(|entry| match entry {
                    Entry::Key(key, ()) => key.as_str(),
                    Entry::CommonPrefix(prefix) => prefix,
                });
                let start = match by_marker {
                    true => Start::after_marker(text.unwrap_or_default(), &prefix, &delimiter),
                    false => last.map_or(Start::First, Entry::next),
                };
                let list = ListObjects { prefix: &prefix, delimiter: &delimiter, start, max_keys };
                let page = page(&keys, &list);
                prop_assert!(page.entries.len() <= max_keys);
                prop_assert!(page.entries.len() == max_keys || !page.is_truncated);
                let more = page.is_truncated;
                entries.extend(page.entries);
                if !more {
                    break;
                }
            }
            let listed: Vec<String> = entries.iter().map(name).collect();
            prop_assert_eq!(listed, model(&names, &prefix, &delimiter));
        }

        #[test]
        fn a_start_key_leaves_what_comes_after_it(
            names in prop::collection::btree_set("[a-c/]{1,4}", 0..20),
            after in "[a-c/]{1,4}",
            prefix in "[a-c]{0,1}",
        ) {
            let start = Start::AfterKey(&after);
            let list = ListObjects { prefix: &prefix, delimiter: "", start, max_keys: 1000 };
            let listed: Vec<String> = page(&keys(&names), &list).entries.iter().map(name).collect();
            let expected = names.iter().filter(|name| **name > after && name.starts_with(&prefix));
            prop_assert_eq!(listed, expected.map(|name| format!("key {name}")).collect::<Vec<_>>());
        }
    }
}
