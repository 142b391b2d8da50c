//! One client's conversation: its messages are posted, its session is kept, and taken up again when the
//! instance was restarted in between.

use super::{
    answers::{self, Outcome},
    detached,
};
use crate::{commands::escaped, place::Place};
use anyhow::Result;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use mcpproxy_protocol::{Id, Kind, rpc, scan};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{RwLock, mpsc},
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};

const SESSION: &str = "mcp-session-id";
/// How long running calls may take to end after the client closed its end.
const LAST_ANSWERS: Duration = Duration::from_secs(5);
/// Before a lost stream is opened again.
const REOPEN: Duration = Duration::from_millis(500);

/// What a conversation shares among its messages.
#[derive(Debug)]
struct Shared {
    place: Place,
    path: String,
    /// The client it speaks for.
    client: Option<String>,
    out: mpsc::Sender<Bytes>,
    /// Held for writing while a session is made, so that no other message overtakes it.
    session: RwLock<Session>,
}

#[derive(Debug, Default)]
struct Session {
    id: Option<String>,
    version: Option<String>,
    /// The client's own opening, to be repeated to an instance that was restarted.
    opening: Option<Bytes>,
}

/// The bridge.
#[derive(Debug)]
pub(super) struct Bridge {
    shared: Arc<Shared>,
    running: JoinSet<()>,
    listener: Option<AbortHandle>,
}

impl Bridge {
    pub(super) fn new(
        place: Place,
        server: Option<&str>,
        client: Option<String>,
        out: mpsc::Sender<Bytes>,
    ) -> Self {
        let path = server.map_or_else(|| "/mcp".to_owned(), |name| format!("/mcp/servers/{}", escaped(name)));
        let shared = Shared { place, path, client, out, session: RwLock::default() };
        Self { shared: Arc::new(shared), running: JoinSet::new(), listener: None }
    }

    /// Takes one message of the client. Requests run side by side; everything else keeps its order.
    pub(super) async fn take(&mut self, line: Bytes) {
        if line.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        while self.running.try_join_next().is_some() {}
        let envelope = scan(&line).ok();
        let method =
            envelope.as_ref().and_then(|envelope| envelope.method(&line)).unwrap_or_default().into_owned();
        let is_request = envelope.as_ref().is_none_or(|envelope| envelope.kind == Kind::Request);
        match method.as_str() {
            "initialize" => self.open(line).await,
            "notifications/initialized" => {
                self.shared.deliver(line).await;
                self.listen();
            }
            _ if is_request => {
                let shared = self.shared.clone();
                self.running.spawn(async move { shared.deliver(line).await });
            }
            _ => self.shared.deliver(line).await,
        }
    }

    async fn open(&mut self, line: Bytes) {
        {
            let mut session = self.shared.session.write().await;
            *session = Session { opening: Some(line.clone()), ..Session::default() };
        }
        self.shared.deliver(line).await;
    }

    /// Holds the stream open on which messages come that belong to no request.
    fn listen(&mut self) {
        if let Some(earlier) = self.listener.take() {
            earlier.abort();
        }
        let shared = self.shared.clone();
        self.listener = Some(self.running.spawn(async move { shared.listen().await }));
    }

    /// The client closed its end: lets running calls answer, then ends the session.
    pub(super) async fn finish(mut self) {
        if let Some(listener) = self.listener.take() {
            listener.abort();
        }
        let drained =
            timeout(LAST_ANSWERS, async { while self.running.join_next().await.is_some() {} }).await;
        if drained.is_err() {
            tracing::debug!("calls were still running when the client left");
        }
        if let Ok(request) = self.shared.request(Method::DELETE, Bytes::new()).await
            && let Err(error) = timeout(LAST_ANSWERS, self.shared.place.client.dispatch(request)).await
        {
            tracing::debug!(%error, "the session ends by itself");
        }
    }
}

impl Shared {
    /// Posts a message and passes its answers on; whatever happens, a request gets exactly one answer.
    async fn deliver(&self, line: Bytes) {
        let request = scan(&line).ok().filter(|envelope| envelope.kind == Kind::Request);
        let id = request.and_then(|envelope| envelope.id(&line));
        let (known, opens) = {
            let session = self.session.read().await;
            (session.id.clone(), session.opening.as_ref() == Some(&line))
        };
        let mut outcome = self.post(&line, id.as_ref()).await;
        if outcome == Outcome::SessionLost {
            // The opening itself makes its own session.
            let back =
                if opens { detached::ensure_running(&self.place).await } else { self.renew(known).await };
            outcome = match back {
                Ok(()) => self.post(&line, id.as_ref()).await,
                Err(error) => Outcome::Failed(format!("{error:#}")),
            };
        }
        let reason = match outcome {
            Outcome::Done => return,
            Outcome::SessionLost => "MCPProxy does not know this session.".to_owned(),
            Outcome::Failed(reason) => reason,
        };
        if let Some(id) = id {
            let answer = rpc::error(Some(&id), rpc::INTERNAL_ERROR, &reason, None);
            // A closed queue means that the client is gone.
            let _ = self.out.send(answer).await;
        } else {
            tracing::debug!(reason, "a message without answer was not delivered");
        }
    }

    async fn post(&self, line: &Bytes, asked: Option<&Id>) -> Outcome {
        let (opening, has_session) = {
            let session = self.session.read().await;
            (session.id.is_none() && session.opening.as_ref() == Some(line), session.id.is_some())
        };
        let request = match self.request(Method::POST, line.clone()).await {
            Ok(request) => request,
            Err(error) => return Outcome::Failed(format!("{error:#}")),
        };
        let response = match self.place.client.dispatch(request).await {
            Ok(response) => response,
            // Nothing was sent: the instance is gone, and another one may be started for the same message.
            Err(error) if error.downcast_ref::<crate::client::NotRunning>().is_some() => {
                return Outcome::SessionLost;
            }
            Err(error) => return Outcome::Failed(format!("{error:#}")),
        };
        // Without a session of ours it is something else that is not there, such as the named server.
        if response.status() == StatusCode::NOT_FOUND && has_session {
            return Outcome::SessionLost;
        }
        if opening {
            self.keep_session(&response).await;
        }
        answers::pass_on(response, asked, &self.out).await
    }

    async fn keep_session(&self, response: &Response<Incoming>) {
        let value = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let mut session = self.session.write().await;
        session.id = value(SESSION);
        session.version = value("mcp-protocol-version");
    }

    /// Makes a new session in the place of the lost one, with the client's own opening; its answer is not passed on a
    /// second time.
    async fn renew(&self, lost: Option<String>) -> Result<()> {
        let mut session = self.session.write().await;
        if session.id.is_some() && session.id != lost {
            // Another message has made one meanwhile.
            return Ok(());
        }
        detached::ensure_running(&self.place).await?;
        let Some(opening) = session.opening.clone() else {
            return Ok(());
        };
        session.id = None;
        let response = self.place.client.dispatch(self.build(Method::POST, opening, &session)?).await?;
        session.id = response.headers().get(SESSION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        response.into_body().collect().await?;
        let initialized = rpc::notification("notifications/initialized", None);
        let response = self.place.client.dispatch(self.build(Method::POST, initialized, &session)?).await?;
        response.into_body().collect().await?;
        Ok(())
    }

    async fn listen(&self) {
        loop {
            let known = self.session.read().await.id.clone();
            let Ok(request) = self.request(Method::GET, Bytes::new()).await else { return };
            match self.place.client.dispatch(request).await {
                Ok(response) if response.status() == StatusCode::OK && answers::is_stream(&response) => {
                    if let Err(error) = answers::events(response, None, &self.out).await {
                        tracing::debug!(%error, "the stream broke off");
                    }
                }
                // The instance offers no such stream.
                Ok(response) if response.status() == StatusCode::METHOD_NOT_ALLOWED => return,
                // It was restarted: what it tells by itself comes on a new session only.
                Ok(response) if response.status() == StatusCode::NOT_FOUND && known.is_some() => {
                    if let Err(error) = self.renew(known).await {
                        tracing::debug!(%error, "no new session yet");
                    }
                }
                Ok(_) | Err(_) => {}
            }
            if self.out.is_closed() {
                return;
            }
            sleep(REOPEN).await;
        }
    }

    async fn request(&self, method: Method, body: Bytes) -> Result<Request<Full<Bytes>>> {
        self.build(method, body, &*self.session.read().await)
    }

    fn build(&self, method: Method, body: Bytes, session: &Session) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::builder()
            .method(method.clone())
            .uri(&self.path)
            .header(header::HOST, self.place.client.host())
            .header(header::ACCEPT, "application/json, text/event-stream");
        if let Some(client) = &self.client {
            request = request.header(mcpproxy_api::doors::CLIENT_HEADER, client);
        }
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(id) = &session.id {
            request = request.header(SESSION, id);
        }
        if let Some(version) = &session.version {
            request = request.header("mcp-protocol-version", version);
        }
        Ok(request.body(Full::new(body))?)
    }
}
