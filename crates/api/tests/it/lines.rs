//! Logs by byte offsets, over the wire.

use crate::house::House;
use http::StatusCode;
use serde_json::Value;
use std::{fmt::Write as _, io::Write as _};

async fn page(house: &House, query: &str) -> Value {
    house.get(&format!("/api/v1/logs/lines?{query}")).await.data()
}

fn texts(page: &Value) -> Vec<&str> {
    page["lines"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap()).collect()
}

/// The log of the server `quiet`, to which nothing but the test writes.
fn write(house: &House, text: &str) {
    let path = house.log_file("server-quiet.log");
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[tokio::test]
async fn a_hundred_thousand_lines_come_in_pages() {
    let house = House::open().await;
    let text = (0..100_000).fold(String::new(), |mut text, turn| {
        writeln!(
            text,
            "2026-01-02T15:04:05.123Z | INFO | stderr.rs:1 | line {turn} | {{\"server\":\"quiet\",\"stream\":\"stderr\"}}"
        )
        .unwrap();
        text
    });
    write(&house, &text);
    let (mut offset, mut seen, mut pages) = (0, 0_usize, 0);
    loop {
        let page = page(&house, &format!("source=server:quiet&after={offset}&limit_bytes=262144")).await;
        let lines = page["lines"].as_array().unwrap();
        if lines.is_empty() {
            assert_eq!((page["next"].clone(), offset), (page["end"].clone(), text.len() as u64));
            break;
        }
        assert_eq!(lines[0]["text"], format!("line {seen} stream=stderr"));
        assert_eq!((lines[0]["level"].as_str(), lines[0]["server"].as_str()), (Some("info"), Some("quiet")));
        seen += lines.len();
        pages += 1;
        offset = page["next"].as_u64().unwrap();
    }
    assert_eq!(seen, 100_000);
    assert!(pages < 60, "{pages}");
    house.close().await;
}

#[tokio::test]
async fn a_first_look_shows_the_end_and_waiting_shows_what_comes() {
    let house = House::open().await;
    let first = page(&house, "tail=3").await;
    let (next, file) = (first["next"].as_u64().unwrap(), first["file"].as_str().unwrap().to_owned());
    let asked = format!("after={next}&file={file}&wait=25");
    let subscriber = house.core.logs().subscriber();
    let (mut came, ()) = tokio::join!(page(&house, &asked), async {
        let _guard = tracing::subscriber::set_default(subscriber);
        tracing::warn!(target: "mcpproxy_test", count = 3, "the line that was awaited\u{1b}[2J");
    });
    for _ in 0..20 {
        if texts(&came).iter().any(|text| text.contains("awaited")) {
            break;
        }
        let (next, file) = (came["next"].as_u64().unwrap(), came["file"].as_str().unwrap().to_owned());
        came = page(&house, &format!("after={next}&file={file}&wait=5")).await;
    }
    let line = texts(&came).into_iter().find(|text| text.contains("awaited")).unwrap().to_owned();
    assert_eq!(line, "the line that was awaited count=3");
    house.close().await;
}

#[tokio::test]
async fn a_log_is_followed_through_its_rotation() {
    let house = House::open().await;
    write(&house, "one\ntwo\n");
    let first = page(&house, "source=server:quiet&tail=1").await;
    assert_eq!(texts(&first), ["two"]);
    let path = house.log_file("server-quiet.log");
    write(&house, "three\n");
    std::fs::rename(&path, house.log_file("server-quiet-2026-01-02T15-04-05.000.log")).unwrap();
    write(&house, "four\n");
    let place = |page: &Value| {
        format!("source=server:quiet&after={}&file={}", page["next"], page["file"].as_str().unwrap())
    };
    let rest = page(&house, &place(&first)).await;
    assert_eq!((texts(&rest), &rest["reset"]), (vec!["three"], &Value::Bool(false)));
    let fresh = page(&house, &place(&rest)).await;
    assert_eq!((texts(&fresh), &fresh["reset"]), (vec!["four"], &Value::Bool(true)));
    house.close().await;
}

#[tokio::test]
async fn only_logs_that_are_known_can_be_read() {
    let house = House::open().await;
    for (source, status) in [
        ("server:none", StatusCode::NOT_FOUND),
        ("server:..%2F..%2Fetc%2Fpasswd", StatusCode::NOT_FOUND),
        ("%2Fetc%2Fpasswd", StatusCode::BAD_REQUEST),
        ("", StatusCode::BAD_REQUEST),
    ] {
        let answer = house.get(&format!("/api/v1/logs/lines?source={source}")).await;
        assert_eq!(answer.status, status, "{source}");
    }
    let both = house.get("/api/v1/logs/lines?after=1&before=2").await;
    assert_eq!(both.status, StatusCode::BAD_REQUEST);
    house.close().await;
}
