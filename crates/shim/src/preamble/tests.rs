use proptest::prelude::*;

use super::*;

/// A record that owns its bytes, for generating.
#[derive(Clone, Debug)]
enum Owned {
    Argument(Vec<u8>),
    Variable(Vec<u8>, Vec<u8>),
    Directory(Vec<u8>),
    Nonce([u8; 32]),
    Grace(u32),
    File(Vec<u8>, u32, Vec<u8>),
    Umask(u32),
    Heartbeat(u32),
}

impl Owned {
    fn record(&self) -> Record<'_> {
        match self {
            Owned::Argument(bytes) => Record::Argument(bytes),
            Owned::Variable(name, value) => Record::Variable { name, value },
            Owned::Directory(path) => Record::Directory(path),
            Owned::Nonce(nonce) => Record::Nonce(nonce),
            Owned::Grace(number) => Record::Grace(*number),
            Owned::File(path, mode, content) => Record::File { path, mode: *mode, content },
            Owned::Umask(number) => Record::Umask(*number),
            Owned::Heartbeat(number) => Record::Heartbeat(*number),
        }
    }
}

fn text(least: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(1u8..=255, least..40)
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec((1u8..=255).prop_filter("no equals sign", |byte| *byte != b'='), 1..20)
}

fn record() -> impl Strategy<Value = Owned> {
    prop_oneof![
        text(0).prop_map(Owned::Argument),
        (name(), text(0)).prop_map(|(name, value)| Owned::Variable(name, value)),
        text(1).prop_map(Owned::Directory),
        prop::array::uniform32(prop::sample::select(b"0123456789abcdef".as_slice())).prop_map(Owned::Nonce),
        any::<u32>().prop_map(Owned::Grace),
        (text(1), any::<u32>(), prop::collection::vec(any::<u8>(), 0..60))
            .prop_map(|(p, m, c)| Owned::File(p, m, c)),
        any::<u32>().prop_map(Owned::Umask),
        any::<u32>().prop_map(Owned::Heartbeat),
    ]
}

fn header_of(bytes: &[u8]) -> &[u8; HEADER] {
    bytes[..HEADER].try_into().expect("a header")
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_read(owned in prop::collection::vec(record(), 0..20)) {
        let records_in: Vec<_> = owned.iter().map(Owned::record).collect();
        let bytes = encode(&records_in).expect("sound records");
        prop_assert_eq!(body_length(header_of(&bytes)), Ok(bytes.len() - HEADER));
        prop_assert_eq!(bytes.capacity(), bytes.len());
        let read: Result<Vec<_>, _> = records(&bytes[HEADER..]).collect();
        prop_assert_eq!(read, Ok(records_in));
    }

    #[test]
    fn any_bytes_are_read_without_harm(body in prop::collection::vec(any::<u8>(), 0..400)) {
        let read: Vec<_> = records(&body).collect();
        prop_assert!(read.iter().rev().skip(1).all(Result::is_ok), "nothing follows an error");
    }

    #[test]
    fn a_cut_body_is_refused(owned in prop::collection::vec(record(), 1..8), cut in 1usize..30) {
        let records_in: Vec<_> = owned.iter().map(Owned::record).collect();
        let bytes = encode(&records_in).expect("sound records");
        let last = 5 + records_in[records_in.len() - 1].len();
        let body = &bytes[HEADER..bytes.len() - cut.min(last - 1)];
        prop_assert!(records(body).any(|record| record == Err(Error::Malformed)));
    }
}

#[test]
fn a_foreign_start_or_version_is_no_preamble() {
    let mut bytes = encode(&[]).expect("an empty preamble");
    assert_eq!(body_length(header_of(&bytes)), Ok(0));
    bytes[4] = 9;
    assert_eq!(body_length(header_of(&bytes)), Err(Error::NoMagic));
    assert_eq!(body_length(b"{\"jsonrpc\":\""), Err(Error::NoMagic));
}

#[test]
fn a_body_beyond_the_limit_is_refused_on_both_ends() {
    let argument = vec![b'x'; MAX_BODY];
    assert_eq!(encode(&[Record::Argument(&argument)]), Err(Error::TooLong));
    let mut header = *header_of(&encode(&[]).expect("an empty preamble"));
    header[8..].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(body_length(&header), Err(Error::TooLong));
}

#[test]
fn unknown_tags_are_skipped_from_128_on_and_fatal_below() {
    let unknown = |tag: u8| [tag, 0, 0, 0, 1, b'x'];
    assert_eq!(records(&unknown(200)).count(), 0);
    assert_eq!(records(&unknown(100)).next(), Some(Err(Error::Malformed)));
}

#[test]
fn a_nul_in_an_argument_or_a_name_with_an_equals_sign_is_malformed() {
    assert_eq!(encode(&[Record::Argument(b"a\0b")]), Err(Error::Malformed));
    assert_eq!(encode(&[Record::Variable { name: b"A=B", value: b"" }]), Err(Error::Malformed));
    assert_eq!(encode(&[Record::Variable { name: b"", value: b"x" }]), Err(Error::Malformed));
}

#[test]
fn debug_output_shows_no_content() {
    let shown = format!("{:?}", Record::Variable { name: b"TOKEN", value: b"hunter2" });
    assert_eq!(shown, "Variable");
}

#[test]
fn each_error_has_its_own_exit_code() {
    let codes = [Error::NoMagic, Error::TooLong, Error::Ended, Error::Malformed].map(Error::exit_code);
    assert_eq!(codes, [120, 121, 122, 123]);
}
