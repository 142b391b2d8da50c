//! An HTTP server on loopback whose answers the test decides.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Seen {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    pub(super) fn rpc_method(&self) -> String {
        self.json()["method"].as_str().unwrap_or_default().to_owned()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// An answer.
pub(super) struct Reply {
    response: http::response::Builder,
    body: BoxStream<'static, Bytes>,
}

impl Reply {
    pub(super) fn status(status: u16) -> Self {
        Self { response: Response::builder().status(status), body: stream::empty().boxed() }
    }

    pub(super) fn json(text: &str) -> Self {
        Self::status(200).body(text).with("content-type", "application/json; charset=utf-8")
    }

    pub(super) fn body(self, text: &str) -> Self {
        let text = Bytes::from(text.to_owned());
        Self { body: stream::once(async move { text }).boxed(), ..self }
    }

    /// A stream of events, sent in these portions, then ended.
    pub(super) fn events(chunks: &[&str]) -> Self {
        let chunks: Vec<Bytes> = chunks.iter().map(|chunk| Bytes::from((*chunk).to_owned())).collect();
        let body = stream::iter(chunks).boxed();
        Self { body, ..Self::status(200) }.with("content-type", "text/event-stream")
    }

    /// A stream of events that lasts as long as the sender.
    pub(super) fn open_events() -> (mpsc::Sender<String>, Self) {
        let (sender, receiver) = mpsc::channel::<String>(16);
        let body = stream::unfold(receiver, |mut receiver| async {
            let text = receiver.recv().await?;
            Some((Bytes::from(text), receiver))
        });
        (sender, Self { body: body.boxed(), ..Self::status(200) }.with("content-type", "text/event-stream"))
    }

    /// No answer as long as the test lasts.
    pub(super) fn silence() -> Self {
        Self { body: stream::pending().boxed(), ..Self::status(200) }.with("content-type", "application/json")
    }

    pub(super) fn with(self, name: &str, value: &str) -> Self {
        Self { response: self.response.header(name, value), ..self }
    }
}

/// The server; ends when dropped.
pub(super) struct Web {
    pub(super) address: SocketAddr,
    seen: mpsc::UnboundedReceiver<Seen>,
    work: JoinHandle<()>,
}

impl Web {
    pub(super) async fn start(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (to_test, seen) = mpsc::unbounded_channel();
        let answer = Arc::new(answer);
        let work = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let (answer, to_test) = (Arc::clone(&answer), to_test.clone());
                connections.spawn(async move {
                    let service =
                        service_fn(move |request| serve(request, Arc::clone(&answer), to_test.clone()));
                    // The client may hang up whenever it likes.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(socket), service)
                        .await;
                });
            }
        });
        Self { address, seen, work }
    }

    /// The next request that arrived.
    pub(super) async fn seen(&mut self) -> Seen {
        self.seen.recv().await.unwrap()
    }

    /// The next one with this RPC method, or HTTP method.
    pub(super) async fn seen_of(&mut self, method: &str) -> Seen {
        loop {
            let seen = self.seen().await;
            if seen.rpc_method() == method || seen.method == method {
                return seen;
            }
        }
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.work.abort();
    }
}

type Body = StreamBody<BoxStream<'static, Result<Frame<Bytes>, Infallible>>>;

async fn serve<F: Fn(&Seen) -> Reply>(
    request: Request<Incoming>,
    answer: Arc<F>,
    to_test: mpsc::UnboundedSender<Seen>,
) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let seen = Seen {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let reply = answer(&seen);
    let _ = to_test.send(seen);
    let frames = reply.body.map(|bytes| Ok(Frame::data(bytes))).boxed();
    Ok(reply.response.body(StreamBody::new(frames)).unwrap())
}
