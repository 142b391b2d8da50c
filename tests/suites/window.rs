//! The window of the built application, driven as a person would use it, against a real engine.

use mcpproxy_tests::desktop::driver::Driver;
use mcpproxy_tests::desktop::{App, Screen};
use mcpproxy_tests::engine::SecondEngine;
use mcpproxy_tests::servers::small;
use mcpproxy_tests::wait::{GENEROUS, until_true};
use serde_json::json;

/// The switch of a server's isolation, wherever it stands.
fn switch(server: &str) -> String {
    format!("//*[@role='switch'][contains(@aria-label, 'solation')][contains(@aria-label, '{server}')]")
}

fn button(text: &str) -> String {
    format!("//button[contains(normalize-space(.), '{text}')]")
}

/// The places of the window, the name of their pictures, and what is read there.
const PLACES: [(&str, &str, &str); 8] = [
    ("/servers", "servers", "notes"),
    ("/servers/github", "server", "It sees no file of yours"),
    ("/servers/github/isolation", "isolation", "The equal docker command"),
    ("/security", "security", "Isolation for all servers"),
    ("/activity", "activity", "github is ready"),
    ("/clients", "clients", "mcpproxy stdio"),
    ("/logs", "logs", "MCPProxy is ready"),
    ("/settings", "settings", "Start at login"),
];

#[test]
fn isolation_is_switched_in_the_window_and_the_container_goes_and_comes() {
    let screen = Screen::with_panel();
    let app = App::new(vec![small("github")]);
    let window = Driver::start(&screen, &app, &[]);
    app.wait_until_isolated("github");
    window.wait_for_text("github");
    assert_eq!(app.containers().len(), 1);
    window.click(&switch("github"));
    // Off asks first.
    window.painted();
    screen.picture_of_window("switch-off-question");
    window.click(&button("without isolation"));
    app.wait_for("github", "ready on this computer", |server| {
        server["state"] == "ready" && server["placement"] == "host"
    });
    until_true("its container to vanish", GENEROUS, || app.containers().is_empty());
    window.click(&switch("github"));
    app.wait_until_isolated("github");
    until_true("its container", GENEROUS, || app.containers().len() == 1);
}

#[test]
fn the_window_shows_that_docker_stopped_and_is_back() {
    let mut engine = SecondEngine::start();
    let screen = Screen::with_panel();
    let app = App::on_engine(vec![small("github")], &engine.docker);
    let window = Driver::start(&screen, &app, &[]);
    app.wait_until_isolated("github");
    window.wait_for_text("github");
    engine.stop();
    window.wait_for_text("Waiting for Docker");
    engine.launch();
    app.wait_until_isolated("github");
    until_true("the window to show it", GENEROUS, || !window.text().contains("Waiting for Docker"));
}

#[test]
fn every_screen_is_shown_in_both_themes() {
    let screen = Screen::with_panel();
    let app = App::new(vec![small("github"), small("notes")]);
    let window = Driver::start(&screen, &app, &[]);
    app.wait_until_isolated("github");
    for theme in ["light", "dark"] {
        window.run(&format!("document.documentElement.dataset.theme = '{theme}'"));
        for (place, name, read) in PLACES {
            window.go_to(place);
            window.wait_for_text(read);
            window.painted();
            screen.picture_of_window(&format!("{name}-{theme}"));
        }
    }
    screen.picture("desktop");
}

#[test]
fn the_page_has_no_more_than_the_one_door() {
    let screen = Screen::with_panel();
    let app = App::new(vec![small("github")]);
    let window = Driver::start(&screen, &app, &[]);
    window.wait_for_text("github");
    assert_eq!(window.run("return typeof window.__TAURI__"), json!("undefined"));
    let asked = |script: &str| {
        window.run_later(&format!(
            "const done = arguments[arguments.length - 1];
             ({script}).then(value => done(['yes', JSON.stringify(value)]), error => done(['no', String(error)]));"
        ))
    };
    // Nothing outside, and not even our own listener.
    assert_eq!(asked("fetch('https://example.com/')")[0], "no");
    assert_eq!(asked(&format!("fetch('http://{}/healthz')", app.address))[0], "no");
    // The API answers, whatever else is asked for does not.
    let status = asked("window.__TAURI_INTERNALS__.invoke('api_read', {path: '/api/v1/status'})");
    assert!(status[1].as_str().expect("a text").contains("\"status\":200"), "{status}");
    let state = asked("window.__TAURI_INTERNALS__.invoke('api_read', {path: '/desktop/state'})");
    assert!(state[1].as_str().expect("a text").contains("\"stage\":\"running\""), "{state}");
    let mcp =
        asked("window.__TAURI_INTERNALS__.invoke('api_write', {method: 'POST', path: '/mcp', body: {}})");
    assert!(mcp[1].as_str().expect("a text").contains("invalid_request"), "{mcp}");
    for command in ["plugin:dialog|open", "plugin:window|close", "plugin:event|listen", "plugin:fs|read_file"]
    {
        let refused = asked(&format!("window.__TAURI_INTERNALS__.invoke('{command}', {{}})"));
        assert_eq!(refused[0], "no", "{command}: {refused}");
    }
    // Answers come by the scheme of their own and not by scripts.
    let used = asked(
        "(async () => {
            const seen = [], before = window.fetch;
            window.fetch = (...what) => { seen.push(String(what[0])); return before(...what); };
            await window.__TAURI_INTERNALS__.invoke('api_read', {path: '/api/v1/status'});
            window.fetch = before;
            return seen;
        })()",
    );
    assert!(used[1].as_str().expect("a text").contains("ipc://localhost/api_read"), "{used}");
    // The page cannot be led away.
    window.run("location.href = 'https://example.com/'");
    window.wait_for_text("github");
}
