//! Answers of the instance turned into lines: a JSON body is one, an event stream has one in each event.

use anyhow::Result;
use bytes::Bytes;
use http::{Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use mcpproxy_protocol::{Id, Kind, lines::MAX_LINE, scan, sse};
use tokio::sync::mpsc;

/// What came of a posted message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Everything that belongs to it was passed on.
    Done,
    /// The instance does not know the session: it was restarted.
    SessionLost,
    /// It was refused, or ended without the answer that was asked for; the text says how.
    Failed(String),
}

/// Passes an answer on, line by line. `asked` is the id of the request, whose answer must be among it.
pub(super) async fn pass_on(
    response: Response<Incoming>,
    asked: Option<&Id>,
    out: &mpsc::Sender<Bytes>,
) -> Outcome {
    let status = response.status();
    let passed = if is_stream(&response) {
        events(response, asked, out).await
    } else {
        whole(response, asked, out).await
    };
    match passed {
        Ok(true) => Outcome::Done,
        Ok(false) if status.is_success() => {
            Outcome::Failed("MCPProxy ended the request without an answer. Try again.".to_owned())
        }
        Ok(false) => Outcome::Failed(format!("MCPProxy answered {status}.")),
        Err(error) => Outcome::Failed(format!("The answer broke off: {error:#}")),
    }
}

pub(super) fn is_stream(response: &Response<Incoming>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok()).is_some_and(|kind| kind.starts_with("text/event-stream"))
}

/// Passes a body on, and says whether what was asked is answered. A body that is no message stays here.
async fn whole(response: Response<Incoming>, asked: Option<&Id>, out: &mpsc::Sender<Bytes>) -> Result<bool> {
    let taken = response.status().is_success();
    let body = response.into_body().collect().await?.to_bytes();
    match asked {
        // What cannot be read has no id, and its refusal has none either.
        None if scan(&body).is_ok() => {
            out.send(one_line(body)).await?;
            Ok(true)
        }
        None => Ok(taken),
        Some(id) if answers(&body, id) => {
            out.send(one_line(body)).await?;
            Ok(true)
        }
        Some(_) => Ok(false),
    }
}

/// Passes the events of a stream on until it ends, and says whether what was asked is answered by them.
pub(super) async fn events(
    response: Response<Incoming>,
    asked: Option<&Id>,
    out: &mpsc::Sender<Bytes>,
) -> Result<bool> {
    let mut body = response.into_body();
    let mut decoder = sse::Decoder::new(MAX_LINE);
    let mut answered = asked.is_none();
    while let Some(frame) = body.frame().await {
        // What broke off behind the answer took nothing away.
        let frame = match frame {
            Err(_) if answered && asked.is_some() => return Ok(true),
            frame => frame?,
        };
        let Ok(data) = frame.into_data() else { continue };
        decoder.push(&data);
        while let Some(event) = decoder.next_event()? {
            if !event.data.is_empty() {
                answered |= asked.is_some_and(|id| answers(&event.data, id));
                out.send(one_line(event.data)).await?;
            }
        }
    }
    Ok(answered)
}

/// Whether a message is the answer to the request with this id.
fn answers(message: &[u8], asked: &Id) -> bool {
    scan(message).is_ok_and(|envelope| {
        matches!(envelope.kind, Kind::Result | Kind::Error) && envelope.id(message).as_ref() == Some(asked)
    })
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
    fn only_the_answer_to_what_was_asked_counts_as_one() {
        let id = Id::number(7);
        for answer in
            [r#"{"jsonrpc":"2.0","id":7,"result":{}}"#, r#"{"id":7,"error":{"code":1,"message":""}}"#]
        {
            assert!(answers(answer.as_bytes(), &id), "{answer}");
        }
        for other in [
            r#"{"jsonrpc":"2.0","id":8,"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"roots/list"}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/progress"}"#,
            r#"{"success":false,"error":"Invalid or missing API key","request_id":"x"}"#,
            "",
        ] {
            assert!(!answers(other.as_bytes(), &id), "{other}");
        }
    }

    #[test]
    fn a_message_with_breaks_becomes_one_line() {
        assert_eq!(one_line(Bytes::from_static(b"{\n\"a\":1}")), Bytes::from_static(b"{ \"a\":1}"));
        let plain = Bytes::from_static(br#"{"a":"\n"}"#);
        assert_eq!(one_line(plain.clone()).as_ptr(), plain.as_ptr());
    }
}
