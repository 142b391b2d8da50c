//! Events are read whatever their line ends and portions.

use proptest::prelude::*;

use super::*;
use crate::sse;

fn read(chunks: &[&[u8]]) -> Vec<Event> {
    let (mut decoder, mut events) = (Decoder::new(10_000), Vec::new());
    for chunk in chunks {
        decoder.push(chunk);
        while let Some(event) = decoder.next_event().unwrap() {
            events.push(event);
        }
    }
    events
}

#[test]
fn all_three_line_ends_and_comments_are_taken() {
    for end in ["\n", "\r\n", "\r"] {
        let text =
            [": hello", "event: endpoint", "data: /x", "id:7", "", ":", "data:a", "data: b", "data", "", ""]
                .join(end);
        let events = read(&[text.as_bytes(), b"\n"]);
        assert_eq!(events.len(), 2, "{end:?}");
        assert_eq!((events[0].name.as_str(), &events[0].data[..]), ("endpoint", b"/x".as_slice()));
        assert_eq!((&events[1].data[..], events[1].id.as_deref()), (b"a\nb\n".as_slice(), Some("7")));
    }
}

#[test]
fn a_priming_event_gives_its_id_and_delay_and_no_data() {
    let events = read(&[&sse::priming("s/1", Some(500))]);
    assert_eq!(
        events,
        [Event { name: "message".into(), data: Bytes::new(), id: Some("s/1".into()), retry: Some(500) }]
    );
}

#[test]
fn unknown_fields_a_mark_at_the_start_and_an_unfinished_event_are_ignored() {
    let events = read(&[b"\xef\xbb\xbfdata: x\nfoo: bar\nretry: 1x\n\ndata: unfinished\n"]);
    assert_eq!(events.len(), 1);
    assert_eq!((&events[0].data[..], events[0].retry), (b"x".as_slice(), None));
}

#[test]
fn an_endless_event_is_given_up() {
    let mut decoder = Decoder::new(100);
    decoder.push(&[b'x'; 300]);
    assert_eq!(decoder.next_event(), Err(EventTooLong { limit: 100 }));
    let mut decoder = Decoder::new(100);
    decoder.push("data: 12345678901234567890\n".repeat(6).as_bytes());
    assert_eq!(decoder.next_event(), Err(EventTooLong { limit: 100 }));
}

#[test]
fn a_comment_and_a_name_cannot_break_out_of_their_line() {
    assert!(read(&[&sse::comment("a\ndata: b\n\n")]).is_empty());
    let events = read(&[&sse::named(Some("x\ndata: y"), Some("1\n"), b"z")]);
    assert_eq!((events[0].name.as_str(), &events[0].data[..]), ("xdata: y", b"z".as_slice()));
}

proptest! {
    #[test]
    fn what_is_written_is_read_in_any_portions(
        messages in prop::collection::vec(("[ -~à-ÿ]{1,60}(\n[ -~]{0,9}){0,2}", prop::option::of("[!-~]{1,9}")), 1..6),
        sizes in prop::collection::vec(1_usize..17, 1..40),
    ) {
        let text: Vec<u8> = messages.iter().flat_map(|(data, id)| sse::event(id.as_deref(), data.as_bytes())).collect();
        let mut chunks: Vec<&[u8]> = Vec::new();
        let mut rest = text.as_slice();
        for size in sizes.iter().cycle() {
            if rest.is_empty() { break; }
            let (chunk, behind) = rest.split_at((*size).min(rest.len()));
            chunks.push(chunk);
            rest = behind;
        }
        let events = read(&chunks);
        prop_assert_eq!(events.len(), messages.len());
        let mut last = None;
        for (event, (data, id)) in events.iter().zip(&messages) {
            last = id.clone().or(last);
            prop_assert_eq!(&event.data[..], data.as_bytes());
            prop_assert_eq!(&event.id, &last);
        }
    }
}
