//! A server that a test holds in its hand: it answers when, and what, the test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use futures_util::StreamExt as _;
use http_body_util::StreamBody;
use tokio::sync::{mpsc, oneshot};

/// The test's end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Server {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    always: Option<String>,
    scripted: VecDeque<(u16, String)>,
    waiting: VecDeque<oneshot::Sender<HttpResponse>>,
    arrived: usize,
    authorization: String,
    arrivals: Option<Arc<tokio::sync::Notify>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::default()
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the server")
    }

    pub(crate) fn http_client(&self) -> impl HttpClient + use<> {
        ServedHttpClient(self.clone())
    }

    /// From now on every request is answered at once with status 200 and this body.
    pub(crate) fn answer_all(&self, body: &str) {
        self.locked().always = Some(body.to_owned());
    }

    /// The next request that has no answer yet gets this one.
    pub(crate) fn script(&self, status: u16, body: &str) {
        self.locked().scripted.push_back((status, body.to_owned()));
    }

    /// How many requests came in.
    pub(crate) fn arrived(&self) -> usize {
        self.locked().arrived
    }

    pub(crate) fn last_authorization(&self) -> String {
        self.locked().authorization.clone()
    }

    /// Waits until `count` requests have come in, in all.
    pub(crate) async fn has_arrived(&self, count: usize) {
        loop {
            let notify = {
                let mut state = self.locked();
                if state.arrived >= count {
                    return;
                }
                Arc::clone(state.arrivals.get_or_insert_default())
            };
            notify.notified().await;
        }
    }

    /// Answers the oldest waiting request.
    pub(crate) fn answer(&self, body: SdkBody) {
        let waiting = self.locked().waiting.pop_front().expect("a request is waiting");
        // The client may have given up on it meanwhile.
        let _gone = waiting.send(response(200, body));
    }

    /// A body that the test sends piece by piece.
    pub(crate) fn streamed() -> (mpsc::Sender<&'static str>, SdkBody) {
        let (sender, receiver) = mpsc::channel::<&'static str>(8);
        let frames = futures_util::stream::unfold(receiver, |mut receiver| async {
            let piece = receiver.recv().await?;
            let frame = http_body::Frame::data(Bytes::from_static(piece.as_bytes()));
            Some((Ok::<_, std::io::Error>(frame), receiver))
        });
        // A frame stream is not Sync by itself, and an SDK body has to be.
        let frames = SyncStream(Mutex::new(Box::pin(frames.fuse())));
        (sender, SdkBody::from_body_1_x(StreamBody::new(frames)))
    }
}

type Frames = std::pin::Pin<
    Box<dyn futures_util::Stream<Item = Result<http_body::Frame<Bytes>, std::io::Error>> + Send>,
>;

struct SyncStream(Mutex<Frames>);

impl futures_util::Stream for SyncStream {
    type Item = Result<http_body::Frame<Bytes>, std::io::Error>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.get_mut().0.get_mut().expect("nothing panics while it polls").as_mut().poll_next(cx)
    }
}

fn response(status: u16, body: SdkBody) -> HttpResponse {
    let mut response = HttpResponse::new(status.try_into().expect("tests answer with real statuses"), body);
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    response
}

#[derive(Clone, Debug)]
struct ServedHttpClient(Server);

impl HttpClient for ServedHttpClient {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for ServedHttpClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut state = self.0.locked();
        state.arrived += 1;
        state.authorization = request.headers().get("authorization").unwrap_or_default().to_owned();
        if let Some(arrivals) = &state.arrivals {
            arrivals.notify_waiters();
        }
        if let Some((status, body)) = state.scripted.pop_front() {
            return HttpConnectorFuture::ready(Ok(response(status, SdkBody::from(body))));
        }
        if let Some(body) = &state.always {
            return HttpConnectorFuture::ready(Ok(response(200, SdkBody::from(body.clone()))));
        }
        let (sender, receiver) = oneshot::channel();
        state.waiting.push_back(sender);
        HttpConnectorFuture::new(async move {
            Ok(receiver.await.expect("the test answers or the call is dropped"))
        })
    }
}
