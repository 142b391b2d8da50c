use super::*;

#[test]
fn a_sentence_is_filled_with_its_fields() {
    let fields = [
        ("server", "obsidian"),
        ("seconds", "0.4"),
        ("exit_code", "1"),
        ("last_line", "No module named 'mcp'."),
    ];
    assert_eq!(
        render("exit_before_initialize", &fields),
        "obsidian stopped while starting, after 0.4 s, exit code 1. Its last words: No module named 'mcp'."
    );
}

#[test]
fn a_field_without_a_value_leads_to_the_shorter_sentence() {
    let fields = [("server", "x"), ("seconds", "2"), ("exit_code", "signal 9"), ("last_line", "")];
    assert_eq!(render("server_exited", &fields), "x stopped after 2 s, signal 9.");
    assert_eq!(render("server_exited", &[]), "The server stopped.");
    assert_eq!(render("secret_missing", &[("secret", "TOKEN")]), "TOKEN has no value.");
    assert_eq!(
        render("waiting_for_engine", &[]),
        "Waiting for Docker; it starts by itself when Docker does."
    );
}

#[test]
fn a_gap_that_no_form_avoids_shows_as_an_ellipsis() {
    assert_eq!(render("explain-files-read", &[("path", "/a")]), "It reads /a, which it sees as ….");
}

#[test]
fn numbers_choose_the_plural_and_versions_stay_as_written() {
    assert_eq!(render("state_ready", &[("tools", "0")]), "Ready, no tools.");
    assert_eq!(render("state_ready", &[("tools", "1")]), "Ready, 1 tool.");
    assert_eq!(render("state_ready", &[("tools", "26")]), "Ready, 26 tools.");
    assert_eq!(
        render("engine_too_old", &[("version", "20.10")]),
        "Engine 20.10 is too old; 20.10 or later is needed."
    );
    assert_eq!(
        render("explain-limits", &[("memory", "512m"), ("cpus", "1.0"), ("processes", "1000")]),
        "It may use 512m of memory, 1.0 processors and 1000 processes."
    );
    assert_eq!(
        render("config_syntax", &[("line", "12"), ("column", "03"), ("expected", "x")]),
        "mcp_config.json, line 12, column 03: x. The last good version stays in use."
    );
}

#[test]
fn no_direction_marks_and_no_second_evaluation() {
    let text = render("upstream_ended", &[("server", "{$x}"), ("last_line", "{ 1 } é \u{202e}")]);
    assert_eq!(text, "{$x} closed its output. Its last words: { 1 } é \u{202e}");
    assert!(!render("server_unknown", &[("server", "a")]).contains(['\u{2068}', '\u{2069}']));
}

#[test]
fn an_unknown_code_shows_as_itself() {
    assert_eq!(render("no_such_code", &[]), "no_such_code");
    assert_eq!((word("nope"), action("nope", &[]), hint("nope", &[])), ("nope".into(), "nope".into(), None));
}

#[test]
fn words_actions_and_hints_come_from_the_same_place() {
    assert_eq!(word("state_backoff"), "Retrying");
    assert_eq!(action("raise_memory", &[("limit", "1 GB")]), "Raise to 1 GB");
    assert_eq!(action("raise_memory", &[]), "Raise the limit");
    assert_eq!(hint("isolation_ignored", &[("server", "github")]).unwrap(), "mcpproxy isolate github on");
}
