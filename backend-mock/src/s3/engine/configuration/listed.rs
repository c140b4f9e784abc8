//! Configurations of which a bucket has many, each by an id: inventory, metrics, analytics, Intelligent-Tiering.

use std::ops::Bound;

use imbl::OrdMap;

use super::Document;
use crate::s3::engine::{Caller, Code, Engine, Error};

/// How many of a kind one page lists.
const PAGE: usize = 100;

/// How many of a kind a bucket has at most.
const MAX: usize = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListedKind {
    Inventory,
    Metrics,
    Analytics,
    IntelligentTiering,
}

/// The configurations of a bucket by kind and id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listed([OrdMap<String, Document>; 4]);

/// Some configurations of a kind, in the order of their ids.
#[derive(Debug)]
pub(crate) struct ListedPage {
    pub(crate) documents: Vec<Document>,
    /// The id of the last one, when more follow.
    pub(crate) next: Option<String>,
}

impl Listed {
    fn of(&self, kind: ListedKind) -> &OrdMap<String, Document> {
        &self.0[kind as usize]
    }

    fn of_mut(&mut self, kind: ListedKind) -> &mut OrdMap<String, Document> {
        &mut self.0[kind as usize]
    }
}

impl Engine {
    /// # Errors
    /// `NoSuchConfiguration`.
    pub(crate) fn listed_configuration(
        &self,
        caller: &Caller,
        bucket: &str,
        kind: ListedKind,
        id: &str,
    ) -> Result<&Document, Error> {
        let found = self.configuration(caller, bucket)?.listed.of(kind).get(id);
        found.ok_or_else(|| Error::new(Code::NoSuchConfiguration))
    }

    /// A page of those behind the id `after`.
    pub(crate) fn listed_configurations(
        &self,
        caller: &Caller,
        bucket: &str,
        kind: ListedKind,
        after: Option<&str>,
    ) -> Result<ListedPage, Error> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let all = self.configuration(caller, bucket)?.listed.of(kind);
        let mut behind = all.range::<_, str>((start, Bound::Unbounded));
        let page: Vec<(&String, &Document)> = behind.by_ref().take(PAGE).collect();
        let last = page.last().map(|(id, _)| (*id).clone());
        let next = last.filter(|_| behind.next().is_some());
        Ok(ListedPage { documents: page.into_iter().map(|(_, document)| document.clone()).collect(), next })
    }

    /// Puts one in place of that with the same id.
    ///
    /// # Errors
    /// `IdMismatch` when the document names another id than the request, `InvalidConfigurationId` for what is none,
    /// `TooManyConfigurations` beyond 1,000.
    pub(crate) fn put_listed_configuration(
        &mut self,
        caller: &Caller,
        bucket: &str,
        kind: ListedKind,
        (id, document_id): (&str, &str),
        document: Document,
    ) -> Result<(), Error> {
        let all = self.configuration_mut(caller, bucket)?.listed.of_mut(kind);
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if id != document_id {
            return Err(Error::new(Code::IdMismatch));
        }
        if id.is_empty() || id.len() > 64 || !id.chars().all(plain) {
            return Err(Error::new(Code::InvalidConfigurationId));
        }
        if !all.contains_key(id) && all.len() >= MAX {
            return Err(Error::new(Code::TooManyConfigurations));
        }
        all.insert(id.to_owned(), document);
        Ok(())
    }

    /// # Errors
    /// `NoSuchConfiguration`.
    pub(crate) fn delete_listed_configuration(
        &mut self,
        caller: &Caller,
        bucket: &str,
        kind: ListedKind,
        id: &str,
    ) -> Result<(), Error> {
        let removed = self.configuration_mut(caller, bucket)?.listed.of_mut(kind).remove(id);
        removed.map(drop).ok_or_else(|| Error::new(Code::NoSuchConfiguration))
    }
}
