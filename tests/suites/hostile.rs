//! Servers that mean harm, or are broken in the ways that servers are: each held, each with its message, the others
//! unharmed. `servers/hostile.py` holds what they do.
#![expect(clippy::unwrap_used, reason = "test code")]

use mcpproxy_tests::mcp::{Client, failed};
use mcpproxy_tests::proxy::{Proxy, Setup, shown};
use mcpproxy_tests::servers::{hostile, small, with};
use mcpproxy_tests::wait::{GENEROUS, until_true};
use serde_json::{Value, json};

const MIB: u64 = 1 << 20;

/// A proxy with one server of this habit and one that behaves.
fn with_neighbour(habit: &str) -> Proxy {
    let quick = json!({ "isolation": { "timeout": "6s" } });
    Setup::new(vec![with(hostile("bad", habit), &quick), small("neighbour")]).start()
}

/// Both servers up, and a session.
fn both_ready(proxy: &Proxy) -> Client {
    proxy.wait_until_ready("bad");
    proxy.wait_until_ready("neighbour");
    Client::open(proxy)
}

fn attack(client: &mut Client, arguments: &Value) -> Value {
    client.ask("bad__attack", arguments)
}

/// The other server answers, as it did before.
fn assert_neighbour_answers(proxy: &Proxy) {
    let answer = Client::open(proxy).call("neighbour__echo", &json!({ "text": "still here" })).unwrap();
    assert_eq!(answer["content"][0]["text"], "still here");
}

/// Everything that the API says about a failed server, as one text.
fn told(server: &Value) -> String {
    format!(
        "{} {} {} {}",
        server["last_error"], server["state_text"], server["diagnostic"], server["last_output"]
    )
}

fn wait_for_failure(proxy: &Proxy) -> Value {
    proxy.wait_for("bad", "stopped with a reason", GENEROUS, |server| {
        server["connected"] == false && server["last_error"].as_str().is_some_and(|text| !text.is_empty())
    })
}

#[test]
fn a_fork_bomb_ends_at_the_limit_of_processes() {
    let proxy = with_neighbour("good");
    let mut client = both_ready(&proxy);
    let found = attack(&mut client, &json!({ "what": "fork_bomb" }));
    assert_eq!(found["error"], "EAGAIN", "{found}");
    assert!(found["children"].as_u64().unwrap() <= 256, "{found}");
    assert_neighbour_answers(&proxy);
}

#[test]
fn a_thread_bomb_ends_at_the_limit_of_processes() {
    let proxy = with_neighbour("good");
    let mut client = both_ready(&proxy);
    let found = attack(&mut client, &json!({ "what": "thread_bomb" }));
    assert!(found["threads"].as_u64().unwrap() <= 256 && !found["error"].is_null(), "{found}");
}

#[test]
fn a_memory_balloon_is_killed_at_its_limit_and_says_so() {
    let proxy = with_neighbour("good");
    let mut client = both_ready(&proxy);
    let answer = client.call("bad__attack", &json!({ "what": "balloon" }));
    assert!(failed(&answer), "a call that killed its server got a result: {answer:?}");
    let server = proxy.wait_for("bad", "stopped for its memory", GENEROUS, |server| {
        server["last_exit"]["oom_killed"] == true
    });
    assert!(
        told(&server).to_lowercase().contains("memory") && told(&server).contains("512"),
        "{}",
        shown(&server)
    );
    assert_neighbour_answers(&proxy);
    proxy.wait_until_ready("bad");
}

#[test]
fn a_balloon_in_a_child_kills_only_the_child() {
    let proxy = with_neighbour("good");
    let mut client = both_ready(&proxy);
    let found = attack(&mut client, &json!({ "what": "balloon_in_child" }));
    assert_eq!(found["signal"], 9, "{found}");
    assert_eq!(proxy.server("bad")["state"], "ready");
}

#[test]
fn the_processor_is_shared_at_the_configured_limit() {
    let slow = json!({ "isolation": { "cpu_limit": "0.5" } });
    let proxy = Setup::new(vec![with(hostile("bad", "good"), &slow)]).start();
    proxy.wait_until_ready("bad");
    let found = attack(&mut Client::open(&proxy), &json!({ "what": "spin" }));
    assert!(found["cpu_seconds"].as_f64().unwrap() < 2.4, "3 s at half a processor, yet {found}");
}

#[test]
fn writable_places_are_small_and_a_full_one_does_not_kill() {
    let proxy = with_neighbour("good");
    let mut client = both_ready(&proxy);
    for folder in ["/tmp", "/home/mcp"] {
        let found = attack(&mut client, &json!({ "what": "fill", "folder": folder }));
        assert_eq!(found["error"], "ENOSPC", "{folder}: {found}");
        assert!(found["written"].as_u64().unwrap() <= 128 * MIB, "{folder}: {found}");
    }
    let found = attack(&mut client, &json!({ "what": "inodes" }));
    assert_eq!(found["error"], "ENOSPC", "{found}");
    assert_eq!(attack(&mut client, &json!({ "what": "ping" })), json!({}));
}

#[test]
fn an_endless_line_is_cut_off_and_the_proxy_stays_small() {
    let proxy = with_neighbour("good");
    let mut client = both_ready(&proxy);
    let before = proxy.peak_memory();
    let answer = client.call("bad__attack", &json!({ "what": "endless_line", "megabytes": 300 }));
    assert!(failed(&answer), "{answer:?}");
    let server = wait_for_failure(&proxy);
    assert!(told(&server).contains("longer than"), "{}", shown(&server));
    let grown = proxy.peak_memory() - before;
    assert!(grown < 150 * MIB, "the proxy grew by {} MiB", grown / MIB);
    assert_neighbour_answers(&proxy);
}

#[test]
fn garbage_between_messages_is_skipped_and_told() {
    let proxy = with_neighbour("garbage");
    let mut client = both_ready(&proxy);
    assert_eq!(attack(&mut client, &json!({ "what": "ping" })), json!({}));
    assert!(
        proxy.log("server-bad.log").contains("Server listening on port 3000"),
        "{}",
        proxy.log("server-bad.log")
    );
}

#[test]
fn a_server_that_speaks_no_protocol_fails_with_what_it_wrote() {
    let proxy = with_neighbour("only_garbage");
    let server = wait_for_failure(&proxy);
    assert!(told(&server).contains("Server listening on port 3000"), "{}", shown(&server));
    proxy.wait_until_ready("neighbour");
    assert_neighbour_answers(&proxy);
}

#[test]
fn a_silent_server_fails_at_its_deadline_with_its_last_line() {
    let proxy = with_neighbour("silence");
    let server = wait_for_failure(&proxy);
    assert!(
        told(&server).contains("6 s") && told(&server).contains("Downloading model 12 %"),
        "{}",
        shown(&server)
    );
}

#[test]
fn a_server_that_exits_early_shows_its_code_and_its_last_words() {
    let proxy = with_neighbour("early_exit");
    let server = wait_for_failure(&proxy);
    assert_eq!(server["last_exit"]["code"], 3, "{}", shown(&server));
    assert!(told(&server).contains("the sky falls"), "{}", shown(&server));
    assert!(server["retry_at"].is_string() || server["state"] != "backoff", "{}", shown(&server));
}

#[test]
fn a_server_that_dies_in_a_call_ends_that_call_with_an_error_and_comes_back() {
    let proxy = with_neighbour("good");
    let mut client = both_ready(&proxy);
    let answer = client.call("bad__attack", &json!({ "what": "last_words", "code": 9 }));
    assert!(failed(&answer), "{answer:?}");
    let server = proxy.wait_for("bad", "back", GENEROUS, |server| {
        server["state"] == "ready" && server["last_exit"]["code"] == 9
    });
    assert!(server["reconnect_count"].as_u64().unwrap() >= 1, "{}", shown(&server));
    assert_eq!(attack(&mut Client::open(&proxy), &json!({ "what": "ping" })), json!({}));
}

#[test]
fn a_server_with_closed_ends_fails_at_its_deadline() {
    for habit in ["closed_stdin", "closed_stdout"] {
        let proxy = with_neighbour(habit);
        wait_for_failure(&proxy);
        proxy.wait_until_ready("neighbour");
        assert_neighbour_answers(&proxy);
    }
}

#[test]
fn a_flood_of_errors_slows_nobody_and_fills_no_disk() {
    let proxy = with_neighbour("stderr_flood");
    let mut client = both_ready(&proxy);
    for _ in 0..5 {
        assert_eq!(attack(&mut client, &json!({ "what": "flood_stderr", "megabytes": 20 })), json!({}));
        assert_neighbour_answers(&proxy);
    }
    let logs = std::fs::read_dir(proxy.setup.logs()).unwrap().flatten();
    let size: u64 = logs.map(|file| file.metadata().unwrap().len()).sum();
    assert!(size < 120 * MIB, "the logs take {} MiB", size / MIB);
    assert!(proxy.peak_memory() < 150 * MIB, "the proxy grew to {} MiB", proxy.peak_memory() / MIB);
}

#[test]
fn a_server_that_ignores_the_polite_signals_is_gone_all_the_same() {
    let mut proxy = with_neighbour("ignore_term");
    both_ready(&proxy);
    let container = proxy.server("bad")["container_id"].as_str().unwrap().to_owned();
    proxy.send("POST", "/api/v1/servers/bad/disable", &json!({}));
    proxy.wait_for_state("bad", "disabled");
    assert!(!proxy.setup.docker.exists(&container), "the container is still there");
    assert_neighbour_answers(&proxy);
    assert!(proxy.stop("TERM").success());
}

#[test]
fn an_answer_that_drips_in_misses_only_its_own_deadline() {
    let proxy = with_neighbour("slow_drip");
    proxy.wait_until_ready("neighbour");
    assert_neighbour_answers(&proxy);
    wait_for_failure(&proxy);
    assert_neighbour_answers(&proxy);
}

#[test]
fn a_writer_of_its_own_input_ends_with_the_proxy() {
    let mut proxy = with_neighbour("good");
    let mut client = both_ready(&proxy);
    attack(&mut client, &json!({ "what": "reopen_stdin" }));
    attack(&mut client, &json!({ "what": "orphans" }));
    let instance = proxy.instance();
    let docker = proxy.setup.docker.clone();
    proxy.kill();
    docker.wait_until_gone(&instance);
}

#[test]
fn stop_leaves_no_process_of_a_server_that_scatters_them() {
    let proxy = with_neighbour("good");
    let mut client = both_ready(&proxy);
    attack(&mut client, &json!({ "what": "orphans" }));
    let container = proxy.server("bad")["container_id"].as_str().unwrap().to_owned();
    let processes = proxy.setup.docker.run(&["top", &container, "-o", "pid"]);
    let pids: Vec<String> = processes.lines().skip(1).map(|line| line.trim().to_owned()).collect();
    assert!(pids.len() >= 6, "{processes}");
    proxy.send("POST", "/api/v1/servers/bad/disable", &json!({}));
    proxy.wait_for_state("bad", "disabled");
    let left: Vec<&String> = pids.iter().filter(|pid| is_alive(pid)).collect();
    assert!(left.is_empty(), "still there: {left:?}");
}

/// Whether a process of the container still runs; a number that was given to another program does not count.
fn is_alive(pid: &str) -> bool {
    let command = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    command.contains("python3") || command.contains("shim")
}

#[test]
fn forged_reports_are_plain_text_in_the_log() {
    let proxy = with_neighbour("good");
    let mut client = both_ready(&proxy);
    attack(&mut client, &json!({ "what": "forged_reports" }));
    assert_eq!(attack(&mut client, &json!({ "what": "ping" })), json!({}));
    let server = proxy.server("bad");
    assert_eq!(server["state"], "ready", "{}", shown(&server));
    assert!(proxy.log("server-bad.log").contains("0123456789abcdef"), "{}", proxy.log("server-bad.log"));
}

#[test]
fn control_sequences_do_not_reach_the_log() {
    let proxy = with_neighbour("good");
    let mut client = both_ready(&proxy);
    attack(&mut client, &json!({ "what": "escapes" }));
    let log = mcpproxy_tests::wait::until("the line in the log", GENEROUS, || {
        let log = proxy.log("server-bad.log");
        if log.contains("plain words") { Ok(log) } else { Err(log) }
    });
    let wrong: Vec<char> =
        log.chars().filter(|letter| letter.is_control() && !"\n\t\r".contains(*letter)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn answers_that_nobody_asked_for_reach_nobody() {
    let proxy = with_neighbour("good");
    let mut client = both_ready(&proxy);
    let found = attack(&mut client, &json!({ "what": "foreign_answers" }));
    assert!(found["forged"].as_u64().unwrap() > 100, "{found}");
    for _ in 0..20 {
        assert_eq!(attack(&mut client, &json!({ "what": "ping" })), json!({}));
    }
    assert_neighbour_answers(&proxy);
}

#[test]
fn deep_nesting_doubled_keys_and_broken_text_are_dropped_alone() {
    let proxy = with_neighbour("good");
    let mut client = both_ready(&proxy);
    assert_eq!(attack(&mut client, &json!({ "what": "nested", "depth": 100_000 })), json!({}));
    assert_eq!(attack(&mut client, &json!({ "what": "ping" })), json!({}));
}

#[test]
fn a_call_that_hangs_blocks_neither_others_nor_the_stop() {
    let mut proxy = with_neighbour("good");
    let client = both_ready(&proxy);
    std::thread::scope(|scope| {
        let mut client = client;
        let hanging = scope.spawn(move || client.call("bad__attack", &json!({ "what": "hang" })));
        until_true("the call to arrive", GENEROUS, || proxy.log("server-bad.log").contains("hanging now"));
        assert_neighbour_answers(&proxy);
        proxy.send("POST", "/api/v1/servers/bad/disable", &json!({}));
        let answer = hanging.join().unwrap();
        assert!(failed(&answer), "{answer:?}");
    });
    assert!(proxy.stop("TERM").success());
}
