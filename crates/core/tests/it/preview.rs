//! What is shown before it is done: changes, pasted texts, protection; and settings and removals that are done.

use mcpproxy_core::{Command, Placement, Protection};
use serde_json::{Value, json};

use crate::home::Home;

fn config(home: &Home) -> Value {
    json!({
        "api_key": "k".repeat(64),
        "docker_isolation": {"enabled": true},
        "mcpServers": [
            {"name": "small", "command": "python3", "args": [home.script()], "enabled": false, "note": "mine"},
            {"name": "open", "command": "python3", "args": [home.script()], "enabled": false,
             "isolation": {"enabled": false}},
            {"name": "far", "url": "http://127.0.0.1:1/mcp", "enabled": false},
        ],
    })
}

fn text(home: &Home) -> String {
    std::fs::read_to_string(home.config_path()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_previewed_without_a_byte_written() {
    let home = Home::new();
    home.write(&config(&home));
    let core = home.start().await;
    let before = text(&home);
    let off = core.preview_change("small", json!({"isolation": {"memory_limit": "1g"}})).await.unwrap();
    assert!(!off.restarts && off.applies_at_once, "it is turned off");
    let patch = json!({"enabled": true, "isolation": {"enabled": false}});
    let out = core.preview_change("small", patch).await.unwrap();
    assert_eq!((out.before.placement, out.after.placement), (Placement::Container, Placement::Host));
    assert!(out.restarts && !out.applies_at_once);
    let refused = core.preview_change("small", json!({"isolation": {"volumes": ["/:/x"]}})).await.unwrap();
    assert_eq!(refused.before.refusal, None);
    assert!(refused.after.refusal.is_some(), "{refused:#?}");
    let wrong =
        core.preview_change("small", json!({"isolation": {"memory_limit": "lots"}})).await.unwrap_err();
    assert!(wrong.to_string().contains("lots"), "{wrong}");
    assert_eq!(core.preview_change("none", json!({})).await.unwrap_err().code(), "unknown_server");
    assert_eq!(text(&home), before);
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_text_is_explained_and_can_be_added_as_it_is() {
    let home = Home::new();
    home.write(&config(&home));
    let core = home.start().await;
    let before = text(&home);
    let parsed = core.parse("claude mcp add small -- npx -y @modelcontextprotocol/server-memory").await;
    let server = &parsed.servers[0];
    assert_eq!(server.name, "small-2", "the name is in use");
    let explanation = server.explanation.as_ref().unwrap();
    assert_eq!(explanation.placement, Placement::Container);
    assert!(explanation.sentences.iter().any(|line| line.key == "explain-files-none"), "{explanation:#?}");
    let wrong = core.parse(r#"{"mcpServers": {"a": {"command": "docker", "args": 3}}}"#).await;
    assert_eq!(wrong.servers.len(), 1);
    assert_eq!(core.parse("{\"mcpServers\": {").await.problems[0].code, "paste_json");
    assert_eq!(text(&home), before);
    let mut entry = server.entry.clone();
    entry["enabled"] = json!(false);
    core.command(Command::Add { server: entry }).await.unwrap();
    assert_eq!(core.config().servers["small-2"].command.as_deref(), Some("npx"));
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn protection_counts_every_server_once_and_says_how_to_close_what_is_open() {
    let home = Home::new();
    let mut config = config(&home);
    for server in config["mcpServers"].as_array_mut().unwrap() {
        server["enabled"] = json!(true);
    }
    home.write(&config);
    let core = home.start().await;
    let servers = core.security().await;
    let seen: Vec<Protection> = servers.iter().map(|server| server.protection).collect();
    assert_eq!(seen, [Protection::Isolated, Protection::Unprotected, Protection::Elsewhere]);
    let network = servers[0].weaknesses.iter().find(|weakness| weakness.code == "network_bridge").unwrap();
    let patch = network.close.clone().unwrap();
    core.command(Command::Change { name: "small".into(), patch }).await.unwrap();
    core.command(Command::Change {
        name: "open".into(),
        patch: servers[1].weaknesses[0].close.clone().unwrap(),
    })
    .await
    .unwrap();
    let servers = core.security().await;
    assert!(servers[0].weaknesses.iter().all(|weakness| weakness.code != "network_bridge"));
    assert_eq!(servers[1].protection, Protection::Isolated);
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_written_in_one_go_or_not_at_all() {
    let home = Home::new();
    home.write(&config(&home));
    let core = home.start().await;
    let before = text(&home);
    for patch in [
        json!({"docker_isolation": {"memory_limit": "1g"}, "api_key": "stolen"}),
        json!({"docker_isolation": {"memory_limit": "1g", "cpu_limit": "many"}}),
    ] {
        core.command(Command::Settings { patch }).await.unwrap_err();
        assert_eq!(text(&home), before);
    }
    let patch = json!({"docker_isolation": {"memory_limit": "1g"}, "listen": "127.0.0.1:9", "routing_mode": "direct"});
    let outcome = core.command(Command::Settings { patch }).await.unwrap();
    assert_eq!((outcome.edits.len(), outcome.needs_restart), (3, vec!["listen"]));
    assert_eq!(outcome.affected, ["small"], "only what runs in a container has a limit");
    assert_eq!(core.config().isolation.memory_limit, "1g");
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_is_undone_with_everything_that_stood_in_the_entry() {
    let home = Home::new();
    home.write(&config(&home));
    let core = home.start().await;
    assert_eq!(core.command(Command::UndoRemove { name: None }).await.unwrap_err().code(), "nothing_to_undo");
    core.command(Command::Remove { name: "small".into() }).await.unwrap();
    core.command(Command::Remove { name: "far".into() }).await.unwrap();
    core.command(Command::UndoRemove { name: Some("small".into()) }).await.unwrap();
    core.command(Command::UndoRemove { name: None }).await.unwrap();
    let config = core.config();
    assert_eq!(config.servers.keys().collect::<Vec<_>>(), ["open", "small", "far"]);
    assert_eq!(config.servers["small"].extra["note"], "mine");
    assert!(!config.servers["small"].enabled);
    assert_eq!(core.command(Command::UndoRemove { name: None }).await.unwrap_err().code(), "nothing_to_undo");
    core.shutdown().await;
}
