//! Isolation that is off for a while, with real containers.

use std::time::Duration;

use mcpproxy_core::{Command, Placement, ServerState, Span, Unprotected};
use serde_json::{Value, json};

use crate::home::{Home, engine_is_wanted, ready, wait, whoami};

fn config(home: &Home) -> Value {
    json!({
        "api_key": "k".repeat(64),
        "docker_isolation": {"enabled": true},
        "mcpServers": [{"name": "small", "command": "python3", "args": [home.script()], "enabled": true}],
    })
}

fn seconds(seconds: u64) -> Command {
    Command::Unprotect { name: "small".into(), span: Span::For(Duration::from_secs(seconds)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_comes_back_into_its_container_by_itself_when_its_time_is_over() {
    if !engine_is_wanted() {
        return;
    }
    let home = Home::new();
    home.write(&config(&home));
    let before = std::fs::read_to_string(home.config_path()).unwrap();
    let core = home.start().await;
    ready(&core, "small").await;
    let revision = core.snapshot().revision;
    core.command(seconds(8)).await.unwrap();
    let outside = wait(&core, "outside", |snapshot| {
        let small = &snapshot.servers["small"];
        small.placement == Placement::Host && small.state == ServerState::Ready
    })
    .await;
    assert!(matches!(outside.servers["small"].unprotected, Some(Unprotected::Until(_))));
    assert_eq!(whoami(&core, "small").await["container"], false);
    assert_eq!(core.explain("small").await.unwrap().placement, Placement::Host, "what is said is what runs");
    wait(&core, "inside again", |snapshot| {
        let small = &snapshot.servers["small"];
        small.placement == Placement::Container
            && small.state == ServerState::Ready
            && small.unprotected.is_none()
    })
    .await;
    assert_eq!(whoami(&core, "small").await["container"], true);
    let changes = core.changes(revision).unwrap();
    assert!(changes.iter().any(|change| change.kind.id() == "servers" && change.servers == ["small"]));
    assert_eq!(std::fs::read_to_string(home.config_path()).unwrap(), before, "the configuration kept it on");
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_an_hour_and_forgets_what_was_until_quit() {
    if !engine_is_wanted() {
        return;
    }
    let home = Home::new();
    home.write(&config(&home));
    let core = home.start().await;
    core.command(seconds(3600)).await.unwrap();
    core.shutdown().await;
    let core = home.start().await;
    assert_eq!(ready(&core, "small").await.placement, Placement::Host);
    core.command(Command::Isolate { name: "small".into(), on: true }).await.unwrap();
    wait(&core, "inside", |snapshot| snapshot.servers["small"].placement == Placement::Container).await;
    core.command(Command::Unprotect { name: "small".into(), span: Span::UntilQuit }).await.unwrap();
    assert_eq!(core.snapshot().servers["small"].unprotected, Some(Unprotected::UntilQuit));
    core.shutdown().await;
    let core = home.start().await;
    assert_eq!(core.snapshot().servers["small"].placement, Placement::Container);
    assert_eq!(core.snapshot().servers["small"].unprotected, None);
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_isolated_server_is_exempted_and_only_as_it_is() {
    let home = Home::new();
    home.write(&config(&home));
    let core = home.start().await;
    for (span, code) in [(0, "span_out_of_range"), (31 * 24 * 3600, "span_out_of_range")] {
        assert_eq!(core.command(seconds(span)).await.unwrap_err().code(), code);
    }
    core.command(seconds(60)).await.unwrap();
    assert!(core.snapshot().servers["small"].unprotected.is_some());
    let patch = json!({"args": [home.script(), "--other"]});
    core.command(Command::Change { name: "small".into(), patch }).await.unwrap();
    let view = core.snapshot().servers["small"].clone();
    assert_eq!((view.unprotected, view.placement), (None, Placement::Container), "another command has none");
    core.command(Command::IsolateAll { on: false }).await.unwrap();
    assert_eq!(core.command(seconds(60)).await.unwrap_err().code(), "already_unprotected");
    core.command(Command::Isolate { name: "small".into(), on: true }).await.unwrap();
    assert!(core.config().isolation.enabled, "the global switch went on with it");
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn isolating_again_does_not_wait_for_a_file_that_is_broken_meanwhile() {
    let home = Home::new();
    home.write(&config(&home));
    let core = home.start().await;
    core.command(seconds(60)).await.unwrap();
    assert_eq!(core.snapshot().servers["small"].placement, Placement::Host);
    std::fs::write(home.config_path(), "{ broken").unwrap();
    core.command(Command::Isolate { name: "small".into(), on: true }).await.unwrap();
    let view = core.snapshot().servers["small"].clone();
    assert_eq!((view.placement, view.unprotected), (Placement::Container, None));
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_patch_that_closes_an_exemption_isolates_again_though_the_file_says_so_already() {
    let home = Home::new();
    home.write(&config(&home));
    let core = home.start().await;
    core.command(seconds(60)).await.unwrap();
    let found = core.security().await;
    let close = found[0].weaknesses[0].close.clone().expect("a patch");
    let preview = core.preview_change("small", close.clone()).await.unwrap();
    assert_eq!((preview.after.placement, preview.restarts), (Placement::Container, true));
    core.command(Command::Change { name: "small".into(), patch: close }).await.unwrap();
    let view = core.snapshot().servers["small"].clone();
    assert_eq!((view.unprotected, view.placement), (None, Placement::Container));
    core.shutdown().await;
}
