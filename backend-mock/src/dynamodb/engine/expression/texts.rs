//! Texts that were read before: a program says the same few expressions again and again, and each is parsed once.
//!
//! What is kept does not know the names and values of any request; those are filled in every time.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use super::condition_parser::Written;
use super::projection::WrittenProjection;
use super::update::WrittenUpdate;
use crate::lock::locked;

/// How many texts of one language are kept at most; half of them are certain to be the latest.
const TEXTS: usize = 1024;
/// How many bytes the texts of one language have together at most. A tree is larger than its text, by a factor of some
/// twenty where the text is all names of one letter.
const TEXT_BYTES: usize = 128 * 1024;

/// The texts that one engine and its clones have read, by language.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub(super) conditions: Kept<Written>,
    pub(super) updates: Kept<WrittenUpdate>,
    pub(super) projections: Kept<WrittenProjection>,
}

/// The texts of one language. Those that are faulty are not kept.
pub(super) struct Kept<T> {
    generations: Mutex<Generations<T>>,
}

/// New texts and old ones. When the new ones are many they become the old ones, and the old ones that nobody asked for
/// meanwhile are forgotten: so the bound costs nothing where a text is found.
struct Generations<T> {
    new: HashMap<Arc<str>, Arc<T>>,
    old: HashMap<Arc<str>, Arc<T>>,
    /// The bytes of the new texts.
    bytes: usize,
}

impl<T> Kept<T> {
    /// What `text` says: as it was read before, or else as `read` reads it.
    ///
    /// # Errors
    /// Those of `read`.
    pub(super) fn get(
        &self,
        text: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Arc<T>, String> {
        if let Some(kept) = self.lock().find(text) {
            return Ok(kept);
        }
        // Nobody waits while a text is read; two that read the same one find the same.
        let fresh = Arc::new(read(text)?);
        self.lock().insert(text.into(), fresh.clone());
        Ok(fresh)
    }

    fn lock(&self) -> MutexGuard<'_, Generations<T>> {
        locked(&self.generations)
    }
}

impl<T> Generations<T> {
    fn find(&mut self, text: &str) -> Option<Arc<T>> {
        if let Some(kept) = self.new.get(text) {
            return Some(kept.clone());
        }
        let (text, kept) = self.old.remove_entry(text)?;
        self.insert(text, kept.clone());
        Some(kept)
    }

    fn insert(&mut self, text: Arc<str>, written: Arc<T>) {
        if self.new.len() >= TEXTS / 2 || self.bytes + text.len() > TEXT_BYTES / 2 {
            self.old = std::mem::take(&mut self.new);
            self.bytes = 0;
        }
        let length = text.len();
        if self.new.insert(text, written).is_none() {
            self.bytes += length;
        }
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        let generations = Generations { new: HashMap::new(), old: HashMap::new(), bytes: 0 };
        Self { generations: Mutex::new(generations) }
    }
}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let generations = self.lock();
        f.debug_struct("Kept").field("texts", &(generations.new.len() + generations.old.len())).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn sizes(kept: &Kept<usize>) -> (usize, usize) {
        let generations = kept.lock();
        let texts = || generations.new.keys().chain(generations.old.keys());
        (texts().count(), texts().map(|text| text.len()).sum())
    }

    #[test]
    fn a_text_is_read_once_and_another_by_itself() {
        let (kept, reads) = (Kept::default(), Cell::new(0));
        let read = |text: &str| {
            reads.set(reads.get() + 1);
            Ok(text.len())
        };
        for _ in 0..10 {
            assert_eq!((*kept.get("a = :v", read).unwrap(), *kept.get("b", read).unwrap()), (6, 1));
        }
        assert_eq!(reads.get(), 2);
    }

    #[test]
    fn a_fault_is_told_every_time_and_takes_no_room() {
        let kept = Kept::default();
        for _ in 0..2 {
            assert_eq!(kept.get("a", |text| Err(text.to_owned())), Err("a".to_owned()));
        }
        assert_eq!(sizes(&kept), (0, 0));
    }

    #[test]
    fn texts_and_bytes_are_bounded_and_what_is_in_use_stays() {
        for length in [8, 4096] {
            let (kept, reads) = (Kept::default(), Cell::new(0));
            let count = |_: &str| {
                reads.set(reads.get() + 1);
                Ok(0)
            };
            for number in 0..5 * TEXTS {
                kept.get(&format!("{number:0length$}"), |_| Ok(number)).unwrap();
                kept.get("in use", count).unwrap();
                let (texts, bytes) = sizes(&kept);
                assert!(texts <= TEXTS && bytes <= TEXT_BYTES, "{texts} texts of {bytes} bytes");
            }
            assert_eq!(reads.get(), 1);
        }
    }

    #[test]
    fn tasks_that_read_at_the_same_time_find_the_same() {
        let kept = Kept::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for number in 0..2 * TEXTS {
                        let text = number.to_string();
                        assert_eq!(*kept.get(&text, |text| Ok(text.to_owned())).unwrap(), text);
                    }
                });
            }
        });
    }
}
