//! Pause, exemptions, previews, settings and wishes, as a window or a script asks for them.

use crate::house::{Answer, House, KEY};
use http::StatusCode;
use mcpproxy_core::Wish;
use serde_json::{Value, json};

async fn ask(house: &House, method: &str, path: &str, body: &Value) -> Answer {
    let fields = [("x-api-key", KEY), ("content-type", "application/json")];
    house.send(method, path, &fields, &body.to_string()).await
}

async fn add(house: &House, entry: Value) {
    assert_eq!(ask(house, "POST", "/api/v1/servers", &entry).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_told_in_status_and_ends_with_its_resume() {
    let house = House::open().await;
    assert_eq!(house.get("/api/v1/status").await.data()["paused"], json!(null));
    let paused = ask(&house, "POST", "/api/v1/pause?wait=20", &json!({})).await.data();
    assert_eq!((&paused["changed"], &paused["paused"]["settled"]), (&json!(true), &json!(true)));
    assert_eq!(house.get("/api/v1/status").await.data()["paused"], paused["paused"]);
    let again = ask(&house, "POST", "/api/v1/pause", &json!({})).await.data();
    assert_eq!((&again["changed"], &again["paused"]["since"]), (&json!(false), &paused["paused"]["since"]));
    let resumed = ask(&house, "POST", "/api/v1/resume", &json!({})).await.data();
    assert_eq!(resumed, json!({"paused": null, "changed": true}));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_without_a_window_is_refused_and_with_one_is_heard() {
    let house = House::open().await;
    let body = json!({"wish": "open-logs"});
    let nobody = ask(&house, "POST", "/api/v1/wish", &body).await;
    assert_eq!((nobody.status, nobody.json()["code"].clone()), (StatusCode::CONFLICT, json!("no_window")));
    let mut window = house.core.wishes();
    assert_eq!(ask(&house, "POST", "/api/v1/wish", &body).await.data(), body);
    assert_eq!(window.recv().await.unwrap(), Wish::OpenLogs);
    let unknown = ask(&house, "POST", "/api/v1/wish", &json!({"wish": "dance"})).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn isolation_ends_for_a_while_until_quit_or_until_it_is_turned_on() {
    let house = House::open().await;
    ask(&house, "PATCH", "/api/v1/config", &json!({"docker_isolation": {"enabled": true}})).await.data();
    add(&house, json!({"name": "x", "command": "npx", "args": ["y"], "enabled": false})).await;
    let path = "/api/v1/servers/x/isolation";
    let shown = async || house.get("/api/v1/servers/x").await.data();
    ask(&house, "POST", path, &json!({"enabled": false, "for_seconds": 3600})).await.data();
    let server = shown().await;
    assert!(server["unprotected_until"].is_string() && server["placement"] == "host", "{server}");
    assert_eq!(server["isolation"], json!(null), "its entry says nothing of it");
    ask(&house, "POST", path, &json!({"enabled": false, "until_quit": true})).await.data();
    let server = shown().await;
    assert_eq!(
        (&server["unprotected_until_quit"], &server["unprotected_until"]),
        (&json!(true), &json!(null))
    );
    ask(&house, "POST", path, &json!({"enabled": true})).await.data();
    let server = shown().await;
    assert_eq!(
        (&server["unprotected_until_quit"], &server["placement"]),
        (&json!(false), &json!("container"))
    );
    for body in [
        json!({"enabled": true, "for_seconds": 60}),
        json!({"enabled": false, "for_seconds": 60, "until_quit": true}),
        json!({"enabled": false, "for_seconds": 0}),
    ] {
        assert_eq!(ask(&house, "POST", path, &body).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    ask(&house, "POST", path, &json!({"enabled": false})).await.data();
    assert_eq!(shown().await["isolation"]["enabled"], false, "until it is turned on stands in the file");
    let twice = ask(&house, "POST", path, &json!({"enabled": false, "for_seconds": 60})).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_the_lines_that_come_and_go() {
    let house = House::open().await;
    ask(&house, "PATCH", "/api/v1/config", &json!({"docker_isolation": {"enabled": true}})).await.data();
    let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    add(
        &house,
        json!({"name": "x", "command": "npx", "args": ["y"], "env": {"TOKEN": token}, "enabled": false}),
    )
    .await;
    let before = std::fs::read_to_string(house.core.paths().config.clone()).unwrap();
    let masked = house.get("/api/v1/servers/x").await.data()["env"]["TOKEN"].clone();
    let patch = json!({"isolation": {"network_mode": "none"}, "env": {"TOKEN": masked}});
    let preview = ask(&house, "POST", "/api/v1/servers/x/preview", &json!({"patch": patch})).await.data();
    assert_eq!(preview["added"].as_array().unwrap().len(), 1, "{preview}");
    assert_eq!(preview["added"][0]["key"], "explain-network-none");
    assert_eq!(preview["removed"][0]["key"], "explain-network-bridge");
    assert_eq!((&preview["restarts"], &preview["applies_at_once"]), (&json!(false), &json!(true)));
    assert!(!preview.to_string().contains(token));
    let wrong = ask(&house, "POST", "/api/v1/servers/x/preview", &json!({"patch": [1]})).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let missing = ask(&house, "POST", "/api/v1/servers/none/preview", &json!({"patch": {}})).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(std::fs::read_to_string(house.core.paths().config.clone()).unwrap(), before);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_text_becomes_an_entry_that_can_be_posted() {
    let house = House::open().await;
    let text = "claude mcp add gh -e MODE=fast -- npx -y server-github";
    let parsed = ask(&house, "POST", "/api/v1/servers/parse", &json!({"text": text})).await.data();
    let server = &parsed["servers"][0];
    assert_eq!((&parsed["kind"], &server["name"]), (&json!("command"), &json!("gh")));
    let mut entry = server["entry"].clone();
    entry["enabled"] = json!(false);
    add(&house, entry).await;
    assert_eq!(house.get("/api/v1/servers/gh").await.data()["args"], json!(["-y", "server-github"]));
    let broken = ask(&house, "POST", "/api/v1/servers/parse", &json!({"text": "{\n \"a\": {]"})).await.data();
    let problem = &broken["problems"][0];
    assert_eq!((&problem["code"], &problem["line"]), (&json!("paste_json"), &json!(2)));
    assert!(problem["message"].as_str().unwrap().len() > 10, "{problem}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_is_undone_once() {
    let house = House::open().await;
    add(&house, json!({"name": "x", "command": "npx", "enabled": false})).await;
    let path = "/api/v1/servers/undo_remove";
    assert_eq!(ask(&house, "POST", path, &json!({})).await.status, StatusCode::CONFLICT);
    ask(&house, "DELETE", "/api/v1/servers/x", &json!({})).await.data();
    assert_eq!(ask(&house, "POST", path, &json!({"name": "x"})).await.data()["server"], "x");
    assert_eq!(house.get("/api/v1/servers/x").await.data()["enabled"], false);
    assert_eq!(ask(&house, "POST", path, &json!({"name": "x"})).await.status, StatusCode::CONFLICT);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_security_answer_in_their_shapes() {
    let house = House::open().await;
    let refused = ask(&house, "PATCH", "/api/v1/config", &json!({"api_key": "mine"})).await;
    assert_eq!(
        (refused.status, refused.json()["code"].clone()),
        (StatusCode::BAD_REQUEST, json!("not_a_setting"))
    );
    let patch = json!({"listen": "127.0.0.1:1", "docker_isolation": {"enabled": true}});
    let outcome = ask(&house, "PATCH", "/api/v1/config", &patch).await.data();
    assert_eq!(outcome["changed"], json!(["listen", "docker_isolation.enabled"]));
    assert_eq!(outcome["needs_restart"], json!(["listen"]));
    add(&house, json!({"name": "open", "command": "npx", "isolation": {"enabled": false}, "enabled": false}))
        .await;
    let security = house.get("/api/v1/security").await.data();
    let open =
        security["servers"].as_array().unwrap().iter().find(|server| server["server"] == "open").unwrap();
    assert_eq!((&open["protection"], &open["weaknesses"][0]["code"]), (&json!("off"), &json!("unprotected")));
    assert_eq!(open["weaknesses"][0]["close"], json!({"isolation": {"enabled": true}}));
    house.close().await;
}
