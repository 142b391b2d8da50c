use std::collections::{BTreeSet, HashSet};

use fluent_syntax::ast::{Entry as Node, Expression, InlineExpression, Pattern, PatternElement};

use super::*;
use crate::catalogue::SOURCE;

/// Families of messages that are no codes: pieces, sentences about plans, headings, names of actions.
const FAMILIES: &[&str] = &[
    "part_",
    "explain-",
    "explain_",
    "relaxed-",
    "unsafe-",
    "isolation-",
    "doctor_",
    "cli_",
    "client_next_",
    "action_",
    "menu_",
    "desktop_",
];

struct Message {
    id: String,
    /// The texts of the message and its attributes, with their names.
    texts: Vec<(String, String)>,
}

fn messages() -> Vec<Message> {
    let resource = fluent_syntax::parser::parse(SOURCE).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
    let mut messages = Vec::new();
    for entry in resource.body {
        match entry {
            Node::Message(message) => {
                let mut texts: Vec<_> =
                    message.value.iter().map(|value| (String::new(), flat(value))).collect();
                texts.extend(message.attributes.iter().map(|a| (a.id.name.to_owned(), flat(&a.value))));
                messages.push(Message { id: message.id.name.to_owned(), texts });
            }
            Node::Junk { content } => panic!("this does not parse: {content}"),
            Node::Term(_) | Node::Comment(_) | Node::GroupComment(_) | Node::ResourceComment(_) => {}
        }
    }
    messages
}

fn flat(pattern: &Pattern<&str>) -> String {
    pattern.elements.iter().map(element).collect()
}

fn element(element: &PatternElement<&str>) -> String {
    match element {
        PatternElement::TextElement { value } => (*value).to_owned(),
        PatternElement::Placeable { expression: Expression::Inline(inline) } => inline_text(inline),
        PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
            variants.iter().map(|variant| flat(&variant.value)).collect::<Vec<_>>().join("|")
        }
    }
}

fn inline_text(inline: &InlineExpression<&str>) -> String {
    match inline {
        InlineExpression::VariableReference { id } => format!("{{{}}}", id.name),
        InlineExpression::MessageReference { id, .. } => format!("<{}>", id.name),
        _ => String::new(),
    }
}

#[test]
fn every_message_parses_and_has_its_own_name() {
    let messages = messages();
    let names: HashSet<&str> = messages.iter().map(|message| message.id.as_str()).collect();
    assert_eq!(names.len(), messages.len(), "a message stands there twice");
    assert!(names.len() > 250);
}

#[test]
fn every_code_has_one_row_and_a_sentence() {
    let messages = messages();
    let mut seen = HashSet::new();
    for entry in codes() {
        assert!(seen.insert(entry.code), "{} stands twice in the table", entry.code);
        assert!(messages.iter().any(|message| message.id == entry.code), "{} has no sentence", entry.code);
    }
}

#[test]
fn every_sentence_belongs_to_a_code_or_a_family() {
    for message in messages() {
        let family = FAMILIES.iter().any(|family| message.id.starts_with(family));
        assert!(family || find(&message.id).is_some(), "{} is a sentence without a code", message.id);
    }
}

#[test]
fn every_action_of_the_table_has_a_name_and_every_name_is_used() {
    let offered_elsewhere = ["show_fix"];
    let used: BTreeSet<&str> = codes().iter().filter_map(|entry| entry.action).collect();
    let messages = messages();
    let named: BTreeSet<&str> =
        messages.iter().filter_map(|message| message.id.strip_prefix("action_")).collect();
    assert_eq!(used.difference(&named).collect::<Vec<_>>(), Vec::<&&str>::new(), "actions without a name");
    let idle: Vec<_> = named.difference(&used).filter(|name| !offered_elsewhere.contains(*name)).collect();
    assert_eq!(idle, Vec::<&&str>::new(), "names without an action");
}

#[test]
fn sentences_are_calm_and_whole() {
    for message in messages() {
        for (attribute, text) in &message.texts {
            let place = format!("{}.{attribute}: {text}", message.id);
            assert!(!text.contains('!'), "{place}");
            assert!(!text.to_lowercase().contains("oops") && !text.contains("sorry"), "{place}");
            assert_eq!(text.trim(), text, "{place}");
        }
        if find(&message.id).is_some() {
            for (attribute, text) in
                message.texts.iter().filter(|(name, _)| name.is_empty() || name == "plain")
            {
                let end = text.trim_end_matches(['}', '{']).chars().last();
                let open = text.ends_with('}') || text.contains('|');
                assert!(open || matches!(end, Some('.' | '?' | '…')), "{}.{attribute}: {text}", message.id);
            }
        }
    }
}

#[test]
fn a_sentence_with_fields_has_a_form_without_them() {
    let mut wanting = Vec::new();
    for message in messages().iter().filter(|message| find(&message.id).is_some()) {
        let text =
            |name: &str| message.texts.iter().find(|(attribute, _)| attribute == name).map(|(_, text)| text);
        let asks = |text: &String| text.contains('{') || text.contains('<');
        if text("").is_some_and(asks) {
            let plain = text("plain").map(String::as_str).unwrap_or("{no .plain}");
            let allowed =
                ["{server}", "{expected}", "{path}"].iter().fold(plain.to_owned(), |t, f| t.replace(f, ""));
            if asks(&allowed) {
                wanting.push(format!("{}.plain: {plain}", message.id));
            }
        }
    }
    assert!(wanting.is_empty(), "{wanting:#?}");
}

#[test]
fn states_have_a_word_beside_their_glyph_and_looks_are_told_apart_without_colour() {
    for entry in codes().iter().filter(|entry| entry.look.is_some() && entry.code.starts_with("state_")) {
        assert_ne!(crate::word(entry.code), entry.code, "{} has no .word", entry.code);
    }
    let looks: HashSet<(char, Token)> =
        codes().iter().filter_map(|e| e.look).map(|l| (l.glyph, l.token)).collect();
    let glyphs: HashSet<char> = looks.iter().map(|(glyph, _)| *glyph).collect();
    assert_eq!(looks.len(), glyphs.len(), "a glyph has two colours");
    assert!(codes().iter().filter_map(|entry| entry.look).all(|look| look.ascii.is_ascii()));
}

#[test]
fn literals_of_older_clients_are_the_known_ones() {
    let actions = ["", "login", "restart", "enable", "approve", "view_logs", "set_secret", "configure"];
    for entry in codes() {
        assert!(actions.contains(&entry.health_action), "{}", entry.code);
        assert!(entry.summary.is_none_or(|summary| summary.len() <= 50), "{}", entry.code);
        assert!(entry.diagnostic.is_none_or(|code| code.starts_with("MCPX_")), "{}", entry.code);
    }
    assert_eq!(find("state_disabled").unwrap().summary, Some("Disabled"));
    assert_eq!(find("secret_missing").unwrap().health_action, "set_secret");
}

#[test]
fn every_label_of_the_error_copy_is_there() {
    let labels: HashSet<&str> = codes().iter().filter_map(|entry| entry.label).collect();
    let range = |letter: char, last: u32| (1..=last).map(move |number| format!("{letter}{number:02}"));
    for label in
        range('D', 13).chain(range('S', 9)).chain(range('N', 3)).chain(range('C', 10)).chain(range('A', 1))
    {
        assert!(labels.contains(label.as_str()), "{label}");
    }
}
