use std::time::Duration;

use super::*;
use crate::{CaCertificates, Document, Mistake, Protocol, RoutingMode, Transport, WarningKind, known};

fn config(text: &str) -> Config {
    let home = Path::new("/home/me");
    Document::parse_with_home(text, Some(home)).unwrap_or_else(|error| panic!("{error}")).config().clone()
}

fn errors(text: &str) -> Vec<String> {
    Document::check(text).unwrap_err().iter().map(ToString::to_string).collect()
}

fn mistake(text: &str) -> Mistake {
    match Document::check(text).unwrap_err().swap_remove(0) {
        ConfigError::Invalid(mistake) => *mistake,
        other => panic!("{other}"),
    }
}

fn warnings(text: &str) -> Vec<(WarningKind, String)> {
    let warnings = Document::check(text).unwrap_or_else(|errors| panic!("{}", errors[0]));
    warnings.into_iter().map(|warning| (warning.kind, warning.key)).collect()
}

#[test]
fn an_empty_file_means_the_defaults() {
    for text in ["", "  \n", "// nothing yet\n", "\u{feff}", "{}", "{\n}\n"] {
        assert_eq!(config(text), Config::default(), "{text:?}");
    }
    let config = Config::default();
    assert_eq!(config.listen, "127.0.0.1:8080");
    assert!(!config.isolation.enabled);
    assert_eq!(config.isolation.default_images["uvx"], "python:3.11");
    assert_eq!(config.isolation.default_images.len(), 19);
}

#[test]
fn comments_trailing_commas_and_a_byte_order_mark_are_fine() {
    let config =
        config("\u{feff}{ // c\n \"tools_limit\": 3, /* x */\n \"trusted_hosts\": [\"a\", \"b\",], }");
    assert_eq!(config.tools_limit, 3);
    assert_eq!(config.trusted_hosts, ["a", "b"]);
}

#[test]
fn the_documented_example_reads_as_documented() {
    let config = config(
        r#"{
          "docker_isolation": {
            "enabled": true, "memory_limit": "512m", "cpu_limit": "1.0", "timeout": "60s",
            "network_mode": "bridge", "registry": "docker.io",
            "default_images": { "uvx": "python:3.12", "deno": "denoland/deno" }, "extra_args": []
          },
          "mcpServers": [
            { "name": "custom", "command": "python", "args": ["-m", "my_server"], "enabled": true,
              "isolation": { "enabled": true, "image": "my:latest", "network_mode": "none", "working_dir": "/app",
                             "memory_limit": "1g", "cpu_limit": "2.0", "volumes": ["/a:/b:ro"],
                             "extra_args": ["--cap-drop=ALL"] } },
            { "name": "open", "command": "python", "isolation": { "enabled": false }, "enabled": true }
          ]
        }"#,
    );
    assert!(config.isolation.enabled);
    assert_eq!(config.isolation.timeout, Duration::from_secs(60));
    assert_eq!(config.isolation.default_images["uvx"], "python:3.12");
    assert_eq!(config.isolation.default_images["npx"], "node:20");
    assert_eq!(config.isolation.default_images["deno"], "denoland/deno");
    let custom = &config.servers["custom"];
    assert_eq!(custom.isolation.memory_limit.as_deref(), Some("1g"));
    assert_eq!(custom.isolation.volumes, ["/a:/b:ro"]);
    assert_eq!(config.servers["open"].isolation.enabled, Some(false));
}

#[test]
fn servers_may_be_a_map_with_other_clients_words() {
    let config = config(
        r#"{ "mcpServers": {
            "fs": { "command": "npx", "args": ["-y", "x"], "disabled": true, "cwd": "/w" },
            "remote": { "type": "sse", "url": "https://x/sse", "headers": { "A": "b" } },
            "windsurf": { "serverUrl": "https://y" }
        } }"#,
    );
    assert_eq!(config.servers.keys().collect::<Vec<_>>(), ["fs", "remote", "windsurf"]);
    assert!(!config.servers["fs"].enabled && config.servers["remote"].enabled);
    assert_eq!(config.servers["fs"].working_dir.as_deref(), Some(Path::new("/w")));
    assert_eq!(config.servers["remote"].transport(), Transport::Remote { sse: true });
    assert_eq!(config.servers["windsurf"].transport(), Transport::Remote { sse: false });
    assert_eq!(warnings(r#"{"mcpServers": {"a": {"command": "x"}}}"#), []);
}

#[test]
fn a_syntax_error_has_its_line_and_column_and_says_what_is_missing() {
    for (text, expected) in [
        ("{\n  \"a\": [1, 2\n", "line 2, column 8: a closing bracket ] is missing"),
        ("{\n  \"a\": 1", "line 1, column 1: a closing brace } is missing"),
        ("{\"a\": 1 \"b\": 2}", "line 1, column 8: a comma is missing"),
        ("{\"ä\" 1}", "line 1, column 6: a colon is missing after the key"),
        ("{'a': 1}", "line 1, column 2: text stands in double quotes, not single ones"),
        ("{} {}", "line 1, column 4: something follows after the end of the configuration"),
        (
            "{\"a\": }",
            "line 1, column 7: this closing brace } does not belong here, or a value is missing before it",
        ),
    ] {
        let error = Document::parse(text).unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), ("config_syntax", expected), "{text}");
    }
}

#[test]
fn a_wrong_size_is_named_with_server_place_and_suggestion() {
    let text = "{\"mcpServers\": [\n  {\"name\": \"github\", \"command\": \"npx\", \"enabled\": true,\n   \
                \"isolation\": {\"memory_limit\": \"512 megabytes\"}}\n]}";
    let mistake = mistake(text);
    assert_eq!(mistake.suggestion.as_deref(), Some("512m"));
    assert_eq!(mistake.at.map(|at| (at.line, at.column)), Some((3, 34)));
    assert_eq!(
        mistake.to_string(),
        "line 3, column 34: github: isolation.memory_limit 512 megabytes cannot be used. \
         It takes a size such as 512m or 1g. Write 512m."
    );
}

#[test]
fn a_bare_number_is_no_duration() {
    let mistake = mistake(r#"{"call_tool_timeout": 30}"#);
    assert_eq!(mistake.suggestion.as_deref(), Some("\"30s\""));
    assert_eq!(super::tests::mistake(r#"{"call_tool_timeout": "30"}"#).suggestion.as_deref(), Some("30s"));
    assert!(errors(r#"{"init_timeout": "2h"}"#)[0].contains("a time from 1s to 30m"));
    assert_eq!(config(r#"{"call_tool_timeout": "1h30m"}"#).call_tool_timeout, Duration::from_secs(5400));
}

#[test]
fn every_typed_key_refuses_the_wrong_type() {
    let top = [
        "listen",
        "data_dir",
        "api_key",
        "require_mcp_auth",
        "trusted_hosts",
        "mcpServers",
        "docker_isolation",
    ];
    let more = [
        "logging",
        "routing_mode",
        "tools_limit",
        "tool_response_limit",
        "call_tool_timeout",
        "init_timeout",
        "activity_retention_days",
        "activity_max_records",
        "activity_max_size_mb",
        "activity_max_response_size",
        "activity_cleanup_interval_min",
        "telemetry",
    ];
    for key in top.iter().chain(&more) {
        let wrong = if ["docker_isolation", "logging", "telemetry"].contains(key) { "[]" } else { "[{}]" };
        assert_eq!(
            mistake(&format!(r#"{{"{key}": {wrong}}}"#)).key.split(['.', '[']).next(),
            Some(*key),
            "{key}"
        );
    }
    for key in known::ISOLATION.read {
        let text = format!(r#"{{"docker_isolation": {{"{key}": [[]]}}}}"#);
        assert!(mistake(&text).key.starts_with(&format!("docker_isolation.{key}")), "{key}");
    }
    for key in known::SERVER_ISOLATION.read {
        let text =
            format!(r#"{{"mcpServers": {{"s": {{"command": "x", "isolation": {{"{key}": [[]]}}}}}}}}"#);
        let mistake = mistake(&text);
        assert!(mistake.key.starts_with(&format!("isolation.{key}")), "{key}");
        assert_eq!(mistake.server.as_deref(), Some("s"));
    }
}

#[test]
fn what_is_kept_of_activity_has_documented_defaults_and_telemetry_is_off() {
    let quiet = config("{}");
    let kept = quiet.activity;
    assert_eq!((kept.retention_days, kept.max_records, kept.max_size_mb), (90, 100_000, 256));
    assert_eq!((kept.max_response_size, kept.cleanup_interval_min), (65_536, 60));
    assert!(!quiet.telemetry && !config(r#"{"telemetry": {"anonymous_id": "x"}}"#).telemetry);
    let told =
        config(r#"{"activity_max_records": 10, "telemetry": {"enabled": true, "notice_shown": true}}"#);
    assert_eq!((told.activity.max_records, told.telemetry), (10, true));
}

#[test]
fn several_mistakes_are_found_at_once() {
    assert_eq!(errors(r#"{"tools_limit": 0, "listen": "x", "logging": {"level": "loud"}}"#).len(), 3);
}

#[test]
fn values_of_secrets_never_stand_in_an_error() {
    for text in [
        r#"{"api_key": ["hunter2"]}"#,
        r#"{"api_key": 4815162342}"#,
        r#"{"mcpServers": {"s": {"command": "x", "env": {"TOKEN": ["hunter2"]}}}}"#,
        r#"{"mcpServers": {"s": {"command": "x", "headers": "hunter2"}}}"#,
        r#"{"keys": [{"name": "a", "key": 4815162342}]}"#,
    ] {
        let text = errors(text).concat();
        assert!(!text.contains("hunter2") && !text.contains("4815162342"), "{text}");
    }
}

#[test]
fn names_may_have_a_slash_but_no_colon_and_only_once() {
    assert!(config(r#"{"mcpServers": {"org/server": {"command": "x"}}}"#).servers.contains_key("org/server"));
    for name in ["a:b", "", " a", "a\\n", ".."] {
        let text = format!(r#"{{"mcpServers": [{{"name": "{name}", "command": "x", "enabled": true}}]}}"#);
        assert_eq!(mistake(&text).key, "name", "{name:?}");
    }
    let twice = r#"{"mcpServers": [{"name": "a", "command": "x"}, {"name": "a", "command": "y"}]}"#;
    assert!(mistake(twice).expected.contains("no other server"));
    let twice = r#"{"mcpServers": {"a": {"command": "x"}, "a": {"command": "y"}}}"#;
    assert!(mistake(twice).expected.contains("no other server"));
    assert_eq!(mistake(r#"{"mcpServers": [{"command": "x"}]}"#).key, "mcpServers[0].name");
}

#[test]
fn a_key_that_stands_twice_is_an_error() {
    assert!(mistake(r#"{"listen": ":1", "listen": ":2"}"#).expected.contains("only once"));
}

#[test]
fn command_url_and_protocol_have_to_fit() {
    for (entry, key) in [
        (r#"{}"#, "command"),
        (r#"{"protocol": "stdio", "url": "http://x"}"#, "protocol"),
        (r#"{"protocol": "http", "command": "x"}"#, "protocol"),
        (r#"{"protocol": "carrier-pigeon", "command": "x"}"#, "protocol"),
        (r#"{"url": "example.com"}"#, "url"),
    ] {
        assert_eq!(mistake(&format!(r#"{{"mcpServers": {{"s": {entry}}}}}"#)).key, key, "{entry}");
    }
    let both = r#"{"mcpServers": {"s": {"command": "x", "url": "http://y"}}}"#;
    assert_eq!(config(both).servers["s"].transport(), Transport::Process);
    let launched = r#"{"mcpServers": {"s": {"command": "x", "url": "http://y", "protocol": "http"}}}"#;
    assert_eq!(config(launched).servers["s"].protocol, Protocol::Http);
    assert_eq!(warnings(launched), [(WarningKind::CommandUnused, "command".to_owned())]);
    assert!(config(r#"{"mcpServers": {"s": {"url": "${env:URL}"}}}"#).servers["s"].url.is_some());
}

#[test]
fn enabled_absent_means_on_and_is_said() {
    let text = r#"{"mcpServers": [{"name": "a", "command": "x"}]}"#;
    assert!(config(text).servers["a"].enabled);
    assert_eq!(warnings(text), [(WarningKind::EnabledAbsent, "enabled".to_owned())]);
}

#[test]
fn absent_null_and_false_are_three_things() {
    let isolation = |text: &str| {
        config(&format!(r#"{{"mcpServers": {{"s": {{"command": "x", {text} "env": null}}}}}}"#)).servers["s"]
            .clone()
    };
    assert_eq!(isolation("").isolation.enabled, None);
    assert_eq!(isolation(r#""isolation": {"enabled": null},"#).isolation.enabled, None);
    assert_eq!(isolation(r#""isolation": {"enabled": false},"#).isolation.enabled, Some(false));
    assert_eq!(isolation(r#""quarantined": false,"#).quarantined, Some(false));
    assert_eq!(isolation("").quarantined, None);
}

#[test]
fn unknown_keys_are_said_and_known_ones_of_others_are_not() {
    let text = r#"{"telemetry": {"enabled": false}, "top_k": 5, "tols_limit": 3, "profiles": [],
                   "mcpServers": {"s": {"command": "x", "oauth": {}, "colour": "red"}}}"#;
    let found = warnings(text);
    assert_eq!(
        found,
        [
            (WarningKind::DeprecatedKey, "top_k".to_owned()),
            (WarningKind::UnknownKey, "tols_limit".to_owned()),
            (WarningKind::UnknownKey, "colour".to_owned()),
        ]
    );
    let server = &config(text).servers["s"];
    assert_eq!(server.extra.keys().collect::<Vec<_>>(), ["oauth", "colour"]);
}

#[test]
fn numbers_in_env_are_taken_as_text_and_said() {
    let text = r#"{"mcpServers": {"s": {"command": "x", "env": {"PORT": 8080, "DEBUG": true}}}}"#;
    assert_eq!(config(text).servers["s"].env["PORT"], "8080");
    assert_eq!(warnings(text)[0], (WarningKind::TakenAsText, "env.PORT".to_owned()));
}

#[test]
fn the_home_folder_is_put_in_for_a_tilde() {
    let config = config(
        r#"{"data_dir": "~/x", "logging": {"log_dir": "~"}, "docker_isolation": {"ca_certificates": "~/ca.pem"}}"#,
    );
    assert_eq!(config.data_dir.as_deref(), Some(Path::new("/home/me/x")));
    assert_eq!(config.logging.log_dir.as_deref(), Some(Path::new("/home/me")));
    assert_eq!(config.isolation.ca_certificates, CaCertificates::Path("/home/me/ca.pem".into()));
}

#[test]
fn mode_stands_above_enabled() {
    assert!(config(r#"{"docker_isolation": {"mode": "docker"}}"#).isolation.enabled);
    assert!(!config(r#"{"docker_isolation": {"mode": "none", "enabled": true}}"#).isolation.enabled);
    let sandbox = r#"{"docker_isolation": {"mode": "sandbox", "enabled": true}}"#;
    assert!(config(sandbox).isolation.enabled);
    assert_eq!(warnings(sandbox)[0].0, WarningKind::ModeUnavailable);
}

#[test]
fn the_listening_address_is_checked() {
    for good in [":8080", "127.0.0.1:0", "[::1]:8080", "localhost:65535"] {
        assert_eq!(config(&format!(r#"{{"listen": "{good}"}}"#)).listen, good);
    }
    for bad in ["8080", "localhost", "::1:8080", "127.0.0.1:99999", "http://x:80"] {
        assert_eq!(mistake(&format!(r#"{{"listen": "{bad}"}}"#)).key, "listen", "{bad}");
    }
    assert_eq!(mistake(r#"{"listen": "8080"}"#).suggestion.as_deref(), Some("127.0.0.1:8080"));
}

#[test]
fn routing_is_automatic_unless_a_mode_is_written() {
    assert_eq!(config("{}").routing_mode, None);
    assert_eq!(config(r#"{"routing_mode": "auto"}"#).routing_mode, None);
    assert_eq!(config(r#"{"routing_mode": "direct"}"#).routing_mode, Some(RoutingMode::Direct));
}

#[test]
fn a_quantity_with_a_reference_is_checked_later() {
    let text = r#"{"mcpServers": {"s": {"command": "x", "isolation": {"memory_limit": "${env:MEMORY}"}}}}"#;
    assert_eq!(config(text).servers["s"].isolation.memory_limit.as_deref(), Some("${env:MEMORY}"));
}

#[test]
fn brackets_without_end_are_an_error_and_no_overflow() {
    assert_eq!(Document::parse(&"[".repeat(200_000)).unwrap_err().code(), "config_syntax");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in r#"[\[\]{}:,"a-c0-9 \n/*.-]{0,60}"#) {
        let _ = Document::check(&text);
    }
}
