//! One HTTP exchange: a message posted and what comes back, or the stream on which the server speaks by itself.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Response;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use mcpproxy_protocol::sse::Decoder;
use mcpproxy_protocol::{Kind, media, scan};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::link::Link;
use crate::call::Origin;
use crate::error::{CallError, CloseReason};

/// Waits before a stream is taken up again: what servers ask for, within these.
const RETRY: Duration = Duration::from_secs(1);
const RETRY_LONGEST: Duration = Duration::from_secs(30);
/// How often a broken answer is taken up again without anything having come.
const RESUMPTIONS: u32 = 5;
/// Bytes of an error page that are looked at.
const ERROR_PAGE: usize = 64 * 1024;

/// A message on its way to the driver, and whose call it belongs to.
pub(crate) type Received = (BytesMut, Option<Origin>);

/// How an exchange ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Everything that was to come has come.
    Done,
    /// The answer's stream ended; it may be taken up again behind an event.
    Ended(Resume),
    /// This message failed.
    Failed(CallError),
    /// The whole connection is over.
    Over(CloseReason),
}

/// Where to go on.
#[derive(Clone, Debug)]
pub(crate) struct Resume {
    last_event_id: String,
    delay: Duration,
    /// How often this was tried without anything coming.
    fruitless: u32,
}

/// Posts a message and passes on what comes back.
pub(crate) async fn post(
    link: Arc<Link>,
    message: Bytes,
    tied: Option<Origin>,
    to: mpsc::Sender<Received>,
) -> Outcome {
    let response = match link.post(message).await {
        Ok(response) => response,
        Err(error) => return Outcome::Over(CloseReason::Unreachable(error)),
    };
    let status = response.status().as_u16();
    link.settle_session(&response);
    match status {
        200..=299 if is(&response, media::is_event_stream) => follow(&link, response, tied, &to, 0).await,
        200..=299 => pass_body(&link, response, tied, &to).await,
        _ => failure(&link, status, response, tied, &to).await,
    }
}

/// Takes an answer's stream up again.
pub(crate) async fn resume(
    link: Arc<Link>,
    resume: Resume,
    tied: Option<Origin>,
    to: mpsc::Sender<Received>,
) -> Outcome {
    let Resume { last_event_id, delay, fruitless } = resume;
    sleep(delay).await;
    let again = |fruitless| {
        if fruitless < RESUMPTIONS {
            let delay = (delay * 2).min(RETRY_LONGEST);
            Outcome::Ended(Resume { last_event_id: last_event_id.clone(), delay, fruitless })
        } else {
            Outcome::Failed(CallError::Closed(CloseReason::Unreachable(
                "the answer's stream broke".to_owned(),
            )))
        }
    };
    match timeout(link.deadline, link.listen(Some(&last_event_id))).await {
        Ok(Ok(response)) if response.status().is_success() && is(&response, media::is_event_stream) => {
            follow(&link, response, tied, &to, fruitless + 1).await
        }
        Ok(Ok(response)) => match response.status().as_u16() {
            404 if link.has_session() => Outcome::Over(CloseReason::SessionLost),
            status @ 400..=499 => Outcome::Failed(CallError::Status { status }),
            _ => again(fruitless + 1),
        },
        Ok(Err(_)) | Err(_) => again(fruitless + 1),
    }
}

/// Keeps the stream open on which the server speaks by itself; ends if the server has none.
pub(crate) async fn listen(link: Arc<Link>, to: mpsc::Sender<Received>) -> Outcome {
    let (mut last_event_id, mut delay, mut worked) = (None::<String>, RETRY, false);
    loop {
        let since = Instant::now();
        match link.listen(last_event_id.as_deref()).await {
            Ok(response) if response.status().is_success() && is(&response, media::is_event_stream) => {
                worked = true;
                match follow(&link, response, None, &to, 0).await {
                    Outcome::Ended(resume) => {
                        delay = delay.max(resume.delay);
                        last_event_id = Some(resume.last_event_id);
                    }
                    Outcome::Over(reason) => return Outcome::Over(reason),
                    Outcome::Done | Outcome::Failed(_) => {}
                }
            }
            Ok(response) => match response.status().as_u16() {
                404 if worked && link.has_session() => return Outcome::Over(CloseReason::SessionLost),
                // Another stream of ours is still taken for alive.
                409 | 500..=599 => {}
                _ => return Outcome::Done,
            },
            Err(_) if !worked => return Outcome::Done,
            Err(_) => {}
        }
        // A stream that held is taken up again soon; one that breaks at once must not become polling.
        if since.elapsed() > RETRY_LONGEST {
            delay = RETRY;
        }
        sleep(delay).await;
        delay = (delay * 2).min(RETRY_LONGEST);
    }
}

/// Passes the events of a stream on until it ends.
pub(crate) async fn follow(
    link: &Link,
    response: Response<Incoming>,
    tied: Option<Origin>,
    to: &mpsc::Sender<Received>,
    fruitless: u32,
) -> Outcome {
    let mut body = response.into_body();
    let mut events = Decoder::new(link.limit);
    let (mut delay, mut fruitless) = (RETRY, fruitless);
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        events.push(&data);
        loop {
            match events.next_event() {
                Ok(Some(event)) => {
                    delay = event.retry.map_or(delay, Duration::from_millis).min(RETRY_LONGEST);
                    if event.name == "message" && !event.data.is_empty() {
                        fruitless = 0;
                        let message =
                            event.data.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
                        if to.send((message, tied)).await.is_err() {
                            return Outcome::Done;
                        }
                    }
                }
                Ok(None) => break,
                Err(error) => return Outcome::Over(CloseReason::LineTooLong { limit: error.limit }),
            }
        }
    }
    match events.last_event_id() {
        Some(id) => Outcome::Ended(Resume { last_event_id: id.to_owned(), delay, fruitless }),
        None => Outcome::Done,
    }
}

/// Passes a whole body on; an empty one means that the message was taken.
async fn pass_body(
    link: &Link,
    response: Response<Incoming>,
    tied: Option<Origin>,
    to: &mpsc::Sender<Received>,
) -> Outcome {
    match Limited::new(response.into_body(), link.limit).collect().await {
        Ok(body) => {
            let body = body.to_bytes();
            if !body.iter().all(u8::is_ascii_whitespace) {
                let message = body.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
                // The driver is gone only when the connection is.
                let _ = to.send((message, tied)).await;
            }
            Outcome::Done
        }
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Outcome::Over(CloseReason::LineTooLong { limit: link.limit })
        }
        Err(error) => Outcome::Over(CloseReason::ReadFailed(error.to_string())),
    }
}

/// An HTTP error: the session's end, an answer in its own right, or just a status.
async fn failure(
    link: &Link,
    status: u16,
    response: Response<Incoming>,
    tied: Option<Origin>,
    to: &mpsc::Sender<Received>,
) -> Outcome {
    if status == 401 {
        return Outcome::Over(CloseReason::Unauthorized { status });
    }
    let body = match timeout(link.deadline, Limited::new(response.into_body(), ERROR_PAGE).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        _ => Bytes::new(),
    };
    let text = String::from_utf8_lossy(&body).to_ascii_lowercase();
    // Right is 404; a widespread server library says 400 and names the session.
    if link.has_session() && (status == 404 || (status == 400 && text.contains("session"))) {
        return Outcome::Over(CloseReason::SessionLost);
    }
    match scan(&body) {
        Ok(envelope) if envelope.kind == Kind::Error && envelope.id.is_some() => {
            let _ = to.send((BytesMut::from(&body[..]), tied)).await;
            // If the id is not the call's own, the status has to do.
            Outcome::Failed(CallError::Status { status })
        }
        Ok(envelope) if envelope.kind == Kind::Error && is_modern(&body) => {
            Outcome::Failed(CallError::Refused {
                code: -32600,
                message: "it speaks a newer MCP only".to_owned(),
            })
        }
        _ => Outcome::Failed(CallError::Status { status }),
    }
}

/// Whether an error is one that only servers of the newer era use.
fn is_modern(body: &[u8]) -> bool {
    let value: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    value["error"]["code"].as_i64().is_some_and(|code| (-32022..=-32020).contains(&code))
}

fn is(response: &Response<Incoming>, matches: fn(&str) -> bool) -> bool {
    response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(matches)
}
