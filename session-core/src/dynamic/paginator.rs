//! Paginators: an operation that answers in pages, sent until the last one has come.
//!
//! What the models say of an operation's tokens is a [`Pagination`] (`paginator/definition.rs`); a [`Paginator`] is that
//! with an input and the caller's wishes, and becomes a stream of pages, a stream of items, or the whole.
//! `paginator/pages.rs` has the loop, `paginator/token.rs` the token that a caller can go on with.
//!
//! Source: botocore's `paginate.py`, whose tokens and truncation these are, so that a token of the one is good for the
//! other.

mod definition;
mod pages;
mod token;

use std::fmt;
use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};

use super::call::Call;
use super::jmespath::Expression;
use super::value::Value;
use crate::error::{Error, ErrorKind};

pub(crate) use definition::{Pagination, Paginations};
pub use pages::Pages;

/// A stream of items; it ends after its first error.
pub type Items = BoxStream<'static, Result<Value, Error>>;

/// An operation whose answers come in pages. Nothing is sent before the first page or item is asked for.
///
/// The pages of one paginator are fetched one after the other, each when it is asked for; dropping the stream ends it.
///
/// # Source
/// boto3's paginators: `MaxItems`, `PageSize`, `StartingToken`, `build_full_result()`, `search()`, `result_key_iters()`.
#[must_use = "a paginator sends nothing by itself"]
#[derive(Clone)]
pub struct Paginator {
    call: Arc<dyn Call>,
    pagination: Arc<Pagination>,
    input: Value,
    max_items: Option<usize>,
    page_size: Option<u32>,
    limit_is_text: bool,
    starting_token: Option<String>,
}

impl Paginator {
    pub(crate) fn new(call: Arc<dyn Call>, pagination: Arc<Pagination>) -> Self {
        let input = Value::Map(Vec::new());
        Self {
            call,
            pagination,
            input,
            max_items: None,
            page_size: None,
            limit_is_text: false,
            starting_token: None,
        }
    }

    /// Says that the operation's model has the page size as a string, as Route 53's has.
    pub(crate) fn limit_is_text(mut self) -> Self {
        self.limit_is_text = true;
        self
    }

    /// The operation's input, without tokens. Default: none.
    pub fn input(mut self, input: impl Into<Value>) -> Self {
        self.input = input.into();
        self
    }

    /// How many items to take at most, over all pages; the last page is cut. 0 sends nothing. Default: all.
    pub fn max_items(mut self, max_items: usize) -> Self {
        self.max_items = Some(max_items);
        self
    }

    /// How many items to ask for in each request, within the bounds of the service. Default: the service's.
    ///
    /// Where the operation has no member to say so, the first page is an error of kind [`ErrorKind::InvalidInput`].
    pub fn page_size(mut self, page_size: u32) -> Self {
        self.page_size = Some(page_size);
        self
    }

    /// Where to go on: the [`resume_token`](Pages::resume_token) of earlier pages, the `NextToken` of a full result, or a
    /// token of boto3's paginator for the same operation.
    ///
    /// What is neither goes to the service as it is, if the operation has one token.
    pub fn starting_token(mut self, token: impl Into<String>) -> Self {
        self.starting_token = Some(token.into());
        self
    }

    /// The expressions of what makes up the result, the first of them the one that is counted.
    pub fn result_keys(&self) -> impl Iterator<Item = &str> {
        self.pagination.result_keys.iter().map(Expression::text)
    }

    /// The pages: whole outputs, of which at most the first and the last are cut.
    ///
    /// # Errors
    /// The first page has them: what the operation reports, and [`ErrorKind::InvalidInput`] for a page size that the
    /// operation cannot take or a starting token that is none. [`ErrorKind::Service`]: the service repeats its token.
    pub fn pages(self) -> Pages {
        Pages::new(self)
    }

    /// The items of all pages: the elements of the first result key.
    ///
    /// # Errors
    /// As of [`Paginator::pages`].
    pub fn items(self) -> Items {
        match self.pagination.result_keys.first().cloned() {
            Some(primary) => self.found(primary),
            None => stream::empty().boxed(),
        }
    }

    /// A stream of items for each result key, such as S3's `Versions`, `DeleteMarkers` and `CommonPrefixes`. Each fetches
    /// the pages anew.
    ///
    /// # Errors
    /// As of [`Paginator::pages`].
    pub fn result_key_iters(self) -> Vec<Items> {
        let keys = self.pagination.result_keys.iter().cloned();
        keys.map(|key| self.clone().found(key)).collect()
    }

    /// What a [JMESPath](https://jmespath.org) expression finds in each page; of a list, each of its elements.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: no expression. The stream has those of [`Paginator::pages`], and this kind where a
    /// function does not take what it got.
    pub fn search(self, expression: &str) -> Result<Items, Error> {
        Ok(self.found(Expression::parse(expression)?))
    }

    /// All pages as one: lists joined, numbers added, texts appended by the result keys, with the members that belong to
    /// the whole, and `NextToken` where [`max_items`](Self::max_items) cut it.
    ///
    /// # Errors
    /// As of [`Paginator::pages`].
    pub async fn build_full_result(self) -> Result<Value, Error> {
        let keys = self.pagination.result_keys.clone();
        let mut whole = Value::Map(Vec::new());
        let mut pages = self.pages();
        while let Some(page) = pages.try_next().await? {
            for key in &keys {
                let found = key.search(&page)?;
                if !found.is_null() {
                    let joined = joined(key.search(&whole)?.into_owned(), found.into_owned());
                    definition::set(&mut whole, key.text(), joined);
                }
            }
        }
        for (path, value) in pages.of_the_whole() {
            let mut part = Value::Null;
            definition::set(&mut part, &path, value);
            fill(&mut whole, part);
        }
        if let Some(token) = pages.resume_token() {
            whole.insert("NextToken", token);
        }
        Ok(whole)
    }

    fn found(self, expression: Expression) -> Items {
        let of_page = move |page: Value| {
            let found = match expression.search(&page)?.into_owned() {
                Value::List(elements) => elements,
                Value::Null => Vec::new(),
                other => vec![other],
            };
            Ok::<_, Error>(stream::iter(found.into_iter().map(Ok)))
        };
        let pages = self.pages().map(move |page| page.and_then(&of_page)).try_flatten();
        until_error(pages.boxed())
    }
}

impl fmt::Debug for Paginator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paginator")
            .field("call", &self.call)
            .field("max_items", &self.max_items)
            .finish_non_exhaustive()
    }
}

/// The stream up to its first error.
fn until_error(items: Items) -> Items {
    let until = stream::unfold(Some(items), |items| async move {
        let mut items = items?;
        match items.next().await? {
            Ok(item) => Some((Ok(item), Some(items))),
            Err(error) => Some((Err(error), None)),
        }
    });
    until.boxed()
}

/// Two pages' values of one result key as one.
fn joined(earlier: Value, later: Value) -> Value {
    match (earlier, later) {
        (Value::List(mut all), Value::List(more)) => {
            all.extend(more);
            Value::List(all)
        }
        (Value::String(all), Value::String(more)) => Value::String(all + &more),
        (Value::Integer(all), Value::Integer(more)) => Value::from(i128::from(all) + i128::from(more)),
        (Value::Null, later) => later,
        (earlier, later) => match (earlier.as_f64(), later.as_f64()) {
            (Some(all), Some(more)) => Value::Double(all + more),
            _ => earlier,
        },
    }
}

/// Adds what is absent.
fn fill(present: &mut Value, more: Value) {
    match (present, more) {
        (present @ Value::Map(_), Value::Map(entries)) => {
            for (name, value) in entries {
                match present.get_mut(&name) {
                    Some(inner) => fill(inner, value),
                    None => {
                        present.insert(name, value);
                    }
                }
            }
        }
        (present @ Value::Null, more) => *present = more,
        _ => {}
    }
}

fn page_size_unsupported() -> Error {
    let message = "page_size is not supported by this paginator: the operation has no member for it";
    Error::new(ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests;
