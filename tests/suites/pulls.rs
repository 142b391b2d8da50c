//! Images from a slow registry: progress, one pull for many, cancelling, sign-in, and the deadline that does not count it.

use mcpproxy_tests::proxy::Setup;
use mcpproxy_tests::registry::{PATIENCE, Registry};
use mcpproxy_tests::servers::{small, with};
use mcpproxy_tests::wait::{GENEROUS, until_true};
use serde_json::{Value, json};

const MIB: u64 = 1 << 20;
const FAST: u64 = 1 << 30;

fn from(name: &str, image: &str) -> Value {
    with(small(name), &json!({ "isolation": { "image": image } }))
}

#[test]
fn a_download_is_shown_in_bytes_and_does_not_count_against_the_start() {
    let mut registry = Registry::start(2 * MIB, false);
    let image = registry.publish("suites/slow:1", 12);
    let setup = Setup::new(vec![from("slow", &image)]).set(&["docker_isolation", "timeout"], json!("3s"));
    let proxy = setup.start();
    let server = proxy.wait_for("slow", "downloading", PATIENCE, |server| {
        server["progress"]["done_bytes"].as_u64().is_some_and(|bytes| bytes > 0)
    });
    let progress = &server["progress"];
    assert_eq!(server["state"], "preparing", "{server:#}");
    assert_eq!(progress["stage"], "downloading", "{progress}");
    assert!(progress["subject"].as_str().unwrap().contains("suites/slow"), "{progress}");
    assert!(progress["total_bytes"].as_u64().unwrap() >= 12 * MIB, "{progress}");
    assert!(progress["percent"].as_u64().unwrap() < 100, "{progress}");
    registry.throttle.set_pace(FAST);
    proxy.wait_until_ready("slow");
    assert!(
        proxy.log("server-slow.log").contains('%'),
        "no progress in the log:\n{}",
        proxy.log("server-slow.log")
    );
}

#[test]
fn many_that_wait_for_one_image_share_one_download() {
    let mut registry = Registry::start(8 * MIB, false);
    let image = registry.publish("suites/shared:1", 8);
    let before = registry.throttle.bytes();
    let names = ["one", "two", "three", "four"];
    let proxy = Setup::new(names.iter().map(|name| from(name, &image)).collect()).start();
    for name in names {
        proxy.wait_until_ready(name);
    }
    let bytes = registry.throttle.bytes() - before;
    assert!(bytes < 12 * MIB, "{} MiB came for an image of 8", bytes / MIB);
}

#[test]
fn a_cancelled_download_stops_and_leaves_nothing() {
    let mut registry = Registry::start(MIB, false);
    let image = registry.publish("suites/cancelled:1", 16);
    let proxy = Setup::new(vec![from("slow", &image)]).start();
    proxy.wait_for("slow", "downloading", PATIENCE, |server| {
        server["progress"]["done_bytes"].as_u64() > Some(0)
    });
    proxy.send("POST", "/api/v1/servers/slow/disable", &json!({}));
    proxy.wait_for_state("slow", "disabled");
    let (mut bytes, mut unchanged) = (0, 0);
    until_true("the download to stop", GENEROUS, || {
        unchanged = if registry.throttle.bytes() == bytes { unchanged + 1 } else { 0 };
        bytes = registry.throttle.bytes();
        unchanged > 60
    });
    let images = proxy.setup.docker.run(&["images", "--quiet", &image]);
    assert!(images.is_empty(), "the image came all the same");
}

#[test]
fn the_sign_in_of_docker_is_used() {
    let mut registry = Registry::start(FAST, true);
    let image = registry.publish("private/tool:1", 1);
    let login = registry.login();
    let config = login.path().display().to_string();
    let proxy = Setup::new(vec![from("private", &image)]).environment("DOCKER_CONFIG", &config).start();
    proxy.wait_until_ready("private");
}

#[test]
fn a_missing_sign_in_is_told_with_the_registrys_name() {
    let mut registry = Registry::start(FAST, true);
    let image = registry.publish("private/closed:1", 1);
    let nowhere = tempfile::tempdir().unwrap();
    let config = nowhere.path().display().to_string();
    let proxy = Setup::new(vec![from("private", &image)]).environment("DOCKER_CONFIG", &config).start();
    let server = proxy.wait_for("private", "refused", GENEROUS, |server| server["state"] == "failed");
    let told = format!("{} {}", server["last_error"], server["diagnostic"]);
    assert!(told.contains(&format!("127.0.0.1:{}", registry.throttle.port)), "{told}");
    assert!(told.to_lowercase().contains("sign"), "{told}");
}
