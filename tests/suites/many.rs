//! Thirty servers at once: all come up, all answer, all go.
#![expect(clippy::unwrap_used, reason = "test code")]

use mcpproxy_tests::mcp::Client;
use mcpproxy_tests::proxy::{Proxy, Setup};
use mcpproxy_tests::servers::small;
use mcpproxy_tests::wait::until;
use serde_json::json;
use std::time::Duration;

const SERVERS: usize = 30;

fn names() -> impl Iterator<Item = String> {
    (0..SERVERS).map(|number| format!("many{number:02}"))
}

fn all_ready() -> Proxy {
    let proxy = Setup::new(names().map(|name| small(&name)).collect()).start();
    until("all servers to be ready", Duration::from_secs(240), || {
        let list = proxy.get("/api/v1/servers");
        let ready = list["stats"]["connected_servers"].as_u64().unwrap();
        if ready == SERVERS as u64 { Ok(()) } else { Err(format!("{ready} are ready\n{list:#}")) }
    });
    proxy
}

#[test]
fn all_come_up_answer_and_go() {
    let mut proxy = all_ready();
    assert_eq!(proxy.containers().len(), SERVERS);
    let mut client = Client::open(&proxy);
    let tools = client.tools();
    for name in names() {
        assert!(tools.contains(&format!("{name}__echo")), "{name} is missing in {tools:?}");
        let answer = client.call(&format!("{name}__echo"), &json!({ "text": name })).unwrap();
        assert_eq!(answer["content"][0]["text"], name.as_str());
    }
    let instance = proxy.instance();
    assert!(proxy.stop("TERM").success());
    proxy.setup.docker.assert_gone(&instance);
}

#[test]
fn the_calls_of_all_run_side_by_side() {
    let proxy = all_ready();
    std::thread::scope(|scope| {
        for name in names() {
            let proxy = &proxy;
            scope.spawn(move || {
                let mut client = Client::open(proxy);
                for round in 0..20 {
                    let text = format!("{name}-{round}");
                    let answer = client.call(&format!("{name}__echo"), &json!({ "text": text })).unwrap();
                    assert_eq!(answer["content"][0]["text"], text.as_str());
                }
            });
        }
    });
}
