use super::*;
use proptest::prelude::*;
use serde_json::json;

const CODEX: &str = "# my settings\r\nmodel = \"large\" # the big one\r\n\r\n[mcp_servers.time]\r\ncommand = \
                     \"uvx\"\r\nargs = [\"mcp-server-time\"]\r\n\r\n[mcp_servers.time.env]\r\nTZ = \"UTC\"\r\n\r\n# \
                     about profiles\r\n[profiles.fast]\r\nmodel = \"small\"\r\n";

fn toml(text: &str, path: &[&str], value: &Value) -> String {
    set(Format::Toml, text, path, value).unwrap()
}

#[test]
fn a_table_goes_to_the_end_with_the_line_endings_of_the_file() {
    let changed =
        toml(CODEX, &["mcp_servers", "mcpproxy"], &json!({"url": "http://x", "http_headers": {"K": "v"}}));
    assert_eq!(
        changed,
        format!(
            "{CODEX}\r\n[mcp_servers.mcpproxy]\r\nurl = \"http://x\"\r\nhttp_headers = {{ K = \"v\" }}\r\n"
        )
    );
    assert_eq!(read(Format::Toml, &changed).unwrap()["mcp_servers"]["mcpproxy"]["http_headers"]["K"], "v");
}

#[test]
fn a_removed_table_takes_what_is_below_it_and_leaves_the_comments_of_the_next() {
    let changed = toml(CODEX, &["mcp_servers", "time"], &Value::Null);
    assert_eq!(
        changed,
        "# my settings\r\nmodel = \"large\" # the big one\r\n\r\n# about profiles\r\n[profiles.fast]\r\nmodel \
         = \"small\"\r\n"
    );
}

#[test]
fn a_table_is_replaced_where_it_stands() {
    let changed = toml(CODEX, &["mcp_servers", "time"], &json!({"command": "x"}));
    assert!(changed.contains("[mcp_servers.time]\r\ncommand = \"x\"\r\n"), "{changed}");
    assert!(!changed.contains("TZ"), "{changed}");
    assert!(changed.find("mcp_servers.time").unwrap() < changed.find("profiles").unwrap());
}

#[test]
fn inline_tables_and_dotted_keys_are_changed_too() {
    for text in [
        "mcp_servers = { time = { command = \"uvx\" } }\n",
        "mcp_servers.time.command = \"uvx\"\n",
        "[mcp_servers]\ntime = { command = \"uvx\" }\n",
    ] {
        let with = toml(text, &["mcp_servers", "time"], &json!({"command": "other"}));
        assert_eq!(read(Format::Toml, &with).unwrap()["mcp_servers"]["time"]["command"], "other", "{with}");
        let without = toml(text, &["mcp_servers", "time"], &Value::Null);
        assert!(!without.contains("uvx"), "{without}");
    }
    let text = "[mcp_servers]\ntime = { command = \"uvx\" }\n";
    let with = toml(text, &["mcp_servers", "mcpproxy"], &json!({"url": "u"}));
    assert_eq!(read(Format::Toml, &with).unwrap()["mcp_servers"]["mcpproxy"]["url"], "u", "{with}");
}

#[test]
fn what_looks_like_a_header_inside_a_text_is_none() {
    let text = "[mcp_servers.a]\nx = \"\"\"\n[mcp_servers.b]\n# no\n\"\"\"\n[other]\ny = 1\n";
    assert_eq!(toml(text, &["mcp_servers", "a"], &Value::Null), "[other]\ny = 1\n");
}

#[test]
fn a_mistake_has_line_and_column_in_each_form() {
    let json = read(Format::Json, "{\n  \"a\": 1,\n  \"b\" 2\n}").unwrap_err();
    assert_eq!(json.line, 3);
    let toml = read(Format::Toml, "a = 1\nb = = 2\n").unwrap_err();
    assert_eq!(toml.line, 2);
    assert!(!toml.what.is_empty());
    assert!(read(Format::Json, "[1]").is_err());
}

fn key() -> impl Strategy<Value = String> {
    "[a-z][a-z_-]{0,6}"
}

prop_compose! {
    /// Settings with comments, foreign keys and servers, as people write them.
    pub(crate) fn jsonc()(
        bom in any::<bool>(), crlf in any::<bool>(), indent in prop::sample::select(vec!["  ", "\t", "    "]),
        comment in "[a-z ]{0,12}", keys in prop::collection::btree_set(key(), 0..4),
        servers in prop::collection::btree_map(key(), "[a-z ]{0,8}", 0..4), trailing in any::<bool>(),
    ) -> String {
        let mut lines = vec![format!("// {comment}"), "{".to_owned()];
        lines.extend(keys.iter().map(|key| format!("{indent}\"x{key}\": [1, 2], /* {comment} */")));
        lines.push(format!("{indent}\"mcpServers\": {{"));
        let count = servers.len();
        for (index, (name, command)) in servers.iter().enumerate() {
            let comma = if index + 1 < count || trailing { "," } else { "" };
            lines.push(format!("{indent}{indent}\"{name}\": {{\"command\": \"{command}\"}}{comma} // {name}"));
        }
        lines.extend([format!("{indent}}}"), "}".to_owned(), String::new()]);
        let text = lines.join(if crlf { "\r\n" } else { "\n" });
        if bom { format!("\u{feff}{text}") } else { text }
    }
}

prop_compose! {
    pub(crate) fn tables()(
        crlf in any::<bool>(), comment in "[a-z ]{0,12}",
        servers in prop::collection::btree_map(key(), "[a-z ]{0,8}", 0..4), others in prop::collection::btree_set(key(), 0..3),
    ) -> String {
        let mut lines = vec![format!("# {comment}"), "model = 'x' # y".to_owned()];
        for (name, command) in &servers {
            lines.extend([String::new(), format!("# {name}"), format!("[mcp_servers.{name}]")]);
            lines.extend([format!("command = \"{command}\" # {comment}"), format!("[mcp_servers.{name}.env]")]);
            lines.push("A = 'b'".to_owned());
        }
        lines.extend(others.iter().map(|other| format!("[other.{other}]\na = [\n  1, # one\n]")));
        let text = lines.join("\n") + "\n";
        if crlf { text.replace('\n', "\r\n") } else { text }
    }
}

/// Adding then removing gives the same servers and loses no line of the original.
fn check(format: Format, text: &str, path: &[&str]) {
    let before = read(format, text).unwrap();
    let added = set(format, text, path, &json!({"url": "http://x", "headers": {"a": "b"}})).unwrap();
    let after = read(format, &added).unwrap();
    assert_eq!(at(&after, path).unwrap()["url"], "http://x");
    let removed = set(format, &added, path, &Value::Null).unwrap();
    assert_eq!(read(format, &removed).unwrap(), before, "{added}\n---\n{removed}");
    for line in text.lines().filter(|line| line.trim().starts_with(['/', '#', '"'])) {
        let kept = line.trim_end_matches([' ', '\r', ',']);
        let words = kept.split(" //").next().unwrap_or(kept);
        assert!(removed.contains(words.trim_end_matches(',')), "{line:?} was lost from\n{removed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn json_survives_an_entry_that_comes_and_goes(text in jsonc()) {
        check(Format::Json, &text, &["mcpServers", "Mcpproxy"]);
    }

    #[test]
    fn toml_survives_an_entry_that_comes_and_goes(text in tables()) {
        check(Format::Toml, &text, &["mcp_servers", "Mcpproxy"]);
        prop_assert_eq!(text.contains("\r\n"), {
            let added = set(Format::Toml, &text, &["mcp_servers", "Mcpproxy"], &json!({"a": 1})).unwrap();
            added.contains("\r\n") && !added.replace("\r\n", "").contains('\n')
        });
    }

    #[test]
    fn a_table_that_comes_and_goes_leaves_the_same_bytes(text in tables()) {
        let path = ["mcp_servers", "Mcpproxy"];
        let added = set(Format::Toml, &text, &path, &json!({"a": 1})).unwrap();
        prop_assert_eq!(set(Format::Toml, &added, &path, &Value::Null).unwrap(), text);
    }

    #[test]
    fn removing_each_server_in_turn_leaves_the_others(text in tables()) {
        let before = read(Format::Toml, &text).unwrap();
        let Some(Value::Object(servers)) = before.get("mcp_servers") else { return Ok(()) };
        for name in servers.keys() {
            let changed = set(Format::Toml, &text, &["mcp_servers", name], &Value::Null).unwrap();
            let after = read(Format::Toml, &changed).unwrap();
            let mut wanted = servers.clone();
            wanted.shift_remove(name);
            let rest = after.get("mcp_servers").and_then(Value::as_object).cloned().unwrap_or_default();
            prop_assert_eq!(rest, wanted);
            prop_assert_eq!(after.get("other"), before.get("other"));
        }
    }
}

const GOOSE: &str = "# mine\nGOOSE_MODEL: large\nextensions:\n  developer: # built in\n    type: builtin\n    enabled: \
                     true\n\n  # the time\n  time:\n    type: stdio\n    cmd: uvx\n    args:\n    - mcp-server-time\n\n# \
                     the end\nOTHER: |\n  text\n  more\n";

fn yaml(text: &str, path: &[&str], value: &Value) -> String {
    set(Format::Yaml, text, path, value).unwrap()
}

#[test]
fn a_yaml_map_gets_and_loses_an_entry_and_keeps_every_other_line() {
    let path = ["extensions", "mcpproxy"];
    let added =
        yaml(GOOSE, &path, &json!({"uri": "http://x", "headers": {"X-API-Key": "a: b"}, "timeout": 300}));
    let block =
        "  mcpproxy:\n    uri: \"http://x\"\n    headers:\n      X-API-Key: \"a: b\"\n    timeout: 300\n";
    assert_eq!(added, GOOSE.replace("- mcp-server-time\n", &format!("- mcp-server-time\n{block}")));
    assert_eq!(yaml(&added, &path, &Value::Null), GOOSE);
    let without = yaml(GOOSE, &["extensions", "developer"], &Value::Null);
    assert_eq!(without, GOOSE.replace("  developer: # built in\n    type: builtin\n    enabled: true\n", ""));
    let windows = GOOSE.replace('\n', "\r\n");
    let added = yaml(&windows, &path, &json!({"uri": "x"}));
    assert!(!added.replace("\r\n", "").contains('\n'), "{added:?}");
}

#[test]
fn a_yaml_list_with_names_gets_and_loses_an_entry() {
    let text = "name: mine\nmcpServers:\n  - name: time\n    command: uvx\n    args: [mcp-server-time]\n  # last\n  - \
                command: x\n    name: x\nmodels: []\n";
    let path = ["mcpServers", "mcpproxy"];
    let added = yaml(text, &path, &json!({"name": "mcpproxy", "url": "u"}));
    assert_eq!(added, text.replace("    name: x\n", "    name: x\n  - name: \"mcpproxy\"\n    url: \"u\"\n"));
    assert_eq!(yaml(&added, &path, &Value::Null), text);
    let without = yaml(text, &["mcpServers", "time"], &Value::Null);
    assert!(!without.contains("uvx") && without.contains("# last\n  - command: x"), "{without}");
}

#[test]
fn yaml_without_the_key_gets_it_and_odd_forms_are_refused() {
    for text in ["", "# only a comment\n", "a: 1", "a: 1\nextensions:\n", "extensions: {}\nb: 2\n"] {
        let added = yaml(text, &["extensions", "mcpproxy"], &json!({"uri": "u"}));
        assert_eq!(read(Format::Yaml, &added).unwrap()["extensions"]["mcpproxy"]["uri"], "u", "{added}");
    }
    for odd in ["extensions: {a: {cmd: x}}\n", "{a: 1}\n", "a: 1\n---\nb: 2\n", "- a\n", "extensions: text\n"]
    {
        assert!(set(Format::Yaml, odd, &["extensions", "mcpproxy"], &json!({"uri": "u"})).is_err(), "{odd}");
    }
    assert_eq!(read(Format::Yaml, "a: 1\nb: [1\nc: 2\n").unwrap_err().line, 3);
}

#[test]
fn a_text_that_goes_deeper_than_any_settings_is_refused() {
    let deep = |depth: usize| format!("a: {}{}", "[".repeat(depth), "]".repeat(depth));
    for (format, text) in [
        (Format::Yaml, deep(100_000)),
        (Format::Yaml, (0..3_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect()),
        (Format::Json, format!("{{\"a\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000))),
        (Format::Toml, format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000))),
    ] {
        assert!(read(format, &text).is_err(), "{format:?}");
    }
    let deepest: String = (0..198).map(|depth| format!("{0}a:\n{0}- \n", " ".repeat(depth))).collect();
    assert!(read(Format::Yaml, &format!("{deepest}{}{}", " ".repeat(198), deep(199))).is_ok());
}
