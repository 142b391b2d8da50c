//! The browser's door, and everybody who tries it.
#![cfg(unix)]

use crate::house::{Answer, House, KEY};
use http::StatusCode;
use std::{os::unix::fs::PermissionsExt as _, path::Path};

/// A code, taken from the file as a browser would.
async fn code(house: &House) -> (String, String) {
    let made = house.terminal("POST", "/api/v1/ui/code").await.data();
    let file = made["file"].as_str().unwrap().to_owned();
    let text = std::fs::read_to_string(&file).unwrap();
    let code = text.split("#code=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(made["url"].as_str().unwrap(), format!("http://{}/ui/#code={code}", house.host()));
    (code, file)
}

/// What our own page sends.
async fn enter(house: &House, code: &str) -> Answer {
    let origin = format!("http://{}", house.host());
    knock(house, code, &[("Origin", &origin), ("Sec-Fetch-Site", "same-origin")]).await
}

async fn knock(house: &House, code: &str, fields: &[(&str, &str)]) -> Answer {
    let fields = [&[("Content-Type", "application/json")], fields].concat();
    house.send("POST", "/ui/session", &fields, &format!("{{\"code\":\"{code}\"}}")).await
}

async fn status_with(house: &House, name: &str, value: &str) -> StatusCode {
    house.send("GET", "/api/v1/status", &[(name, value)], "").await.status
}

#[tokio::test]
async fn a_page_comes_in_with_a_code_and_then_sees_what_the_person_sees() {
    let house = House::open().await;
    let (code, file) = code(&house).await;
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let answer = enter(&house, &code).await;
    let token = answer.data()["token"].as_str().unwrap().to_owned();
    assert!(!Path::new(&file).exists());
    assert_eq!(answer.field("set-cookie"), "");
    assert_eq!(answer.field("cache-control"), "no-store");
    assert_eq!(status_with(&house, "Authorization", &format!("Bearer {token}")).await, StatusCode::OK);
    assert_eq!(status_with(&house, "X-API-Key", &token).await, StatusCode::OK);
    house.close().await;
}

#[tokio::test]
async fn a_code_cannot_be_used_again_nor_guessed() {
    let house = House::open().await;
    let (code, _) = code(&house).await;
    assert_eq!(enter(&house, &code).await.status, StatusCode::OK);
    let again = enter(&house, &code).await;
    assert_eq!((again.status, again.json()["code"].as_str()), (StatusCode::FORBIDDEN, Some("ui_code_wrong")));
    let mut last = again.status;
    for guess in 0..25 {
        last = enter(&house, &format!("{guess:064x}")).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let made = house.terminal("POST", "/api/v1/ui/code").await.data();
    let right = made["url"].as_str().unwrap().split("#code=").nth(1).unwrap().to_owned();
    assert_eq!(enter(&house, &right).await.status, StatusCode::TOO_MANY_REQUESTS);
    house.close().await;
}

#[tokio::test]
async fn a_page_of_another_origin_gets_nowhere_even_with_a_code() {
    let house = House::open().await;
    let (code, file) = code(&house).await;
    let port = house.address.port();
    for origin in [
        "http://localhost:3000".to_owned(),
        "http://127.0.0.1:3000".to_owned(),
        format!("http://127.0.0.1:{}", port ^ 1),
        format!("http://127.0.0.1.evil.example:{port}"),
        "https://evil.example".to_owned(),
        "null".to_owned(),
        "file://".to_owned(),
    ] {
        let answer = knock(&house, &code, &[("Origin", &origin)]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin}");
        assert_eq!(answer.field("access-control-allow-origin"), "", "{origin}");
    }
    for site in ["same-site", "cross-site", "none"] {
        let answer = knock(&house, &code, &[("Sec-Fetch-Site", site)]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{site}");
    }
    // The strangers used nothing up.
    assert!(Path::new(&file).exists());
    assert_eq!(enter(&house, &code).await.status, StatusCode::OK);
    house.close().await;
}

#[tokio::test]
async fn a_name_that_was_rebound_to_this_address_opens_nothing() {
    let house = House::open().await;
    let (code, _) = code(&house).await;
    let port = house.address.port();
    for host in
        [format!("evil.example:{port}"), "127.0.0.1:1".to_owned(), format!("localhost.evil.example:{port}")]
    {
        assert_eq!(knock(&house, &code, &[("Host", &host)]).await.status, StatusCode::FORBIDDEN, "{host}");
        let page = house.send("GET", "/ui/", &[("Host", &host)], "").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{host}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_form_of_another_page_cannot_be_sent_here() {
    let house = House::open().await;
    let (code, _) = code(&house).await;
    let body = format!("{{\"code\":\"{code}\"}}");
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let answer = house.send("POST", "/ui/session", &[("Content-Type", kind)], &body).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    let asked = [("Origin", "http://localhost:3000"), ("Access-Control-Request-Method", "POST")];
    let preflight = house.send("OPTIONS", "/ui/session", &asked, "").await;
    assert!(!preflight.status.is_success());
    assert_eq!(preflight.field("access-control-allow-origin"), "");
    let own = format!("http://{}", house.host());
    let preflight = house.send("OPTIONS", "/api/v1/status", &[("Origin", &own)], "").await;
    assert_eq!(preflight.field("access-control-allow-origin"), "");
    let large = format!("{{\"code\":\"{}\"}}", "x".repeat(8192));
    let answer = house.send("POST", "/ui/session", &[("Content-Type", "application/json")], &large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    house.close().await;
}

#[tokio::test]
async fn only_the_person_makes_codes() {
    let house = House::open().await;
    let bare = house.send("POST", "/api/v1/ui/code", &[], "").await;
    assert_eq!(bare.status, StatusCode::UNAUTHORIZED);
    let wrong = house.send("POST", "/api/v1/ui/code", &[("x-api-key", "no")], "").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let with_key = house.send("POST", "/api/v1/ui/code", &[("x-api-key", KEY)], "").await;
    assert_eq!(with_key.status, StatusCode::OK);
    let (code, _) = code(&house).await;
    let token = enter(&house, &code).await.data()["token"].as_str().unwrap().to_owned();
    let page = house.send("POST", "/api/v1/ui/code", &[("x-api-key", &token)], "").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    house.close().await;
}

#[tokio::test]
async fn a_token_counts_in_headers_only_and_opens_neither_mcp_nor_anything_after_leaving() {
    let house = House::open().await;
    let (code, _) = code(&house).await;
    let token = enter(&house, &code).await.data()["token"].as_str().unwrap().to_owned();
    let address = house.send("GET", &format!("/api/v1/status?apikey={token}"), &[], "").await;
    assert_eq!(address.status, StatusCode::UNAUTHORIZED);
    let cookie = house.send("GET", "/api/v1/status", &[("Cookie", &format!("token={token}"))], "").await;
    assert_eq!(cookie.status, StatusCode::UNAUTHORIZED);
    let mcp = [
        ("x-api-key", token.as_str()),
        ("Content-Type", "application/json"),
        ("Accept", "application/json, text/event-stream"),
    ];
    assert_eq!(house.send("POST", "/mcp", &mcp, "{}").await.status, StatusCode::UNAUTHORIZED);
    let left = house.send("DELETE", "/ui/session", &[("x-api-key", &token)], "").await;
    assert_eq!(left.status, StatusCode::OK);
    assert_eq!(status_with(&house, "x-api-key", &token).await, StatusCode::UNAUTHORIZED);
    house.close().await;
}

#[tokio::test]
async fn a_new_key_ends_what_the_old_one_let_in() {
    let house = House::open().await;
    let (code, _) = code(&house).await;
    let token = enter(&house, &code).await.data()["token"].as_str().unwrap().to_owned();
    assert_eq!(status_with(&house, "x-api-key", &token).await, StatusCode::OK);
    house.change_key(&"n".repeat(64)).await;
    assert_eq!(status_with(&house, "x-api-key", &token).await, StatusCode::UNAUTHORIZED);
    house.close().await;
}

#[tokio::test]
async fn nothing_here_can_be_framed_or_embedded() {
    let house = House::open().await;
    for path in ["/ui/", "/ui/assets/x.js", "/api/v1/status", "/health", "/nothing", "/openapi.json"] {
        let answer = house.get(path).await;
        assert_eq!(answer.field("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.field("cross-origin-resource-policy"), "same-origin", "{path}");
        assert_eq!(answer.field("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.field("access-control-allow-origin"), "", "{path}");
    }
    house.close().await;
}

/// Messages to the fixed addresses do not pass the table of routes; those to a server's address do.
#[tokio::test]
async fn the_short_way_to_mcp_asks_all_that_the_long_one_asks() {
    let house = House::open().await;
    let (json, both) =
        (("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"));
    let own = format!("http://{}", house.host());
    let cases: [(StatusCode, &[(&str, &str)]); 10] = [
        (StatusCode::FORBIDDEN, &[json, both, ("x-api-key", KEY), ("Host", "evil.example")]),
        (StatusCode::FORBIDDEN, &[json, both, ("x-api-key", KEY), ("Host", "127.0.0.1:1")]),
        (StatusCode::FORBIDDEN, &[json, both, ("x-api-key", KEY), ("Origin", "http://localhost:3000")]),
        (StatusCode::FORBIDDEN, &[json, both, ("x-api-key", KEY), ("Origin", "null")]),
        (StatusCode::UNAUTHORIZED, &[json, both, ("x-api-key", "wrong")]),
        (StatusCode::UNAUTHORIZED, &[json, both, ("Authorization", "Bearer wrong")]),
        (StatusCode::UNAUTHORIZED, &[json, both, ("Authorization", "Basic wrong")]),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, &[("Content-Type", "text/plain"), both, ("x-api-key", KEY)]),
        (StatusCode::NOT_ACCEPTABLE, &[json, ("Accept", "application/json"), ("x-api-key", KEY)]),
        (StatusCode::BAD_REQUEST, &[json, both, ("x-api-key", KEY), ("Origin", &own)]),
    ];
    for (status, fields) in cases {
        for path in ["/mcp", "/mcp/", "/mcp/all", "/mcp/call", "/mcp/servers/quiet", "/mcp?apikey=wrong"] {
            // The key in a header comes before the one in the address.
            let answer = house.send("POST", path, fields, "{").await;
            assert_eq!(answer.status, status, "{path} {fields:?}: {answer:?}");
            assert!(!answer.field("x-request-id").is_empty(), "{path}");
            let told = answer.field("x-content-type-options");
            let refused_at_the_gate = status == StatusCode::FORBIDDEN;
            assert_eq!(told, if refused_at_the_gate { "" } else { "nosniff" }, "{path} {fields:?}");
        }
    }
    let wrong = house.send("POST", "/mcp?apikey=wrong", &[json, both], "{").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    house.close().await;
}

#[tokio::test]
async fn pages_stand_below_ui_without_a_key() {
    let house = House::open().await;
    assert_eq!(house.send("GET", "/ui", &[], "").await.field("location"), "/ui/");
    assert_eq!(house.send("GET", "/ui/", &[], "").await.body, "page ");
    assert_eq!(house.send("GET", "/ui/servers/a%20b", &[], "").await.body, "page servers/a%20b");
    house.close().await;
}

#[tokio::test]
async fn codes_that_an_earlier_run_left_behind_are_removed() {
    let house = House::open().await;
    let (_, file) = code(&house).await;
    assert!(file.starts_with(&house.data_dir.display().to_string()));
    drop(mcpproxy_api::ApiState::new(house.core.clone(), "the next run"));
    assert!(!Path::new(&file).exists());
    house.close().await;
}
