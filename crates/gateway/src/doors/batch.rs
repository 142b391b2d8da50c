//! Several messages in one body, as one revision of the protocol allows.

use std::sync::Arc;

use bytes::Bytes;
use mcpproxy_protocol::{Kind, raw, rpc, scan, version};

use super::{
    EventStream, Post, Refusal, Reply,
    messages::{answer, begin, notification, session, unreadable},
};
use crate::{
    inner::Inner,
    session::{Channel, Flight},
    work::Work,
};

/// Messages in one batch.
const MAX_MESSAGES: usize = 256;

pub(super) fn post(inner: &Arc<Inner>, post: &Post) -> Result<Reply, Refusal> {
    let session = session(inner, post, None)?;
    if !version::allows_batches(session.version) {
        let message = format!("batches are not part of MCP {}; send one message at a time", session.version);
        return Err(Refusal::new(400, "message_batch", rpc::INVALID_REQUEST, None, message));
    }
    let elements = raw::elements(&post.body, raw::whole(&post.body));
    if elements.is_empty() || elements.len() > MAX_MESSAGES {
        let message = format!("a batch holds 1 to {MAX_MESSAGES} messages");
        return Err(Refusal::new(400, "message_batch", rpc::INVALID_REQUEST, None, message));
    }
    let mut answers: Vec<Bytes> = Vec::new();
    let mut works = Vec::new();
    for element in elements {
        let message = element.slice(&post.body);
        let envelope = match scan(&message) {
            Ok(envelope) => envelope,
            Err(error) => {
                answers.push(unreadable(&message, &error).body);
                continue;
            }
        };
        match envelope.kind {
            Kind::Request if envelope.method(&message).as_deref() == Some("initialize") => {
                let id = envelope.id(&message);
                answers.push(rpc::error(
                    id.as_ref(),
                    rpc::INVALID_REQUEST,
                    "initialize must not be part of a batch",
                    None,
                ));
            }
            Kind::Request => match begin(inner, &session, message, envelope) {
                Ok(begun) => works.push(begun),
                Err(refusal) => answers.push(refusal.body),
            },
            Kind::Notification => notification(inner, &session, message, &envelope),
            Kind::Result | Kind::Error => answer(&session, message, &envelope),
        }
    }
    if works.is_empty() && answers.is_empty() {
        return Ok(Reply::accepted());
    }
    // One stream for all; what belongs to a single request is passed on to it.
    let channel = session.new_channel();
    session.keep_stream(&channel);
    let reader = channel.read();
    for answer in answers {
        channel.push(answer);
    }
    let running = Arc::clone(&channel);
    inner.tasks.spawn(async move {
        let all = works.into_iter().map(|(flight, work)| pass_on(flight, work, &running));
        futures_util::future::join_all(all).await;
        running.end();
    });
    Ok(Reply::stream(EventStream::new(session, reader, false)))
}

/// Puts what belongs to one request of a batch, and then its answer, on the stream of the batch.
async fn pass_on(flight: Arc<Flight>, mut work: Work, channel: &Channel) {
    let mut told = flight.channel.read();
    let answer = loop {
        tokio::select! {
            biased;
            Some((_, message)) = told.next() => {
                channel.push(message);
            }
            answer = &mut work => break answer,
        }
    };
    flight.channel.end();
    while let Some((_, message)) = told.next().await {
        channel.push(message);
    }
    if let Some(answer) = answer {
        channel.push(answer);
    }
}
