//! The older transport: one stream from the server, and an address to post to that it names first.

use std::time::Duration;

use bytes::BytesMut;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use mcpproxy_protocol::media;
use mcpproxy_protocol::sse::{Decoder, Event};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::exchange::{Outcome, Received};
use super::link::Link;
use crate::error::{CloseReason, OpenError};

/// The server's stream, its first event taken.
pub(crate) struct Stream {
    body: Incoming,
    events: Decoder,
}

/// Opens the stream and waits for the address to post to.
pub(crate) async fn find_endpoint(link: &Link, within: Duration) -> Result<Stream, OpenError> {
    timeout(within, open(link)).await.unwrap_or(Err(OpenError::Timeout))
}

async fn open(link: &Link) -> Result<Stream, OpenError> {
    let response =
        link.listen(None).await.map_err(|error| OpenError::Closed(CloseReason::Unreachable(error)))?;
    let status = response.status().as_u16();
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_stream = content_type.is_some_and(media::is_event_stream);
    match status {
        401 => return Err(OpenError::Closed(CloseReason::Unauthorized { status })),
        200..=299 if is_stream => {}
        _ => return Err(OpenError::Status { status }),
    }
    let mut stream = Stream { body: response.into_body(), events: Decoder::new(link.limit) };
    while let Some(event) = stream.next().await.map_err(OpenError::Closed)? {
        if event.name != "endpoint" {
            continue;
        }
        let named = String::from_utf8_lossy(&event.data).into_owned();
        let endpoint = link.home().join(&named).filter(|endpoint| endpoint.same_origin(link.home()));
        let Some(endpoint) = endpoint else {
            let reason = "the server wants messages sent to another origin, which is not done".to_owned();
            return Err(OpenError::Address { url: link.home().to_string(), reason });
        };
        link.settle_endpoint(endpoint);
        return Ok(stream);
    }
    Err(OpenError::Closed(CloseReason::Ended))
}

impl Stream {
    async fn next(&mut self) -> Result<Option<Event>, CloseReason> {
        loop {
            match self.events.next_event() {
                Ok(Some(event)) => return Ok(Some(event)),
                Ok(None) => {}
                Err(error) => return Err(CloseReason::LineTooLong { limit: error.limit }),
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.events.push(&data);
                    }
                }
                Some(Err(error)) => return Err(CloseReason::ReadFailed(error.to_string())),
                None => return Ok(None),
            }
        }
    }

    /// Passes messages on; with the stream the connection ends.
    pub(crate) async fn follow(mut self, to: mpsc::Sender<Received>) -> Outcome {
        loop {
            match self.next().await {
                Ok(Some(event)) if event.name == "message" && !event.data.is_empty() => {
                    if to.send((BytesMut::from(&event.data[..]), None)).await.is_err() {
                        return Outcome::Done;
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => return Outcome::Over(CloseReason::Ended),
                Err(reason) => return Outcome::Over(reason),
            }
        }
    }
}
