//! Which server runs where, and which edits restart it.
use mcpproxy_config::Document;

use super::*;

fn config(text: &str) -> Config {
    Document::parse(text).unwrap().config().clone()
}

fn blueprint(config: &Config, name: &str) -> Blueprint {
    Blueprint::new(config, &config.servers[name])
}

const SERVERS: &str = r#"[
    {"name": "plain", "command": "uvx", "args": ["a"], "enabled": true},
    {"name": "opted-in", "command": "uvx", "isolation": {"enabled": true}, "enabled": true},
    {"name": "opted-out", "command": "uvx", "isolation": {"enabled": false}, "enabled": true},
    {"name": "own", "command": "/usr/bin/docker", "args": ["run"], "enabled": true},
    {"name": "tools", "command": "/opt/docker-tools/run", "enabled": true},
    {"name": "remote", "url": "http://127.0.0.1:9/mcp", "enabled": true}
]"#;

fn with_switch(on: bool) -> Config {
    config(&format!(r#"{{"docker_isolation": {{"enabled": {on}}}, "mcpServers": {SERVERS}}}"#))
}

#[test]
fn with_the_global_switch_on_everything_is_isolated_that_does_not_refuse() {
    let config = with_switch(true);
    let placements: Vec<_> =
        config.servers.values().map(|server| (server.name.as_str(), placement(&config, server))).collect();
    assert_eq!(
        placements,
        [
            ("plain", Placement::Container),
            ("opted-in", Placement::Container),
            ("opted-out", Placement::Host),
            ("own", Placement::OwnContainer),
            ("tools", Placement::Container),
            ("remote", Placement::Remote),
        ]
    );
}

#[test]
fn with_the_global_switch_off_an_own_wish_is_ignored_and_said() {
    let config = with_switch(false);
    assert_eq!(placement(&config, &config.servers["opted-in"]), Placement::Host);
    let ignored: Vec<_> = config
        .servers
        .values()
        .filter(|server| isolation_ignored(&config, server))
        .map(|s| &s.name)
        .collect();
    assert_eq!(ignored, ["opted-in"]);
    assert!(!isolation_ignored(&with_switch(true), &config.servers["opted-in"]));
}

#[test]
fn commands_that_start_containers_are_known_by_their_base_name() {
    for command in ["docker", "/usr/local/bin/podman", r"C:\bin\Docker.EXE", "nerdctl"] {
        assert!(starts_containers(command), "{command}");
    }
    for command in ["docker-compose", "/opt/docker/run", "mydocker", ""] {
        assert!(!starts_containers(command), "{command}");
    }
}

#[test]
fn an_edit_of_the_rest_of_the_file_restarts_nobody() {
    let before = with_switch(true);
    let mut after = before.clone();
    after.listen = "127.0.0.1:9999".into();
    after.servers.get_mut("own").unwrap().updated = Some("2026-01-01T00:00:00Z".into());
    for name in before.servers.keys() {
        assert_eq!(blueprint(&before, name), blueprint(&after, name), "{name}");
    }
}

#[test]
fn a_global_limit_restarts_only_those_it_holds_for() {
    let before = with_switch(true);
    let mut after = before.clone();
    after.isolation.memory_limit = "1g".into();
    after.servers.get_mut("opted-in").unwrap().isolation.memory_limit = Some("512m".into());
    let changed: Vec<_> =
        before.servers.keys().filter(|name| blueprint(&before, name) != blueprint(&after, name)).collect();
    assert_eq!(changed, ["plain", "tools"]);
}

#[test]
fn own_values_win_and_extra_args_add_up() {
    let config = config(
        r#"{"docker_isolation": {"enabled": true, "extra_args": ["--a"], "network_mode": "none", "timeout": "45s"},
            "mcpServers": [{"name": "s", "command": "x", "enabled": true,
                "isolation": {"extra_args": ["--b"], "network_mode": "host", "timeout": "90s"}}]}"#,
    );
    let blueprint = blueprint(&config, "s");
    assert_eq!(blueprint.timeout.as_secs(), 90);
    let Target::Container(_, policy) = &blueprint.target else { panic!() };
    assert_eq!(policy.extra_args, ["--a", "--b"]);
    assert_eq!(policy.network, "host");
    assert!(blueprint.needs_engine());
}

#[test]
fn the_timeout_of_host_and_remote_servers_is_the_one_of_initialize() {
    let mut config = with_switch(false);
    config.init_timeout = Duration::from_secs(77);
    config.servers.get_mut("remote").unwrap().init_timeout = Some(Duration::from_secs(5));
    assert_eq!(blueprint(&config, "plain").timeout.as_secs(), 77);
    assert_eq!(blueprint(&config, "remote").timeout.as_secs(), 5);
}

#[test]
fn how_long_a_call_may_take_restarts_nobody() {
    let before = with_switch(true);
    let mut after = before.clone();
    after.call_tool_timeout += Duration::from_secs(7);
    for name in before.servers.keys() {
        assert_eq!(blueprint(&before, name), blueprint(&after, name), "{name}");
    }
}

/// Which servers a new image under `key` restarts.
fn restarted_by(key: &str) -> Vec<String> {
    let before = config(
        r#"{"docker_isolation": {"enabled": true}, "mcpServers": [
            {"name": "py", "command": "/usr/bin/uvx", "args": ["a"], "enabled": true},
            {"name": "js", "command": "npx", "args": ["b"], "enabled": true},
            {"name": "shell", "command": "sh", "args": ["-c", "cd x && npx c"], "enabled": true},
            {"name": "unknown", "command": "/opt/tool", "enabled": true},
            {"name": "own", "command": "uvx", "isolation": {"image": "mine:1"}, "enabled": true}
        ]}"#,
    );
    let mut after = before.clone();
    after.isolation.default_images.insert(key.to_owned(), "other:1".to_owned());
    let names = before.servers.keys();
    names.filter(|name| blueprint(&before, name) != blueprint(&after, name)).cloned().collect()
}

#[test]
fn a_new_image_restarts_the_servers_of_its_runtime_only() {
    assert_eq!(restarted_by("uvx"), ["py", "unknown"]);
    assert_eq!(restarted_by("python"), ["py", "unknown"]);
    assert_eq!(restarted_by("node"), ["js", "shell", "unknown"]);
    assert_eq!(restarted_by("sh"), ["shell", "unknown"]);
    assert_eq!(restarted_by("java"), ["unknown"]);
}
