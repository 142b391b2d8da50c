//! Everything outside the spliced spans leaves as it came.

use proptest::prelude::*;

use super::*;
use crate::testing::{json_text, key_text};
use crate::{Kind, raw, scan};

fn request(id: &str, token: &str, name: &str, noise: &[String], arguments: &str) -> String {
    let extra: String =
        noise.iter().enumerate().map(|(at, value)| format!("\"x{}\" : {value} , ", at / 2)).collect();
    format!(
        "{{ {extra}\"jsonrpc\":\"2.0\",\"params\":{{\"arguments\":{arguments},\"name\" : \"{name}\",\"_meta\":{{{extra}\"progressToken\":{token}}}}},\"method\":\"tools/call\",\"id\":{id}}}"
    )
}

/// The message with what stands at the spans cut out.
fn without(message: &[u8], mut spans: Vec<Span>) -> Vec<u8> {
    spans.sort_by_key(|span| std::cmp::Reverse(span.start()));
    let mut rest = message.to_vec();
    for span in spans {
        rest.drain(span.range());
    }
    rest
}

#[test]
fn nothing_to_exchange_shares_the_bytes() {
    let message = Bytes::from_static(b"{}");
    assert_eq!(splice(&message, &mut []).as_ptr(), message.as_ptr());
}

#[test]
fn edits_come_in_any_order() {
    let message = Bytes::from_static(b"[1,22,333]");
    let mut edits = vec![Edit::new(Span::new(6, 9), "z"), Edit::new(Span::new(1, 2), "aaaa")];
    assert_eq!(splice(&message, &mut edits).as_ref(), b"[aaaa,22,z]");
}

#[test]
fn line_breaks_between_tokens_become_spaces() {
    let mut message = b"{\r\n  \"a\": \"\\n\"\n}".to_vec();
    flatten(&mut message);
    assert_eq!(message, b"{    \"a\": \"\\n\" }");
}

#[test]
fn the_list_of_spliced_fields_names_each_once() {
    let mut names: Vec<&str> = SPLICED_FIELDS.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), SPLICED_FIELDS.len());
}

proptest! {
    #[test]
    fn a_request_keeps_every_other_byte(
        id in any::<u32>(), token in any::<u16>(), name in key_text(), mapped in any::<u64>(), new_name in "[a-z]{1,40}",
        noise in prop::collection::vec(json_text(), 0..5), arguments in json_text(),
    ) {
        let message = Bytes::from(request(&id.to_string(), &token.to_string(), &name, &noise, &arguments));
        let before = scan(&message).unwrap();
        let mapped = mapped.to_string();
        let spans = |found: &crate::Envelope| vec![found.id.unwrap(), found.progress_token.unwrap(), found.name.unwrap()];
        let texts = [mapped.clone(), mapped.clone(), format!("\"{new_name}\"")];
        let mut edits: Vec<Edit> = spans(&before).into_iter().zip(texts).map(|(span, text)| Edit::new(span, text)).collect();
        let spliced = splice(&message, &mut edits);
        let after = scan(&spliced).unwrap();
        prop_assert_eq!(without(&message, spans(&before)), without(&spliced, spans(&after)));
        prop_assert_eq!(after.id.unwrap().of(&spliced), mapped.as_bytes());
        prop_assert_eq!(after.progress_token.unwrap().of(&spliced), mapped.as_bytes());
        prop_assert_eq!(after.name(&spliced).unwrap(), new_name);
    }

    #[test]
    fn there_and_back_is_the_same_message(
        original in prop_oneof!["[1-9][0-9]{0,25}", key_text().prop_map(|text| format!("\"{text}\"")), Just("1.0".to_owned())],
        mapped in 1_u64.., result in json_text(), id_first in any::<bool>(),
    ) {
        let build = |id: &str| if id_first {
            format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{result}}}")
        } else {
            format!("{{\"result\":{result},\"jsonrpc\":\"2.0\",\"id\": {id} }}")
        };
        let from_server = build(&mapped.to_string());
        let envelope = scan(from_server.as_bytes()).unwrap();
        prop_assert_eq!(envelope.kind, Kind::Result);
        let span = envelope.id.unwrap();
        let restored = splice_owned(BytesMut::from(from_server.as_bytes()), span, original.as_bytes());
        prop_assert_eq!(&restored, &Bytes::from(build(&original)));
        let copied = splice(&Bytes::from(from_server), &mut [Edit::new(span, original.clone())]);
        prop_assert_eq!(copied, restored);
    }

    #[test]
    fn names_in_a_list_change_and_nothing_else_does(tools in prop::collection::vec((key_text(), json_text()), 0..6)) {
        let list: Vec<String> = tools.iter().map(|(name, schema)| format!("{{\"inputSchema\":{schema}, \"name\":\"{name}\"}}")).collect();
        let message = Bytes::from(format!("{{\"id\":1,\"result\":{{\"tools\":[{}]}}}}", list.join(" , ")));
        let names = |message: &[u8]| -> Vec<Span> {
            let result = scan(message).unwrap().result.unwrap();
            let tools = raw::elements(message, raw::member(message, result, "tools").unwrap());
            tools.into_iter().map(|tool| raw::member(message, tool, "name").unwrap()).collect()
        };
        let mut edits: Vec<Edit> = names(&message).into_iter().map(|span| Edit::new(span, "\"p__q\"")).collect();
        let spliced = splice(&message, &mut edits);
        prop_assert_eq!(without(&message, names(&message)), without(&spliced, names(&spliced)));
    }
}
