use mcpproxy_shim::report::{Cause, Exit, encode};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::super::{Errors, Input, Link, Output};
use super::*;
use crate::engine::{Stream, Upgraded};

/// A link whose other end is in the test's hand.
async fn pair(head: &[u8]) -> (std::sync::Arc<Link>, Input, Output, Errors, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let near = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
    let (far, _) = listener.accept().await.expect("the other end");
    let upgraded = Upgraded { stream: Stream::Tcp(near), head: bytes::Bytes::copy_from_slice(head) };
    let (link, input, output, errors) = Link::new(upgraded, nonce());
    (link, input, output, errors, far)
}

fn nonce() -> Nonce {
    Nonce::from_random(*b"0123456789abcdef")
}

fn engine_frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![kind, 0, 0, 0];
    frame.extend((payload.len() as u32).to_be_bytes());
    frame.extend(payload);
    frame
}

fn exit_report() -> Vec<u8> {
    let exit = Exit {
        code: Some(3),
        signal: None,
        cause: Cause::Exit,
        errno: None,
        wall_ms: 1,
        user_us: 1,
        system_us: 1,
        max_rss_kb: 1,
        peak_memory: None,
        oom_kills: None,
        reaped: 0,
    };
    encode(&nonce(), &Report::Exit(exit))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn frames_are_told_apart_however_they_are_cut(
        frames in prop::collection::vec((0u8..4, prop::collection::vec(any::<u8>(), 0..300)), 0..30),
        cuts in prop::collection::vec(1usize..500, 1..20),
        in_head in 0usize..600,
    ) {
        let mut stream = Vec::new();
        let (mut output, mut errors) = (Vec::<u8>::new(), Vec::<u8>::new());
        for (kind, payload) in &frames {
            stream.extend(engine_frame(*kind, payload));
            match kind {
                1 => output.extend(payload),
                2 => errors.extend(payload),
                _ => {}
            }
        }
        stream.extend(engine_frame(2, &exit_report()));
        let (seen_output, seen_errors, known) = runtime().block_on(async {
            let (head, rest) = stream.split_at(in_head.min(stream.len()));
            let (link, _input, mut output, mut errors, mut far) = pair(head).await;
            let writer = async {
                let mut rest = rest;
                for cut in cuts.iter().cycle() {
                    if rest.is_empty() { break; }
                    let (piece, tail) = rest.split_at((*cut).min(rest.len()));
                    far.write_all(piece).await.expect("written");
                    rest = tail;
                }
                far.shutdown().await.expect("ended");
            };
            let (mut seen_output, mut seen_errors) = (Vec::<u8>::new(), Vec::<u8>::new());
            let ((), read, also) =
                tokio::join!(writer, output.read_to_end(&mut seen_output), errors.read_to_end(&mut seen_errors));
            read.and(also).expect("read");
            (seen_output, seen_errors, link.known())
        });
        prop_assert_eq!(seen_output, output);
        prop_assert_eq!(seen_errors, errors);
        prop_assert_eq!(known.exit.map(|exit| exit.code), Some(Some(3)));
    }
}

#[tokio::test]
async fn a_stream_out_of_step_ends_instead_of_becoming_output() {
    let (link, _input, mut output, _errors, mut far) = pair(b"").await;
    far.write_all(&engine_frame(1, b"good")).await.expect("written");
    far.write_all(b"HTTP/1.1 500").await.expect("written");
    let mut seen = Vec::new();
    output.read_to_end(&mut seen).await.expect("an end");
    assert_eq!(seen, b"good");
    assert!(link.known().ended);
}

#[tokio::test]
async fn output_before_readiness_is_kept_for_its_reader() {
    let (link, _input, mut output, _errors, mut far) = pair(b"").await;
    far.write_all(&engine_frame(1, b"early ")).await.expect("written");
    far.write_all(&engine_frame(2, &encode(&nonce(), &Report::Ready { pid: 7 }))).await.expect("written");
    assert!(link.ready().await.ready);
    far.write_all(&engine_frame(1, b"late")).await.expect("written");
    drop(far);
    let mut seen = String::new();
    output.read_to_string(&mut seen).await.expect("an end");
    assert_eq!(seen, "early late");
}

#[tokio::test]
async fn input_goes_out_in_frames_and_its_end_too() {
    let (link, mut input, _output, _errors, mut far) = pair(b"").await;
    input.write_all(b"hello\n").await.expect("written");
    link.send(&mcpproxy_shim::frame::HEARTBEAT).await.expect("sent");
    input.shutdown().await.expect("ended");
    assert!(input.write_all(b"more").await.is_err(), "nothing goes in after the end");
    link.end_lease();
    let mut seen = Vec::new();
    far.read_to_end(&mut seen).await.expect("an end");
    assert_eq!(seen, b"\0\0\0\0\x06hello\n\x02\0\0\0\0\x01\0\0\0\0");
}

#[tokio::test]
async fn input_that_does_not_fit_at_once_goes_out_whole_and_in_order() {
    let (link, mut input, _output, _errors, mut far) = pair(b"").await;
    let sent: Vec<u8> = (0..6_000_000_u32).map(|number| (number % 251) as u8).collect();
    let expected = sent.clone();
    let writer = tokio::spawn(async move {
        input.write_all(&sent).await.expect("written");
        input.shutdown().await.expect("ended");
    });
    let beats = tokio::spawn(async move {
        for _ in 0..50 {
            link.send(&mcpproxy_shim::frame::HEARTBEAT).await.expect("sent");
            tokio::task::yield_now().await;
        }
    });
    let mut decoder = mcpproxy_shim::frame::Decoder::default();
    let (mut data, mut heartbeats, mut ended) = (Vec::new(), 0, false);
    let mut buffer = vec![0; 10_000];
    while !ended || heartbeats < 50 {
        let count = far.read(&mut buffer).await.expect("read");
        assert!(count > 0, "the connection stays open");
        let mut rest = &buffer[..count];
        while let Some(event) = decoder.next(&mut rest).expect("frames") {
            match event {
                mcpproxy_shim::frame::Event::Data(piece) => data.extend_from_slice(piece),
                mcpproxy_shim::frame::Event::Heartbeat => heartbeats += 1,
                mcpproxy_shim::frame::Event::EndOfInput => ended = true,
                other => panic!("{other:?}"),
            }
        }
    }
    writer.await.expect("the writer");
    beats.await.expect("the orders");
    assert!(data == expected, "{} of {} bytes", data.len(), expected.len());
}
