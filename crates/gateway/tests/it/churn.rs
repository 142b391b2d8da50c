//! No lost answer: whatever comes and goes meanwhile, each request has exactly one result or one error.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use mcpproxy_gateway::{Endpoint, Options, RoutingMode};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{Client, World, collect, script, tools};

const CLIENTS: u64 = 16;
const CALLS: u64 = 60;
/// Answers that must be real ones, so that the test does not pass on errors alone.
const REAL: usize = 100;

async fn keep_calling(client: Client, real: Arc<AtomicUsize>, changing: Arc<AtomicBool>) {
    let mut id = 0;
    while id < CALLS || changing.load(Ordering::Relaxed) {
        id += 1;
        // What is answered at once never waits, and would keep everybody else from running.
        tokio::task::yield_now().await;
        let (method, params) = match id % 4 {
            0 => ("tools/list", json!({})),
            1 => ("tools/call", json!({ "name": "a__t", "_meta": { "progressToken": id } })),
            2 => ("tools/call", json!({ "name": "b__t" })),
            _ => ("ping", json!({})),
        };
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string();
        let messages = collect(client.post(&message).await.expect("taken")).await;
        let answers: Vec<Value> = messages
            .iter()
            .map(|message| serde_json::from_slice::<Value>(message).expect("JSON"))
            .filter(|message| message.get("method").is_none())
            .collect();
        assert_eq!(answers.len(), 1, "{method} {id}: {messages:?}");
        assert_eq!(answers[0]["id"], id);
        assert!(answers[0].get("result").is_some() != answers[0].get("error").is_some());
        if method == "tools/call" && answers[0]["result"]["real"] == true {
            real.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_request_has_exactly_one_answer_while_servers_come_and_go() {
    let world = Arc::new(World::new());
    let answers =
        script(&[("tools/list", tools(&["t"])), ("tools/call", json!({ "content": [], "real": true }))]);
    let capabilities = json!({ "tools": { "listChanged": true } });
    let changing = Arc::new(AtomicBool::new(true));
    let real = Arc::new(AtomicUsize::new(0));
    let mut calling = tokio::task::JoinSet::new();
    for place in 0..CLIENTS {
        let endpoint = if place % 2 == 0 { Endpoint::All } else { Endpoint::Default };
        let client = world.client(endpoint).await;
        calling.spawn(keep_calling(client, Arc::clone(&real), Arc::clone(&changing)));
    }
    let churn = async {
        for round in 0_usize.. {
            let a = world.attach("a", capabilities.clone(), answers.clone()).await;
            let b = world.attach("b", capabilities.clone(), answers.clone()).await;
            let before = real.load(Ordering::Relaxed);
            world.until(|| real.load(Ordering::Relaxed) >= before + 5).await;
            if round % 3 == 0 {
                world.gateway.detach("a");
            }
            world.gateway.set_options(Options {
                routing_mode: RoutingMode::Direct,
                tools_limit: round,
                ..Options::default()
            });
            drop(b);
            drop(a);
            if real.load(Ordering::Relaxed) >= REAL && round >= 10 {
                return;
            }
        }
    };
    timeout(Duration::from_secs(60), churn).await.expect("servers come and go");
    changing.store(false, Ordering::Relaxed);
    while let Some(done) = calling.join_next().await {
        done.expect("no client lost an answer");
    }
    assert!(real.load(Ordering::Relaxed) >= REAL);
}
