//! Lazily paged sequences: nothing is sent before the first poll, and no page before the one before it was taken.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_smithy_async::future::pagination_stream::PaginationStream;
use futures_util::stream::{self, Stream, StreamExt, TryStreamExt};
use session_core::Error;

type Boxed<T> = Pin<Box<dyn Stream<Item = Result<T, Error>> + Send>>;

/// A stream of pages, fetched one request at a time. It ends after its first error.
pub struct Pages<P> {
    inner: Boxed<P>,
}

impl<P: Send + 'static> Pages<P> {
    /// The pages that an SDK paginator yields, each turned into a `P`.
    pub(crate) fn of<O, E>(
        paginator: PaginationStream<Result<O, E>>,
        page: impl FnMut(O) -> P + Send + 'static,
    ) -> Self
    where
        O: Send + 'static,
        E: Into<Error> + Send + 'static,
    {
        let outputs = stream::unfold(paginator, |mut paginator| async move {
            let output = paginator.next().await?;
            Some((output.map_err(Into::into), paginator))
        });
        Self { inner: Box::pin(outputs.map_ok(page)) }
    }

    /// The pages of a stream.
    pub(crate) fn new(pages: impl Stream<Item = Result<P, Error>> + Send + 'static) -> Self {
        Self { inner: Box::pin(pages) }
    }

    /// The pages of several streams as they come, all being asked for at once.
    pub(crate) fn merged(streams: impl IntoIterator<Item = Self>) -> Self {
        Self { inner: Box::pin(stream::select_all(streams.into_iter().map(|pages| pages.inner))) }
    }

    /// The pages of requests that follow each other: each says its page and the request for the next, if there is one.
    pub(crate) fn following<R, F>(first: R, ask: impl Fn(R) -> F + Send + 'static) -> Self
    where
        R: Send + 'static,
        F: Future<Output = Result<(P, Option<R>), Error>> + Send + 'static,
    {
        let pages = stream::unfold((Some(first), ask), |(request, ask)| async move {
            match ask(request?).await {
                Ok((page, next)) => Some((Ok(page), (next, ask))),
                Err(error) => Some((Err(error), (None, ask))),
            }
        });
        Self { inner: Box::pin(pages) }
    }

    /// No pages, and no request.
    pub(crate) fn none() -> Self {
        Self { inner: Box::pin(stream::empty()) }
    }

    /// The pages until `keep` has said that one is the last.
    pub(crate) fn until_last(self, mut is_last: impl FnMut(&mut P) -> bool + Send + 'static) -> Self {
        let pages = self.inner.map_ok(move |mut page| {
            let over = is_last(&mut page);
            (page, over)
        });
        // Ends without asking for the page after the last one.
        let pages = stream::unfold(Some(pages), |pages| async move {
            let mut pages = pages?;
            match pages.next().await? {
                Ok((page, over)) => Some((Ok(page), (!over).then_some(pages))),
                Err(error) => Some((Err(error), None)),
            }
        });
        Self { inner: Box::pin(pages) }
    }

    /// The items of all pages in their order.
    pub(crate) fn into_items<T>(self, items: impl FnMut(P) -> Vec<T> + Send + 'static) -> Items<T>
    where
        T: Send + 'static,
    {
        Items::of(Box::pin(self.inner.map_ok(items)))
    }

    /// The next page; `None` after the last.
    ///
    /// # Errors
    /// What the request reports.
    pub async fn try_next(&mut self) -> Result<Option<P>, Error> {
        self.inner.try_next().await
    }

    /// All pages that are left.
    ///
    /// # Errors
    /// What the first failing request reports.
    pub async fn try_collect(self) -> Result<Vec<P>, Error> {
        self.inner.try_collect().await
    }
}

impl<T: Send + 'static> Pages<Vec<T>> {
    /// The pages until they have so many items together; the last one is cut.
    pub(crate) fn at_most(self, limit: Option<usize>) -> Self {
        match limit {
            None => self,
            Some(mut left) => self.until_last(move |page| {
                page.truncate(left);
                left -= page.len();
                left == 0
            }),
        }
    }
}

impl<P> Stream for Pages<P> {
    type Item = Result<P, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.as_mut().poll_next(cx)
    }
}

impl<P> fmt::Debug for Pages<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

/// A stream of items, fetched a page at a time. Empty pages are passed over; it ends after its first error.
///
/// Work on several items at once is a matter of the stream:
///
/// ```
/// use futures_util::{StreamExt, TryStreamExt};
/// use resources::S3;
/// use session_core::{Error, SessionExt};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let session = backend_mock::MockAws::new().session();
/// let s3 = session.resource(S3).await?;
/// let films = s3.bucket("films");
/// films.create().send().await?;
/// for key in ["metropolis", "nosferatu", "vampyr"] {
///     films.object(key).put().send().await?;
/// }
/// let types: Vec<Option<String>> = films
///     .objects()
///     .items()
///     .map(|film| async move { Ok::<_, Error>(film?.object().load().await?.content_type) })
///     .buffered(16) // at most 16 requests at once, answers in the listing's order
///     .try_collect()
///     .await?;
/// assert_eq!(types.len(), 3);
/// # Ok::<(), Error>(()) }).unwrap();
/// ```
pub struct Items<T> {
    pages: Boxed<Vec<T>>,
    page: VecDeque<T>,
    /// The page after this one, if it came already: none of it behind the last.
    ahead: Option<Option<Result<Vec<T>, Error>>>,
    prefetches: bool,
    over: bool,
}

impl<T> Items<T> {
    fn of(pages: Boxed<Vec<T>>) -> Self {
        Self { pages, page: VecDeque::new(), ahead: None, prefetches: false, over: false }
    }

    /// Asks for the next page while the items of this one are taken, instead of afterwards: at most one page ahead.
    /// Nothing runs by itself: the request goes on whenever an item is asked for.
    pub fn prefetch(mut self) -> Self {
        self.prefetches = true;
        self
    }
}

impl<T: Send + 'static> Items<T> {
    /// The items, each turned into a `U`. An item that cannot be is the stream's last error, behind all before it.
    pub(crate) fn try_map<U: Send + 'static>(
        self,
        mut turn: impl FnMut(T) -> Result<U, Error> + Send + 'static,
    ) -> Items<U> {
        let Self { pages, page, ahead, prefetches, over } = self;
        let buffered = (!page.is_empty()).then(|| Ok(Vec::from(page)));
        let is_last = over || matches!(ahead, Some(None | Some(Err(_))));
        let pages = if is_last { stream::empty().boxed() } else { pages };
        let pages =
            stream::iter(buffered.into_iter().chain(ahead.flatten())).chain(pages).flat_map(move |page| {
                let mut turned = Vec::new();
                let failed = page.and_then(|page| {
                    page.into_iter().try_for_each(|item| {
                        turned.push(turn(item)?);
                        Ok(())
                    })
                });
                stream::iter([Some(Ok(turned)), failed.err().map(Err)].into_iter().flatten())
            });
        Items { prefetches, ..Items::of(Box::pin(pages)) }
    }
}

impl<T: Unpin> Items<T> {
    /// The next item; `None` after the last.
    ///
    /// # Errors
    /// What the request for the next page reports.
    pub async fn try_next(&mut self) -> Result<Option<T>, Error> {
        TryStreamExt::try_next(self).await
    }

    /// All items that are left.
    ///
    /// # Errors
    /// What the first failing request reports; the items before it are dropped.
    pub async fn try_collect(self) -> Result<Vec<T>, Error> {
        TryStreamExt::try_collect(self).await
    }
}

impl<T: Unpin> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(item) = this.page.pop_front() {
                if this.prefetches
                    && !this.over
                    && this.ahead.is_none()
                    && let Poll::Ready(page) = this.pages.as_mut().poll_next(cx)
                {
                    this.ahead = Some(page);
                }
                return Poll::Ready(Some(Ok(item)));
            }
            if this.over {
                return Poll::Ready(None);
            }
            let page = match this.ahead.take() {
                Some(page) => page,
                None => ready!(this.pages.as_mut().poll_next(cx)),
            };
            match page {
                Some(Ok(page)) => this.page = page.into(),
                Some(Err(error)) => {
                    this.over = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => this.over = true,
            }
        }
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("buffered", &self.page.len()).finish_non_exhaustive()
    }
}
