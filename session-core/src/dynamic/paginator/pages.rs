//! The loop: send, cut to what the caller wants, find the next token, send again.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_util::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};

use super::super::jmespath::{Expression, equal, is_true};
use super::super::value::Value;
use super::definition::{Pagination, set};
use super::token::Position;
use super::{Paginator, page_size_unsupported};
use crate::error::{Error, ErrorKind};

/// A stream of pages, fetched one request at a time. It ends after its first error.
pub struct Pages {
    inner: BoxStream<'static, Result<Value, Error>>,
    told: Arc<Mutex<Told>>,
}

/// What the pages that came have told beside themselves.
#[derive(Default)]
struct Told {
    resume_token: Option<String>,
    of_the_whole: Vec<(String, Value)>,
}

impl Pages {
    pub(super) fn new(paginator: Paginator) -> Self {
        let told = Arc::new(Mutex::new(Told::default()));
        let walk = Walk::new(paginator, told.clone());
        let inner = stream::unfold(Some(walk), |walk| async move {
            let mut walk = walk?;
            match walk.next().await {
                Ok(Some(page)) => Some((Ok(page), (!walk.over).then_some(walk))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        });
        Self { inner: inner.boxed(), told }
    }

    /// The next page; `None` after the last.
    ///
    /// # Errors
    /// As of [`Paginator::pages`].
    pub async fn try_next(&mut self) -> Result<Option<Value>, Error> {
        TryStreamExt::try_next(&mut self.inner).await
    }

    /// Where to go on after [`max_items`](Paginator::max_items) has ended the pages: to be given to
    /// [`starting_token`](Paginator::starting_token). `None` until then, and where there is nothing left.
    pub fn resume_token(&self) -> Option<String> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).resume_token.clone()
    }

    /// What the first page says of the whole, by its path.
    pub(super) fn of_the_whole(&self) -> Vec<(String, Value)> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).of_the_whole.clone()
    }
}

impl Stream for Pages {
    type Item = Result<Value, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.poll_next_unpin(cx)
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

struct Walk {
    paginator: Paginator,
    told: Arc<Mutex<Told>>,
    /// The tokens of the next request, or of the last one while its answer is looked at.
    tokens: Vec<(String, Value)>,
    /// Whether the tokens came with an answer.
    continued: bool,
    items: usize,
    first: bool,
    over: bool,
    /// What comes in the place of the next page.
    failure: Option<Error>,
}

impl Walk {
    fn new(paginator: Paginator, told: Arc<Mutex<Told>>) -> Self {
        let members = paginator.pagination.tokens.iter().map(|(member, _)| member);
        let tokens =
            members.map(|member| (member.clone(), paginator.input[member.as_str()].clone())).collect();
        Self { paginator, told, tokens, continued: false, items: 0, first: true, over: false, failure: None }
    }

    async fn next(&mut self) -> Result<Option<Value>, Error> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        if self.paginator.max_items == Some(0) {
            return Ok(None);
        }
        let is_first = std::mem::take(&mut self.first);
        let taken = if is_first { self.start()? } else { 0 };
        let mut page = self.paginator.call.call(self.paginator.input.clone()).await?.value;
        let pagination = self.paginator.pagination.clone();
        if taken > 0 {
            skip(&mut page, &pagination, taken)?;
        }
        if is_first {
            self.tell_of_the_whole(&page, &pagination)?;
        }
        // Before the page is cut, for it may be cut where its token is, such as the last key of a list.
        let next = next_tokens(&page, &pagination)?;
        let count = match pagination.result_keys.first() {
            Some(primary) => length(&*primary.search(&page)?),
            None => 0,
        };
        self.items += count;
        let excess = self.paginator.max_items.map_or(0, |most| self.items.saturating_sub(most));
        if let (Some(primary), 1..) = (pagination.result_keys.first(), excess) {
            let keep = count - excess;
            let kept = part(primary.search(&page)?.into_owned(), 0, keep);
            set(&mut page, primary.text(), kept);
            let tokens = std::mem::take(&mut self.tokens);
            self.end_at(&Position { tokens, taken: taken + keep });
        } else if next.iter().all(|(_, token)| token.is_null()) {
            self.over = true;
        } else if self.paginator.max_items == Some(self.items) {
            self.end_at(&Position { tokens: next, taken: 0 });
        } else {
            self.go_on_with(next);
        }
        Ok(Some(page))
    }

    /// Puts starting token and page size into the input; how many items of the first page were taken before.
    fn start(&mut self) -> Result<usize, Error> {
        let mut taken = 0;
        if let Some(token) = &self.paginator.starting_token {
            let members: Vec<&str> = self.tokens.iter().map(|(member, _)| member.as_str()).collect();
            let position = Position::decode(token, &members)?;
            taken = position.taken;
            self.send_with(position.tokens);
        }
        if let Some(page_size) = self.paginator.page_size {
            let limit_key = self.paginator.pagination.limit_key.clone().ok_or_else(page_size_unsupported)?;
            let page_size: Value = match self.paginator.limit_is_text {
                true => page_size.to_string().into(),
                false => page_size.into(),
            };
            self.paginator.input.insert(limit_key, page_size);
        }
        Ok(taken)
    }

    fn go_on_with(&mut self, next: Vec<(String, Value)>) {
        let same = next.iter().zip(&self.tokens).all(|((_, one), (_, other))| equal(one, other));
        if self.continued && same {
            let message = "the service sent the same next token twice, and the pages would not end";
            self.failure = Some(Error::new(ErrorKind::Service, message));
        }
        self.continued = true;
        self.send_with(next);
    }

    fn send_with(&mut self, tokens: Vec<(String, Value)>) {
        for (member, token) in &tokens {
            match token {
                Value::Null => self.paginator.input.remove(member),
                token => self.paginator.input.insert(member.as_str(), token.clone()),
            };
        }
        self.tokens = tokens;
    }

    fn end_at(&mut self, position: &Position) {
        self.over = true;
        self.told.lock().unwrap_or_else(PoisonError::into_inner).resume_token = Some(position.encode());
    }

    fn tell_of_the_whole(&self, page: &Value, pagination: &Pagination) -> Result<(), Error> {
        let mut of_the_whole = Vec::new();
        for key in &pagination.non_aggregate_keys {
            let found = key.search(page)?;
            if !found.is_null() {
                of_the_whole.push((key.text().to_owned(), found.into_owned()));
            }
        }
        self.told.lock().unwrap_or_else(PoisonError::into_inner).of_the_whole = of_the_whole;
        Ok(())
    }
}

/// The tokens of the next request; null where there is none, or an empty one.
fn next_tokens(page: &Value, pagination: &Pagination) -> Result<Vec<(String, Value)>, Error> {
    if let Some(more) = &pagination.more_results
        && !is_true(&*more.search(page)?)
    {
        return Ok(Vec::new());
    }
    let found = |(member, expression): &(String, Expression)| {
        let token = expression.search(page)?;
        let token = if is_true(&token) { token.into_owned() } else { Value::Null };
        Ok((member.clone(), token))
    };
    pagination.tokens.iter().map(found).collect()
}

/// Leaves out of a page what an earlier run has taken: the first items, and the other results, which came with them.
/// Numbers stay, as in boto: they count what the service looked at.
fn skip(page: &mut Value, pagination: &Pagination, taken: usize) -> Result<(), Error> {
    for (position, key) in pagination.result_keys.iter().enumerate() {
        let found = key.search(page)?.into_owned();
        let rest = match position {
            0 => part(found, taken, usize::MAX),
            _ => part(found, 0, 0),
        };
        if !rest.is_null() {
            set(page, key.text(), rest);
        }
    }
    Ok(())
}

/// How many items there are.
fn length(value: &Value) -> usize {
    match value {
        Value::List(elements) => elements.len(),
        Value::Map(entries) => entries.len(),
        Value::String(text) => text.chars().count(),
        _ => 0,
    }
}

/// Some of the items: at most `most` after the first `skipped`. What has no items stays as it is.
fn part(value: Value, skipped: usize, most: usize) -> Value {
    match value {
        Value::List(elements) => Value::List(elements.into_iter().skip(skipped).take(most).collect()),
        Value::Map(entries) => Value::Map(entries.into_iter().skip(skipped).take(most).collect()),
        Value::String(text) => Value::String(text.chars().skip(skipped).take(most).collect()),
        other => other,
    }
}
