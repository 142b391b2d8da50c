//! Answers of the instance turned into lines: a JSON body is one, an event stream has one in each event.

use anyhow::Result;
use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use mcpproxy_protocol::{lines::MAX_LINE, sse};
use tokio::sync::mpsc;

/// What came of a posted message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Everything that belongs to it was passed on.
    Done,
    /// The instance does not know the session: it was restarted.
    SessionLost,
    /// It was refused, or the answer broke off; the text says how.
    Failed(String),
}

/// Passes an answer on, line by line.
pub(super) async fn pass_on(response: Response<Incoming>, out: &mpsc::Sender<Bytes>) -> Outcome {
    let status = response.status();
    if status == StatusCode::NOT_FOUND {
        return Outcome::SessionLost;
    }
    let stream = is_stream(&response);
    let passed = if stream { events(response, out).await } else { whole(response, out).await };
    match passed {
        Ok(0) if !status.is_success() => Outcome::Failed(format!("MCPProxy answered {status}.")),
        Ok(_) => Outcome::Done,
        Err(error) => Outcome::Failed(format!("The answer broke off: {error:#}")),
    }
}

pub(super) fn is_stream(response: &Response<Incoming>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok()).is_some_and(|kind| kind.starts_with("text/event-stream"))
}

async fn whole(response: Response<Incoming>, out: &mpsc::Sender<Bytes>) -> Result<usize> {
    let body = response.into_body().collect().await?.to_bytes();
    if !body.first().is_some_and(|&byte| byte == b'{' || byte == b'[') {
        return Ok(0);
    }
    out.send(one_line(body)).await?;
    Ok(1)
}

/// Passes the events of a stream on until it ends, and answers how many there were.
pub(super) async fn events(response: Response<Incoming>, out: &mpsc::Sender<Bytes>) -> Result<usize> {
    let mut body = response.into_body();
    let mut decoder = sse::Decoder::new(MAX_LINE);
    let mut count = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        decoder.push(&data);
        while let Some(event) = decoder.next_event()? {
            if !event.data.is_empty() {
                out.send(one_line(event.data)).await?;
                count += 1;
            }
        }
    }
    Ok(count)
}

/// Breaks between JSON tokens would end the line: they are the only bytes that change.
fn one_line(message: Bytes) -> Bytes {
    if message.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        message
            .iter()
            .map(|&byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte })
            .collect::<Vec<u8>>()
            .into()
    } else {
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_with_breaks_becomes_one_line() {
        assert_eq!(one_line(Bytes::from_static(b"{\n\"a\":1}")), Bytes::from_static(b"{ \"a\":1}"));
        let plain = Bytes::from_static(br#"{"a":"\n"}"#);
        assert_eq!(one_line(plain.clone()).as_ptr(), plain.as_ptr());
    }
}
