//! The built application on a screen with a real panel and a real engine: tray, starts and ends. The menu is read and
//! clicked over D-Bus, as the panel does it.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use mcpproxy_tests::desktop::menu::{self, Menu};
use mcpproxy_tests::desktop::{App, Screen, WATCHER};
use mcpproxy_tests::engine::SecondEngine;
use mcpproxy_tests::process;
use mcpproxy_tests::servers::small;
use mcpproxy_tests::wait::{GENEROUS, until, until_true};

/// What every end has time for.
const END: Duration = Duration::from_secs(20);

#[test]
fn a_hidden_start_shows_the_tray_and_no_webview() {
    let screen = Screen::with_panel();
    let mut app = App::new(vec![small("github")]);
    app.start_and_wait(&screen, &["--hidden"]);
    let menu = Menu::of(&screen, &app);
    app.wait_until_isolated("github");
    let first = menu.wait_for(&["MCPProxy: 1 server isolated"]);
    assert!(first.enabled);
    assert_eq!(app.webviews(), Vec::<String>::new());
    assert_eq!(screen.windows(), Vec::<String>::new());
    let texts = menu::labels(&menu.rows());
    for text in ["Docker: Ready", "Pause all servers", "Open MCPProxy", "Open logs", "Quit MCPProxy"] {
        assert!(texts.iter().any(|label| label.starts_with(text)), "{text} is missing in {texts:?}");
    }
    let tooltip = menu.tooltip();
    assert!(tooltip.starts_with("MCPProxy: 1 server isolated, 0 calls today"), "{tooltip}");
}

#[test]
fn isolation_is_switched_in_the_menu_and_the_container_goes_and_comes() {
    let screen = Screen::with_panel();
    let mut app = App::new(vec![small("github")]).environment("MCPPROXY_DESKTOP_ANSWER", "hour");
    app.start_and_wait(&screen, &["--hidden"]);
    let menu = Menu::of(&screen, &app);
    app.wait_until_isolated("github");
    let server = ["● github", "Isolation"];
    menu.wait_until(&server, |row| row.ticked == Some(true));
    let (closed, revision) = (menu.icon(), menu.revision());
    assert_eq!(app.containers().len(), 1);

    menu.click(&server);
    app.wait_for("github", "ready on this computer", |server| {
        server["state"] == "ready" && server["placement"] == "host"
    });
    until_true("its container to vanish", GENEROUS, || app.containers().is_empty());
    menu.wait_until(&["◇ github", "Isolation"], |row| row.ticked == Some(false));
    menu.wait_for(&["MCPProxy: 1 server runs unprotected"]);
    menu.wait_for(&["◇ github", "Unprotected, isolated again in"]);
    assert_ne!(menu.icon(), closed, "the icon tells it by its shape");
    assert!(menu.tooltip().contains("min left"), "{}", menu.tooltip());

    menu.click(&["github runs unprotected. Isolate now"]);
    app.wait_until_isolated("github");
    until_true("its container", GENEROUS, || app.containers().len() == 1);
    menu.wait_until(&["● github", "Isolation"], |row| row.ticked == Some(true));
    until(
        "the icon of before",
        GENEROUS,
        || if menu.icon() == closed { Ok(()) } else { Err("another".into()) },
    );
    assert!(menu.revision() > revision, "rows came and went");
}

#[test]
fn a_person_who_keeps_a_server_isolated_sees_its_tick_unchanged() {
    let screen = Screen::with_panel();
    let mut app = App::new(vec![small("github")]).environment("MCPPROXY_DESKTOP_ANSWER", "keep");
    app.start_and_wait(&screen, &["--hidden"]);
    let menu = Menu::of(&screen, &app);
    app.wait_until_isolated("github");
    menu.click(&["● github", "Isolation"]);
    until_true("the question to be asked", GENEROUS, || {
        app.log().contains("a row of the menu was carried out")
    });
    menu.wait_until(&["● github", "Isolation"], |row| row.ticked == Some(true));
    assert_eq!(app.containers().len(), 1);
}

#[test]
fn servers_are_turned_off_and_on_and_all_are_paused_from_the_menu() {
    let screen = Screen::with_panel();
    let mut app = App::new(vec![small("a"), small("b")]);
    app.start_and_wait(&screen, &["--hidden"]);
    let menu = Menu::of(&screen, &app);
    app.wait_until_isolated("a");
    app.wait_until_isolated("b");
    menu.click(&["● a", "Turned on"]);
    menu.wait_until(&["○ a", "Turned on"], |row| row.ticked == Some(false));
    until_true("its container to go", GENEROUS, || app.containers().len() == 1);
    menu.click(&["○ a", "Turned on"]);
    app.wait_until_isolated("a");

    menu.click(&["Pause all servers"]);
    menu.wait_for(&["MCPProxy: paused by you at"]);
    menu.click(&["Resume all servers"]);
    menu.wait_for(&["MCPProxy: 2 servers isolated"]);
    menu.wait_for(&["Pause all servers"]);
}

#[test]
fn a_state_changes_texts_in_place_and_a_new_server_changes_the_rows_once() {
    let screen = Screen::with_panel();
    let mut app = App::new(vec![small("a")]);
    app.start_and_wait(&screen, &["--hidden"]);
    let menu = Menu::of(&screen, &app);
    app.wait_until_isolated("a");
    menu.wait_for(&["● a"]);
    let before = menu.revision();
    menu.click(&["● a", "Restart"]);
    app.wait_for("a", "started again", |server| server["reconnect_count"] == 1 && server["state"] == "ready");
    menu.wait_for(&["● a"]);
    assert_eq!(menu.revision(), before, "rows were rebuilt though none came or went");

    app.setup.config["mcpServers"] = serde_json::json!([small("a"), small("b")]);
    app.setup.write();
    menu.wait_for(&["● b"]);
    assert!(menu.revision() > before);
}

#[test]
fn a_second_start_shows_the_window_of_the_first_and_leaves_at_once() {
    let screen = Screen::with_panel();
    let mut app = App::new(vec![small("a")]);
    app.start_and_wait(&screen, &["--hidden"]);
    until_true("somebody who listens for wishes", GENEROUS, || {
        let begin = Instant::now();
        let second = process::output(&mut app.command(&screen, &["--hidden"]));
        second.status.success() && begin.elapsed() < END
    });
    assert_eq!(screen.windows(), Vec::<String>::new(), "a hidden start shows nothing");
    let second = process::output(&mut app.command(&screen, &[]));
    assert!(second.status.success(), "{}", process::text(&second));
    until_true("the window of the first", GENEROUS, || screen.windows().len() == 1);
    assert_eq!(app.log().matches("MCPProxy starts").count(), 1, "a second core was started");
    let quit = process::output(&mut app.command(&screen, &["--quit"]));
    assert!(quit.status.success(), "{}", process::text(&quit));
    assert!(app.ended(END).success());
}

#[test]
fn a_closed_window_is_hidden_then_freed_and_opens_again() {
    let screen = Screen::with_panel();
    let mut app = App::new(vec![small("a")]);
    app.start_and_wait(&screen, &["--free-after", "2"]);
    until_true("the window", GENEROUS, || screen.windows().len() == 1);
    until_true("its webview", GENEROUS, || !app.webviews().is_empty());
    let menu = Menu::of(&screen, &app);
    screen.close_window();
    until_true("the window to hide", GENEROUS, || screen.windows().is_empty());
    until("the webview's page to be freed", GENEROUS, || {
        let left = app.webviews();
        if left.iter().any(|line| line.contains("WebKitWebProcess")) { Err(left.join("\n")) } else { Ok(()) }
    });
    app.wait_until_isolated("a");
    menu.press_icon();
    until_true("the window again", GENEROUS, || screen.windows().len() == 1);
}

#[test]
fn quitting_from_the_menu_leaves_nothing() {
    let screen = Screen::with_panel();
    let mut app = App::new(["a", "b", "c"].map(small).to_vec());
    app.start_and_wait(&screen, &[]);
    for name in ["a", "b", "c"] {
        app.wait_until_isolated(name);
    }
    let menu = Menu::of(&screen, &app);
    assert_eq!(app.containers().len(), 3);
    menu.click(&["Quit MCPProxy"]);
    assert!(app.ended(END).success());
    assert_eq!(app.leftovers(), Vec::<String>::new());
    for file in ["running.json", "mcpproxy.sock", "mcpproxy.instance.json"] {
        assert!(!app.setup.data().join(file).exists(), "{file} was left");
    }
}

#[test]
fn a_second_signal_does_not_wait_for_a_stubborn_server() {
    let screen = Screen::with_panel();
    let stubborn = "trap '' TERM INT HUP; while :; do sleep 1; done";
    let mut app = App::new(vec![serde_json::json!({
        "name": "stubborn", "command": "sh", "args": ["-c", stubborn], "isolation": {"enabled": false},
    })]);
    app.start_and_wait(&screen, &["--hidden"]);
    app.wait_for("stubborn", "started", |server| server["state"] == "handshaking");
    process::signal(app.pid(), "TERM");
    until_true("the end to begin", GENEROUS, || app.log().contains("MCPProxy ends"));
    let status = app.stop("TERM");
    assert_eq!(status.code(), Some(128 + 15), "{status}");
}

#[test]
fn a_signal_ends_it_like_the_menu() {
    let screen = Screen::with_panel();
    for signal in ["TERM", "INT", "HUP"] {
        let mut app = App::new(vec![small("a")]);
        app.start_and_wait(&screen, &["--hidden"]);
        app.wait_until_isolated("a");
        assert!(app.stop(signal).success(), "SIG{signal}");
        assert_eq!(app.leftovers(), Vec::<String>::new(), "SIG{signal}");
    }
}

#[test]
fn without_a_display_it_points_to_serve() {
    let screen = Screen::bare();
    let app = App::new(Vec::new());
    let mut command = app.command(&screen, &[]);
    let output = process::output(command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY"));
    assert_eq!(output.status.code(), Some(2));
    assert!(process::text(&output).contains("mcpproxy serve"), "{}", process::text(&output));
}

#[test]
fn the_tray_waits_for_a_panel_and_comes_back_with_it() {
    let mut screen = Screen::bare();
    let mut app = App::new(vec![small("a")]);
    app.start_and_wait(&screen, &["--hidden"]);
    app.wait_until_isolated("a");
    until_true("it to notice that there is no tray", GENEROUS, || app.log().contains("no tray here yet"));
    screen.start_panel();
    let menu = Menu::of(&screen, &app);
    menu.wait_for(&["MCPProxy: 1 server isolated"]);
    screen.stop_panel();
    assert!(app.server("a").is_ok(), "the servers do not depend on a panel");
    screen.start_panel();
    assert!(menu::has_owner(&screen, WATCHER));
    Menu::of(&screen, &app).wait_for(&["Quit MCPProxy"]);
}

#[test]
fn without_any_panel_a_hidden_start_shows_its_window_after_a_while() {
    let screen = Screen::bare();
    let mut app = App::new(Vec::new());
    app.start_and_wait(&screen, &["--hidden"]);
    until_true("the window, since nothing else leads to it", GENEROUS, || screen.windows().len() == 1);
}

#[test]
fn open_logs_opens_their_folder() {
    let screen = Screen::with_panel();
    let note = screen.note_openings();
    let mut app = App::new(Vec::new());
    app.start_and_wait(&screen, &["--hidden"]);
    Menu::of(&screen, &app).click(&["Open logs"]);
    let opened = until("the folder to be opened", GENEROUS, || {
        fs::read_to_string(&note).map_err(|error| error.to_string())
    });
    assert_eq!(opened.trim(), app.setup.logs().display().to_string());
}

#[test]
fn while_serve_holds_the_folder_the_browser_opens() {
    let screen = Screen::with_panel();
    let note = screen.note_openings();
    let app = App::new(Vec::new());
    let mut serve = app.setup.command(&["serve"]);
    let serve =
        serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("serve");
    let _serve = process::Running(serve);
    let holder = app.setup.data().join("mcpproxy.instance.json");
    until_true("serve to listen", GENEROUS, || {
        fs::read_to_string(&holder).is_ok_and(|text| text.contains(&app.address))
    });
    let output = process::output(&mut app.command(&screen, &[]));
    assert!(output.status.success(), "{}", process::text(&output));
    assert!(process::text(&output).contains("/ui/"), "{}", process::text(&output));
    let opened =
        until("the browser", GENEROUS, || fs::read_to_string(&note).map_err(|error| error.to_string()));
    assert!(opened.contains(&format!("http://{}/ui/", app.address)), "{opened}");
}

#[test]
fn an_instance_that_only_a_client_started_yields_to_the_application() {
    let screen = Screen::with_panel();
    let mut app = App::new(vec![small("a")]);
    let mut serve = app.setup.command(&["serve", "--detached"]);
    let mut serve =
        serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("serve");
    app.wait_until_isolated("a");
    app.start(&screen, &["--hidden"]);
    let ended = process::ended(&mut serve, END).expect("the detached instance ends");
    assert!(ended.success(), "it ended in good order: {ended}");
    app.wait_until_it_answers();
    app.wait_until_isolated("a");
    Menu::of(&screen, &app).wait_for(&["MCPProxy: 1 server isolated"]);
    assert_eq!(app.leftovers().len(), 1);
}

#[test]
fn a_busy_port_is_told_and_tried_again() {
    let screen = Screen::with_panel();
    let mut app = App::new(vec![small("a")]);
    let other = std::net::TcpListener::bind(&app.address).expect("the port");
    app.start(&screen, &["--hidden"]);
    let menu = Menu::of(&screen, &app);
    menu.wait_for(&["MCPProxy could not start"]);
    let why = menu.wait_for(&[&app.address]);
    assert!(!why.enabled && why.label.contains("is used by another program"), "{why:?}");
    until_true("the window, which says the same", GENEROUS, || screen.windows().len() == 1);
    screen.close_window();
    until_true("the window to hide", GENEROUS, || screen.windows().is_empty());
    let second = process::output(&mut app.command(&screen, &[]));
    assert!(second.status.success(), "{}", process::text(&second));
    until_true("the window that the second start asked for", GENEROUS, || screen.windows().len() == 1);
    drop(other);
    menu.click(&["Try again"]);
    app.wait_until_it_answers();
    app.wait_until_isolated("a");
    Menu::of(&screen, &app).wait_for(&["MCPProxy: 1 server isolated"]);
}

#[test]
fn a_broken_file_is_told_and_mended() {
    let screen = Screen::with_panel();
    let mut app = App::new(Vec::new());
    app.setup.write_text("{ \"mcpServers\": [ ");
    app.start(&screen, &["--hidden"]);
    let menu = Menu::of(&screen, &app);
    menu.wait_for(&["MCPProxy could not start"]);
    app.setup.write();
    menu.click(&["Try again"]);
    app.wait_until_it_answers();
}

#[test]
fn an_end_that_was_not_clean_is_told_once_and_its_containers_are_removed() {
    let screen = Screen::with_panel();
    let mut app = App::new(vec![small("a")]);
    app.start_and_wait(&screen, &["--hidden"]);
    app.wait_until_isolated("a");
    app.kill();
    app.start_and_wait(&screen, &["--hidden"]);
    let menu = Menu::of(&screen, &app);
    menu.wait_for(&["MCPProxy ended unexpectedly"]);
    app.wait_until_isolated("a");
    until_true("only the new container", GENEROUS, || app.leftovers().len() == 1);
    let note = screen.note_openings();
    menu.click(&["MCPProxy ended unexpectedly"]);
    until_true("something to be opened", GENEROUS, || note.exists());
    until_true("the row to go", GENEROUS, || menu.find("MCPProxy ended").is_none());
    assert!(app.stop("TERM").success());
}

#[test]
fn the_tray_tells_that_docker_stopped_and_that_it_is_back() {
    let mut engine = SecondEngine::start();
    let screen = Screen::with_panel();
    let mut app = App::on_engine(vec![small("a")], &engine.docker);
    app.start_and_wait(&screen, &["--hidden"]);
    app.wait_until_isolated("a");
    let menu = Menu::of(&screen, &app);
    let healthy = menu.icon();
    engine.stop();
    menu.wait_for(&["MCPProxy: Docker is not running"]);
    menu.wait_for(&["◷ a, waiting for Docker"]);
    assert_ne!(menu.icon(), healthy);
    assert!(menu.tooltip().contains("1 server is waiting"), "{}", menu.tooltip());
    engine.launch();
    menu.click(&["Look for Docker again"]);
    app.wait_until_isolated("a");
    menu.wait_for(&["MCPProxy: 1 server isolated"]);
}

#[test]
fn start_at_login_is_the_systems_own_entry() {
    let screen = Screen::with_panel();
    let mut app = App::new(Vec::new());
    app.start_and_wait(&screen, &["--hidden"]);
    let menu = Menu::of(&screen, &app);
    let folder = screen.home().join(".config/autostart");
    menu.wait_until(&["Start at login"], |row| row.ticked == Some(false));
    menu.click(&["Start at login"]);
    menu.wait_until(&["Start at login"], |row| row.ticked == Some(true));
    let entries: Vec<_> = fs::read_dir(&folder).expect("the folder").flatten().collect();
    assert_eq!(entries.len(), 1);
    let text = fs::read_to_string(entries[0].path()).expect("the entry");
    assert!(text.contains("--hidden"), "{text}");
    menu.click(&["Start at login"]);
    menu.wait_until(&["Start at login"], |row| row.ticked == Some(false));
}
