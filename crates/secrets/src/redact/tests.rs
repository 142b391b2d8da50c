use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;

fn redactor(secrets: &[(&str, &str)]) -> Redactor {
    Redactor::new(secrets.iter().map(|(name, value)| (*name, Secret::new(*value))))
}

#[test]
fn a_known_value_is_replaced_by_its_name() {
    let redactor = redactor(&[("TOKEN", "hunter2!"), ("OTHER", "swordfish")]);
    assert_eq!(redactor.redact("a hunter2! b swordfish"), "a ‹TOKEN› b ‹OTHER›");
}

#[test]
fn a_text_without_secrets_is_not_copied() {
    assert!(matches!(redactor(&[("T", "hunter2!")]).redact("plain"), Cow::Borrowed(_)));
}

#[test]
fn short_values_are_left_alone() {
    let redactor = redactor(&[("A", "true"), ("B", "  x  ")]);
    assert!(redactor.is_empty());
    assert_eq!(redactor.redact("true"), "true");
}

#[test]
fn the_longer_of_two_secrets_wins() {
    let redactor = redactor(&[("SHORT", "secret-1"), ("LONG", "secret-1-and-more")]);
    assert_eq!(redactor.redact("secret-1-and-more secret-1-and"), "‹LONG› ‹SHORT›-and");
}

#[test]
fn a_value_is_found_in_json_addresses_and_headers() {
    let value = "pä\"ss/w rd+1";
    let redactor = redactor(&[("P", value)]);
    let json = serde_json::json!({ "k": value }).to_string();
    for text in [
        json.as_str(),
        "x?p=p%C3%A4%22ss%2Fw%20rd%2B1",
        "x?p=p%c3%a4%22ss%2fw%20rd%2b1",
        "p%C3%A4%22ss%2Fw+rd%2B1",
    ] {
        let shown = redactor.redact(text);
        assert!(shown.contains("‹P›") && !shown.contains("rd"), "{shown}");
    }
    assert!(redactor.redact(r#"{"k":"p\u00e4\"ss\/w rd+1"}"#).contains("‹P›"));
}

#[test]
fn a_value_is_found_in_base64_at_each_alignment() {
    let redactor = redactor(&[("P", "s3cret-value")]);
    for user in ["", "a", "ab", "abc"] {
        let text = STANDARD.encode(format!("{user}s3cret-value:tail"));
        let shown = redactor.redact(&text);
        assert!(shown.contains("‹P›"), "{text}: {shown}");
    }
}

#[test]
fn each_line_of_a_key_is_hidden_on_its_own() {
    let key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nshort\n-----END KEY-----\n";
    let redactor = redactor(&[("KEY", key)]);
    assert_eq!(redactor.redact("line: MIIEvQIBADANBgkqhkiG9w0."), "line: ‹KEY›.");
    assert_eq!(redactor.redact("short"), "short");
}

#[test]
fn a_stream_shows_at_once_what_can_be_no_secret() {
    let mut stream = redactor(&[("T", "hunter2!")]).stream();
    assert_eq!(stream.push(b"Password: "), b"Password: ");
    assert_eq!(stream.push(b"hun"), b"");
    assert_eq!(stream.push(b"ter2"), b"");
    assert_eq!(stream.push(b"!."), "‹T›.".as_bytes());
    assert_eq!(stream.push(b"hunt"), b"");
    assert_eq!(stream.finish(), b"hunt");
}

#[test]
fn debug_output_shows_no_value() {
    let redactor = redactor(&[("T", "hunter2!")]);
    let mut stream = redactor.stream();
    let _ = stream.push(b"hunt");
    assert!(!format!("{redactor:?} {stream:?}").contains("hunt"));
}

proptest! {
    #[test]
    fn a_stream_equals_the_whole_however_it_is_cut(
        secrets in prop::collection::vec("[ab]{6,9}", 1..4),
        text in "[abc]{0,80}",
        cuts in prop::collection::vec(0usize..80, 0..8),
    ) {
        let redactor = Redactor::new(secrets.iter().enumerate().map(|(i, s)| (format!("S{i}"), Secret::new(s.as_str()))));
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let mut stream = redactor.stream();
        let mut shown = Vec::new();
        for pair in cuts.windows(2) {
            shown.extend(stream.push(&text.as_bytes()[pair[0]..pair[1]]));
        }
        shown.extend(stream.finish());
        prop_assert_eq!(String::from_utf8(shown).unwrap(), redactor.redact(&text));
    }

    #[test]
    fn no_value_survives_in_any_surroundings(value in "[!-~]{6,40}", before in "[ä-ü ]{0,9}", after in "[ä-ü ]{0,9}") {
        let redactor = redactor(&[("N", &value)]);
        let text = format!("{before}{value}{after}");
        prop_assert!(!redactor.redact(&text).contains(value.as_str()));
        prop_assert!(redactor.finds(text.as_bytes()));
    }
}

#[test]
fn joined_redactors_hide_what_each_of_them_hides() {
    let one = Redactor::new([("A", Secret::new("first-secret"))]);
    let two = Redactor::new([("B", Secret::new("second-secret")), ("C", Secret::new("first-secret-longer"))]);
    let joined = Redactor::joined([&one, &two, &Redactor::default()]);
    let text = "first-secret, second-secret, first-secret-longer";
    assert_eq!(joined.redact(text), "‹A›, ‹B›, ‹C›");
    assert!(Redactor::joined([]).is_empty());
}
