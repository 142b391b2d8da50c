use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::Document;

fn value(text: &str) -> Value {
    parse(text).unwrap().map_or(Value::Null, |tree| tree.to_value())
}

#[track_caller]
fn check(before: &str, edit: impl Fn(&str) -> Result<String, ConfigError>, after: &str) {
    assert_eq!(edit(before).unwrap(), after);
}

#[test]
fn a_value_is_replaced_in_its_place() {
    let before = "{\n  // mine\n  \"tools_limit\" :  5, // five\n  \"x\": [1,2]\n}";
    let after = "{\n  // mine\n  \"tools_limit\" :  7, // five\n  \"x\": [1,2]\n}";
    check(before, |text| set(text, &["tools_limit"], &json!(7)), after);
}

#[test]
fn an_equal_value_changes_nothing() {
    let text = "{ \"a\" : { \"b\":[ 1 ,2.50 ] } }";
    check(text, |text| set(text, &["a"], &json!({"b": [1, 2.50]})), text);
}

#[test]
fn a_key_is_added_in_the_style_of_its_neighbours() {
    for (before, after) in [
        ("{}", "{\n  \"k\": 1\n}"),
        ("", "{\n  \"k\": 1\n}\n"),
        ("// hello\n", "// hello\n{\n  \"k\": 1\n}\n"),
        ("{ \"a\": 1 }", "{ \"a\": 1, \"k\": 1 }"),
        ("{\n\t\"a\": 1\n}\n", "{\n\t\"a\": 1,\n\t\"k\": 1\n}\n"),
        ("{\r\n    \"a\": 1,\r\n}\r\n", "{\r\n    \"a\": 1,\r\n    \"k\": 1,\r\n}\r\n"),
        ("{\n  \"a\": 1 // why\n}", "{\n  \"a\": 1, // why\n  \"k\": 1\n}"),
        ("{\n  \"a\": 1, /* x */ // y\n\n}", "{\n  \"a\": 1, /* x */ // y\n  \"k\": 1,\n\n}"),
        ("{\n  // only a comment\n}", "{\n  // only a comment\n  \"k\": 1\n}"),
        ("{ /* c */ }", "{ /* c */\n  \"k\": 1\n }"),
    ] {
        check(before, |text| set(text, &["k"], &json!(1)), after);
    }
}

#[test]
fn missing_objects_on_the_way_are_added() {
    let after = "{\n  \"a\": 1,\n  \"docker_isolation\": {\n    \"enabled\": true\n  }\n}";
    check("{\n  \"a\": 1\n}", |text| set(text, &["docker_isolation", "enabled"], &json!(true)), after);
    check(
        "{\"docker_isolation\": null}",
        |text| set(text, &["docker_isolation", "enabled"], &json!(true)),
        "{\"docker_isolation\": { \"enabled\": true }}",
    );
}

#[test]
fn a_key_is_removed_with_its_comma_and_line_and_comments_stay() {
    for (before, after) in [
        ("{\n  \"k\": 1,\n  \"b\": 2\n}", "{\n  \"b\": 2\n}"),
        ("{\n  \"a\": 1,\n  \"k\": 2\n}", "{\n  \"a\": 1\n}"),
        ("{\n  \"a\": 1, // one\n  \"k\": 2 // two\n}", "{\n  \"a\": 1 // one\n  // two\n}"),
        ("{\n  \"k\": {\n    \"x\": 1\n  }\n}", "{\n}"),
        ("{ \"a\": 1, \"k\": 2 }", "{ \"a\": 1 }"),
        ("{ \"k\": 2, \"a\": 1 }", "{ \"a\": 1 }"),
        ("{\"k\": 2}", "{}"),
        ("{\r\n  \"k\": 2,\r\n  \"a\": 1\r\n}", "{\r\n  \"a\": 1\r\n}"),
        ("{ \"k\": 2 /* c */ , \"a\": 1 }", "{ /* c */  \"a\": 1 }"),
        ("{\n  \"a\": 1,\n}", "{\n  \"a\": 1,\n}"),
    ] {
        check(before, |text| set(text, &["k"], &Value::Null), after);
    }
}

#[test]
fn a_server_is_added_to_the_list_and_to_the_map() {
    let server = ServerConfig::from_value(&json!({
        "name": "org/x", "command": "npx", "args": ["-y", "x"], "env": {"A": "1"}, "isolation": {"image": "i"}
    }))
    .unwrap();
    check(
        "{\n  \"mcpServers\": []\n}",
        |text| add_server(text, &server),
        "{\n  \"mcpServers\": [\n    {\n      \"name\": \"org/x\",\n      \"command\": \"npx\",\n      \"args\": [\"-y\", \"x\"],\n      \"env\": {\n        \"A\": \"1\"\n      },\n      \"isolation\": {\n        \"image\": \"i\"\n      },\n      \"enabled\": true\n    }\n  ]\n}",
    );
    let map = add_server("{\"mcpServers\": {\"a\": {\"command\": \"x\"}}}", &server).unwrap();
    assert_eq!(value(&map)["mcpServers"]["org/x"]["command"], "npx");
    assert_eq!(value(&map)["mcpServers"]["org/x"].get("name"), None);
    assert_eq!(value(&add_server("{}", &server).unwrap())["mcpServers"][0]["name"], "org/x");
}

#[test]
fn a_patch_merges_and_null_removes() {
    let before =
        r#"{"mcpServers": [{"name": "a", "command": "x", "env": {"K": "1", "L": "2"}, "mine": [1]}]}"#;
    let patch = json!({"env": {"K": "3", "L": null, "M": "4"}, "args": ["q"], "isolation": {"enabled": true, "image": null}});
    let after = patch_server(before, "a", &patch).unwrap();
    assert_eq!(
        value(&after)["mcpServers"][0],
        json!({"name": "a", "command": "x", "env": {"K": "3", "M": "4"}, "mine": [1], "args": ["q"], "isolation": {"enabled": true}})
    );
}

#[test]
fn a_patch_speaks_the_words_of_the_entry() {
    let before = r#"{"mcpServers": {"a": {"command": "x", "disabled": true, "cwd": "/a"}}}"#;
    let after = patch_server(before, "a", &json!({"enabled": true, "working_dir": "/b"})).unwrap();
    assert_eq!(after, r#"{"mcpServers": {"a": {"command": "x", "disabled": false, "cwd": "/b"}}}"#);
}

#[test]
fn turning_the_switch_removes_the_mode_that_would_overrule_it() {
    let after = set(
        r#"{"docker_isolation": {"mode": "none", "enabled": false}}"#,
        &["docker_isolation", "enabled"],
        &json!(true),
    );
    assert!(Document::parse(&after.unwrap()).unwrap().config().isolation.enabled);
    let before = r#"{"mcpServers": {"a": {"command": "x", "isolation": {"mode": "docker"}}}}"#;
    let after = patch_server(before, "a", &json!({"isolation": {"enabled": false}})).unwrap();
    assert_eq!(Document::parse(&after).unwrap().config().servers["a"].isolation.enabled, Some(false));
}

#[test]
fn a_server_that_is_not_there_cannot_be_changed_or_renamed() {
    let text = r#"{"mcpServers": {"a": {"command": "x"}}}"#;
    assert_eq!(patch_server(text, "b", &json!({})).unwrap_err().code(), "server_unknown");
    assert_eq!(remove_server(text, "b").unwrap_err().code(), "server_unknown");
    assert_eq!(patch_server(text, "a", &json!({"name": "b"})).unwrap_err().code(), "config_invalid");
}

#[test]
fn a_server_written_and_read_again_is_the_same() {
    let text = r#"{"mcpServers": [{"name": "s", "command": "c", "args": ["1"], "env": {"A": "b"}, "url": "http://u",
        "headers": {"H": "v"}, "protocol": "http", "enabled": false, "working_dir": "/w", "init_timeout": "1m30s",
        "quarantined": false, "created": "2026-01-01T00:00:00Z", "updated": "u", "oauth": {"x": [1]}, "new": 1.5,
        "isolation": {"enabled": true, "image": "i", "network_mode": "none", "working_dir": "/a", "memory_limit": "1g",
            "cpu_limit": "2", "volumes": ["a:b"], "extra_args": ["-x"], "allow_unsafe": ["y"], "allow_scripts": true,
            "packages": ["p"], "user": "1", "timeout": "1s", "pids_limit": 5, "tmpfs_size": "1m", "read_only": false,
            "cap_add": ["C"], "shm_size": "2m", "log_driver": "local", "log_max_size": "1m", "log_max_files": "2",
            "later": true}}]}"#;
    let document = Document::parse(text).unwrap();
    let server = &document.config().servers["s"];
    assert_eq!(&ServerConfig::from_value(&server.to_value()).unwrap(), server);
    assert_eq!(server.to_value().as_object().unwrap().len(), 16);
    assert_eq!(server.to_value()["isolation"].as_object().unwrap().len(), 22);
}

/// Blank lines, comments and odd spacing, as people leave them.
fn gap() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        2 => Just(" ".to_owned()),
        2 => Just("\n  ".to_owned()),
        1 => Just("\r\n\t".to_owned()),
        1 => "[a-c,\"}{]{0,6}".prop_map(|text| format!(" // {text}\n")),
        1 => "[a-c,\"}\n]{0,6}".prop_map(|text| format!(" /* {text} */ ")),
    ]
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("1".to_owned()),
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just("-2.50e1".to_owned()),
        Just("\"a // \\\" }\"".to_owned()),
        Just("[ ]".to_owned()),
        Just("{ /* in */ }".to_owned()),
        Just("[1,\n 2 ,]".to_owned()),
    ]
}

/// An object with the keys `k0`, `k1`, … and anything between them.
fn object(least: usize) -> impl Strategy<Value = (String, usize)> {
    let entry = (gap(), gap(), gap(), scalar(), gap());
    (prop::collection::vec(entry, least..6), gap(), any::<bool>(), gap()).prop_map(
        |(entries, tail, comma, before)| {
            let count = entries.len();
            let mut text = format!("{before}{{");
            for (index, (a, b, c, value, d)) in entries.into_iter().enumerate() {
                let comma = if index + 1 < count || comma { "," } else { "" };
                text.push_str(&format!("{a}\"k{index}\"{b}:{c}{value}{d}{comma}"));
            }
            (format!("{text}{tail}}}"), count)
        },
    )
}

/// Whether all bytes of `part` stand in `whole`, in order.
fn is_contained(part: &str, whole: &str) -> bool {
    let mut bytes = whole.bytes();
    part.bytes().all(|byte| bytes.any(|other| other == byte))
}

/// The comments of a text or of a part of one, with strings passed over.
fn comments(text: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find(['"', '/']) {
        rest = &rest[at..];
        let length = if let Some(inside) = rest.strip_prefix('"') {
            let mut escaped = false;
            let end = inside.find(|c| {
                let is_end = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                is_end
            });
            end.unwrap() + 2
        } else {
            let length = match rest.starts_with("/*") {
                true => rest.find("*/").unwrap() + 2,
                false => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            };
            found.push(rest[..length].to_owned());
            length
        };
        rest = &rest[length..];
    }
    found
}

proptest! {
    #[test]
    fn replacing_leaves_every_other_byte((text, count) in object(1), pick in any::<prop::sample::Index>(), number in 0u32..9) {
        let key = format!("k{}", pick.index(count));
        let tree = parse(&text).unwrap().unwrap();
        let old = tree.get(&key).unwrap();
        let after = set(&text, &[&key], &json!({"n": number})).unwrap();
        prop_assert!(after.starts_with(&text[..old.start]));
        prop_assert!(after.ends_with(&text[old.end..]));
        prop_assert_eq!(&value(&after)[&key], &json!({"n": number}));
    }

    #[test]
    fn adding_only_adds((text, _) in object(0), number in 0u32..9) {
        let after = set(&text, &["new"], &json!({"n": [number]})).unwrap();
        // White space inside an empty object is the place of the edit.
        let tree = parse(&text).unwrap().unwrap();
        let blank = text[tree.start + 1..tree.end - 1].trim().is_empty();
        prop_assert!(blank || is_contained(&text, &after), "{} -> {}", text, after);
        prop_assert_eq!(comments(&after), comments(&text));
        let mut expected = value(&text);
        expected["new"] = json!({"n": [number]});
        prop_assert_eq!(value(&after), expected);
    }

    #[test]
    fn removing_only_removes_and_keeps_comments((text, count) in object(1), pick in any::<prop::sample::Index>()) {
        let key = format!("k{}", pick.index(count));
        let after = set(&text, &[&key], &Value::Null).unwrap();
        prop_assert!(is_contained(&after, &text), "{} -> {}", text, after);
        let mut expected = value(&text);
        expected.as_object_mut().unwrap().shift_remove(&key);
        prop_assert_eq!(value(&after), expected, "{}", after);
        let tree = parse(&text).unwrap().unwrap();
        let removed = tree.properties().unwrap().iter().find(|property| property.key == key).unwrap();
        let kept = [comments(&text[..removed.start]), comments(&text[removed.value.end..])].concat();
        prop_assert_eq!(comments(&after), kept);
    }

    #[test]
    fn removing_what_was_added_gives_the_same_values((text, _) in object(0)) {
        let added = set(&text, &["new"], &json!(1)).unwrap();
        let removed = set(&added, &["new"], &Value::Null).unwrap();
        prop_assert_eq!(value(&removed), value(&text));
        prop_assert_eq!(comments(&removed), comments(&text));
    }
}
