//! Waiting for changes.

use crate::house::{House, LIMIT};
use http::StatusCode;
use mcpproxy_core::{ChangeKind, Command};
use serde_json::Value;
use tokio::time::{Instant, timeout};

async fn changes(house: &House, since: u64, wait: u64) -> Value {
    house.get(&format!("/api/v1/changes?since={since}&wait={wait}")).await.data()
}

async fn now(house: &House) -> u64 {
    house.get("/api/v1/changes").await.data()["revision"].as_u64().unwrap()
}

/// The newest revision once nothing changes by itself any more.
async fn quiet(house: &House) -> u64 {
    let mut revision = now(house).await;
    loop {
        let next = changes(house, revision, 1).await;
        if next["changes"].as_array().unwrap().is_empty() {
            return revision;
        }
        revision = next["revision"].as_u64().unwrap();
    }
}

#[tokio::test]
async fn a_change_answers_who_waits_and_names_what_to_read_again() {
    let house = House::open().await;
    let since = quiet(&house).await;
    let begun = Instant::now();
    let (answer, ()) = tokio::join!(changes(&house, since, 25), async {
        house.core.command(Command::Enable { name: "quiet".into(), on: true }).await.unwrap();
    });
    assert!(begun.elapsed() < LIMIT / 3, "it waited for its time to be over");
    let entries = answer["changes"].as_array().unwrap();
    assert!(!entries.is_empty());
    assert!(entries.iter().all(|entry| entry["revision"].as_u64().unwrap() > since), "{answer}");
    let mut kinds: Vec<String> = Vec::new();
    let mut revision = since;
    timeout(LIMIT, async {
        while !kinds.iter().any(|kind| kind == "state") || !kinds.iter().any(|kind| kind == "servers") {
            let answer = changes(&house, revision, 25).await;
            revision = answer["revision"].as_u64().unwrap();
            for entry in answer["changes"].as_array().unwrap() {
                if entry["servers"] == serde_json::json!(["quiet"]) {
                    kinds.push(entry["kind"].as_str().unwrap().to_owned());
                }
            }
        }
    })
    .await
    .unwrap();
    house.close().await;
}

#[tokio::test]
async fn what_is_no_part_of_a_snapshot_is_told_too() {
    let house = House::open().await;
    let since = quiet(&house).await;
    house.core.note(ChangeKind::Clients, Vec::new());
    let answer = changes(&house, since, 25).await;
    assert_eq!(answer["changes"][0]["kind"], "clients");
    house.close().await;
}

#[tokio::test]
async fn a_number_of_another_run_is_gone() {
    let house = House::open().await;
    let revision = quiet(&house).await;
    for foreign in [0, 1, revision + 100_000] {
        let answer = house.get(&format!("/api/v1/changes?since={foreign}&wait=25")).await;
        assert_eq!(answer.status, StatusCode::GONE, "{foreign}");
        assert_eq!(answer.json()["code"], "changes_too_old");
    }
    house.close().await;
}

#[tokio::test]
async fn without_a_key_nothing_is_told() {
    let house = House::open().await;
    for path in ["/api/v1/changes", "/api/v1/logs/lines"] {
        assert_eq!(house.send("GET", path, &[], "").await.status, StatusCode::UNAUTHORIZED);
    }
    house.close().await;
}
