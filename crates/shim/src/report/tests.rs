use proptest::prelude::*;

use super::*;

const SAMPLE: Exit = Exit {
    code: Some(3),
    signal: None,
    cause: Cause::Exit,
    errno: None,
    wall_ms: 1200,
    user_us: 40,
    system_us: 7,
    max_rss_kb: 2048,
    peak_memory: Some(67_108_864),
    oom_kills: Some(0),
    reaped: 20,
};

fn nonce() -> Nonce {
    Nonce::from_random(*b"0123456789abcdef")
}

/// Feeds `stream` in pieces of the given sizes; answers text and reports.
fn filtered(stream: &[u8], cuts: &[usize]) -> (Vec<u8>, Vec<Report>) {
    let mut filter = Filter::new(nonce());
    let (mut text, mut reports) = (Vec::new(), Vec::new());
    let mut sink = |piece: Piece<'_>| match piece {
        Piece::Text(bytes) => text.extend_from_slice(bytes),
        Piece::Report(report) => reports.push(report),
    };
    let mut rest = stream;
    for cut in cuts.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, tail) = rest.split_at((*cut).min(rest.len()));
        filter.feed(chunk, &mut sink);
        rest = tail;
    }
    filter.finish(&mut sink);
    (text, reports)
}

fn exit() -> impl Strategy<Value = Exit> {
    let cause = prop::sample::select(Cause::ALL.map(|(cause, _)| cause).to_vec());
    let small = (any::<Option<i32>>(), any::<Option<i32>>(), any::<Option<i32>>(), cause);
    let large = (any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>());
    (small, large, any::<Option<u64>>(), any::<Option<u64>>()).prop_map(
        |(small, large, peak_memory, oom_kills)| {
            let (code, signal, errno, cause) = small;
            let (wall_ms, user_us, system_us, max_rss_kb, reaped) = large;
            Exit {
                code,
                signal,
                cause,
                errno,
                wall_ms,
                user_us,
                system_us,
                max_rss_kb,
                peak_memory,
                oom_kills,
                reaped,
            }
        },
    )
}

proptest! {
    #[test]
    fn an_exit_is_read_as_it_was_written(exit in exit(), cuts in prop::collection::vec(1usize..40, 1..10)) {
        let bytes = encode(&nonce(), &Report::Exit(exit));
        prop_assert!(bytes.len() <= LONGEST);
        prop_assert_eq!(filtered(&bytes, &cuts), (Vec::new(), vec![Report::Exit(exit)]));
    }

    #[test]
    fn the_servers_own_bytes_pass_unchanged_around_a_report(
        before in prop::collection::vec(prop_oneof![any::<u8>(), Just(SEPARATOR), Just(b'\n')], 0..200),
        after in prop::collection::vec(any::<u8>(), 0..200),
        cuts in prop::collection::vec(1usize..40, 1..10),
    ) {
        let mut stream = before.clone();
        stream.extend(encode(&nonce(), &Report::Exit(SAMPLE)));
        stream.extend(&after);
        prop_assert_eq!(filtered(&stream, &cuts), ([before, after].concat(), vec![Report::Exit(SAMPLE)]));
    }
}

#[test]
fn a_report_with_another_mark_is_just_text() {
    let forged = encode(&Nonce::from_random([7; MARK]), &Report::Exit(SAMPLE));
    assert_eq!(filtered(&forged, &[5]), (forged, Vec::new()));
}

#[test]
fn the_mark_of_readiness_does_not_open_the_report_of_exit() {
    let mut forged = encode(&nonce(), &Report::Exit(SAMPLE));
    forged[1..=MARK].copy_from_slice(nonce().mark(MarkKind::Ready));
    assert_eq!(filtered(&forged, &[64]), (forged, Vec::new()));
}

#[test]
fn readiness_is_believed_once() {
    let ready = encode(&nonce(), &Report::Ready { pid: 7 });
    let twice = [ready.clone(), ready.clone()].concat();
    assert_eq!(filtered(&twice, &[9]), (ready, vec![Report::Ready { pid: 7 }]));
}

#[test]
fn a_finished_line_is_not_held_back() {
    let mut filter = Filter::new(nonce());
    let mut text = Vec::new();
    filter.feed(b"listening\n", |piece| {
        if let Piece::Text(bytes) = piece {
            text.extend_from_slice(bytes);
        }
    });
    assert_eq!(text, b"listening\n");
}

#[test]
fn what_starts_like_a_report_and_never_ends_is_given_out() {
    let mut stream = encode(&nonce(), &Report::Exit(SAMPLE));
    stream.pop();
    stream.extend(vec![b'x'; 3 * LONGEST]);
    assert_eq!(filtered(&stream, &[100]), (stream, Vec::new()));
}

#[test]
fn the_marks_are_hidden_in_debug_output() {
    assert_eq!(format!("{:?}", nonce()), "Nonce(hidden)");
}
