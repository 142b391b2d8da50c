//! The promise of the whole: but for the tokens that sharing forces upon us, every byte arrives as it left.

use bytes::Bytes;
use futures_util::future::join_all;
use mcpproxy_gateway::{Credential, Endpoint};
use mcpproxy_protocol::{Edit, Span, flatten, scan, splice};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::harness::{Client, World, collect, next, script, tools};

/// Blanks as they may stand between tokens.
fn blank() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => Just(""), 4 => Just(" "), 1 => Just("\t "), 1 => Just("\n"), 1 => Just("\r\n  ")]
}

fn string() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "a",
        "Z",
        "0",
        " ",
        "\\u0041",
        "\\/",
        "\\n",
        "\\\"",
        "é",
        "漢",
        "\\ud83d\\ude00",
        "🦀",
        ":",
        "{",
        "]",
    ]);
    prop::collection::vec(part, 0..6).prop_map(|parts| format!("\"{}\"", parts.concat()))
}

/// JSON text in spellings that a parser would not keep.
fn value() -> impl Strategy<Value = String> {
    let numbers = ["0", "-0", "1.0", "1E5", "0.10", "123456789012345678901234567890", "1e-7", "-3"];
    let leaf = prop_oneof![
        prop::sample::select(numbers.to_vec()).prop_map(str::to_owned),
        prop::sample::select(vec!["null", "true", "false"]).prop_map(str::to_owned),
        string(),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            (prop::collection::vec((blank(), inner.clone()), 0..4)).prop_map(|items| format!(
                "[{}]",
                join(items.into_iter().map(|(blank, item)| format!("{blank}{item}")))
            )),
            prop::collection::vec((blank(), string(), blank(), inner), 0..4).prop_map(|items| {
                format!(
                    "{{{}}}",
                    join(items.into_iter().map(|(a, key, b, item)| format!("{a}{key}{b}:{a}{item}")))
                )
            }),
        ]
    })
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}

/// An object with these members in any order, and blanks anywhere.
fn object(members: Vec<(&'static str, String)>) -> impl Strategy<Value = String> {
    (Just(members).prop_shuffle(), blank(), blank()).prop_map(|(members, a, b)| {
        format!(
            "{{{a}{}{b}}}",
            join(members.into_iter().map(|(key, value)| format!("{b}\"{key}\"{a}:{b}{value}")))
        )
    })
}

/// One request of a client, what the server answers, and what it reports before.
#[derive(Debug, Clone)]
struct Exchange {
    request: String,
    result: String,
    extra: String,
    reports: bool,
}

/// Ids that collide between sessions and never within one.
const IDS: [&str; 6] = ["0", "1", "\"1\"", "\"\\u0061\"", "7.0", "-2"];

fn exchange(id: &'static str, tool: &'static str) -> impl Strategy<Value = Exchange> {
    (
        value(),
        value(),
        value(),
        value(),
        prop::option::of(prop::sample::select(vec!["0", "\"t\"", "\"\\u0074\"", "12"])),
    )
        .prop_flat_map(move |(arguments, result, extra, meta, token)| {
            let mut inner = vec![("other/key", meta)];
            inner.extend(token.map(|token| ("progressToken", token.to_owned())));
            let reports = token.is_some();
            let (outer_extra, after) = (extra.clone(), extra.clone());
            object(inner)
                .prop_flat_map(move |meta| {
                    object(vec![
                        ("name", format!("\"{tool}\"")),
                        ("arguments", arguments.clone()),
                        ("_meta", meta),
                    ])
                })
                .prop_flat_map(move |params| {
                    object(vec![
                        ("jsonrpc", "\"2.0\"".to_owned()),
                        ("id", id.to_owned()),
                        ("method", "\"tools\\/call\"".to_owned()),
                        ("params", params),
                        ("unknown", outer_extra.clone()),
                    ])
                })
                .prop_map(move |request| Exchange {
                    request,
                    result: result.clone(),
                    extra: after.clone(),
                    reports,
                })
        })
}

fn exchanges(tool: &'static str) -> impl Strategy<Value = Vec<Vec<Exchange>>> {
    let one = (1..IDS.len())
        .prop_flat_map(move |count| IDS[..count].iter().map(|id| exchange(id, tool)).collect::<Vec<_>>());
    prop::collection::vec(one, 1..4)
}

/// `message` with the token at `span` exchanged.
fn with(message: &[u8], edits: &[(Option<Span>, &[u8])]) -> Bytes {
    let mut edits: Vec<Edit> = edits
        .iter()
        .filter_map(|(span, text)| Some(Edit::new((*span)?, Bytes::copy_from_slice(text))))
        .collect();
    splice(&Bytes::copy_from_slice(message), &mut edits)
}

/// On a pipe a line is a message, so breaks between tokens become blanks; nothing else may.
fn on_one_line(message: &str) -> Vec<u8> {
    let mut line = message.as_bytes().to_vec();
    flatten(&mut line);
    line
}

/// Plays all exchanges at once and compares what arrives with what was sent.
async fn compare(endpoint: Endpoint, sessions: Vec<Vec<Exchange>>) {
    let world = World::new();
    let mut server = world.with_tools("s", &["t"]).await;
    let calls = join_all(sessions.iter().map(async |exchanges| {
        let client = world.client_with(endpoint.clone(), Credential::Local, json!({})).await;
        exchanges.iter().map(|exchange| (client.clone(), exchange.clone())).collect::<Vec<_>>()
    }));
    let mut sent: Vec<(Client, Exchange)> = calls.await.into_iter().flatten().collect();
    let waiting: Vec<_> = sent
        .iter()
        .cloned()
        .map(|(client, exchange)| {
            tokio::spawn(async move { collect(client.post(&exchange.request).await.expect("taken")).await })
        })
        .collect();

    let mut heard = Vec::new();
    for _ in 0..sent.len() {
        heard.push(server.hear_raw().await);
    }
    let mut expected: Vec<Vec<Bytes>> = vec![Vec::new(); sent.len()];
    let mut unclaimed: Vec<usize> = (0..sent.len()).collect();
    for line in heard.iter().rev() {
        let inside = scan(line.as_bytes()).expect("a message");
        let fits = |place: &usize| {
            let request = &sent[*place].1.request;
            let outside = scan(request.as_bytes()).expect("a message");
            let of = |span: Option<Span>| span.map_or(b"".as_slice(), |span| span.of(request.as_bytes()));
            let restored = with(
                line.as_bytes(),
                &[
                    (inside.id, of(outside.id)),
                    (inside.progress_token, of(outside.progress_token)),
                    (inside.name, of(outside.name)),
                ],
            );
            restored == on_one_line(request)
        };
        let found = unclaimed
            .iter()
            .position(fits)
            .unwrap_or_else(|| panic!("the server heard what nobody sent: {line}"));
        let place = unclaimed.remove(found);
        let Exchange { request, result, extra, reports } = &sent[place].1;
        let outside = scan(request.as_bytes()).expect("a message");
        let (id, own) = (
            inside.id.expect("an id").of(line.as_bytes()),
            outside.id.expect("an id").of(request.as_bytes()),
        );
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        if *reports {
            let token =
                |span: Option<Span>, message: &str| text(span.expect("a token").of(message.as_bytes()));
            let report = |token: &str| {
                format!(
                    r#"{{"params":{{"x":{extra}, "progressToken": {token},"progress":1.50}},"method":"notifications/progress","jsonrpc":"2.0"}}"#
                )
            };
            server.voice.say(&text(&on_one_line(&report(&token(inside.progress_token, line))))).await;
            expected[place].push(on_one_line(&report(&token(outside.progress_token, request))).into());
        }
        let answer = |id: &str| format!(r#"{{ "result":{result},"z":{extra},"id" :{id}, "jsonrpc":"2.0"}}"#);
        server.voice.say(&text(&on_one_line(&answer(&text(id))))).await;
        expected[place].push(on_one_line(&answer(&text(own))).into());
    }
    for ((messages, expected), (_, exchange)) in
        join_all(waiting).await.into_iter().zip(expected).zip(sent.drain(..))
    {
        assert_eq!(messages.expect("no panic"), expected, "{exchange:?}");
    }
}

/// A question of the server and the client's answer, both as they are written.
async fn compare_question(params: &str, answer: &str) {
    let world = World::new();
    let mut server = world.with_tools("s", &["t"]).await;
    let client = world.client(Endpoint::All).await;
    let caller = client.clone();
    let call = tokio::spawn(async move {
        let message = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"s__t"}}"#;
        let mcpproxy_gateway::ReplyKind::Stream(stream) = caller.post(message).await.expect("taken").kind
        else {
            panic!("a stream")
        };
        stream
    });
    let asked = server.hear().await;
    let question = |id: &str| {
        format!(
            r#"{{"params":{{"messages":{params},"maxTokens":1.0}}, "id":{id},"method":"sampling\/createMessage","jsonrpc":"2.0"}}"#
        )
    };
    let line = String::from_utf8(on_one_line(&question("\"q\\u0071\""))).expect("UTF-8");
    server.voice.say(&line).await;
    let mut stream = call.await.expect("no panic");
    let arrived = loop {
        let event = stream.next().await.expect("the question");
        if !event.data.is_empty() {
            break event.data;
        }
    };
    let id = scan(&arrived).expect("a message").id.expect("an id").of(&arrived).to_vec();
    let id = String::from_utf8(id).expect("UTF-8");
    assert_eq!(arrived, on_one_line(&question(&id)));

    let reply = |id: &str| format!(r#"{{"id" : {id},"result":{answer},"jsonrpc":"2.0"}}"#);
    client.post(&reply(&id)).await.expect("taken");
    assert_eq!(server.hear_raw().await.into_bytes(), on_one_line(&reply("\"q\\u0071\"")));
    server.voice.answer(&asked, json!({})).await;
    assert_eq!(next(&mut stream).await["id"], 1);
}

/// A notice of the server for each client of its endpoint.
async fn compare_notice(params: &str) {
    let world = World::new();
    let server =
        world.attach("s", json!({ "tools": {}, "logging": {} }), script(&[("tools/list", tools(&[]))])).await;
    let clients = [world.client(Endpoint::Server("s".into())).await, world.client(Endpoint::All).await];
    let mut streams = clients.each_ref().map(Client::listen);
    let notice = format!(
        r#"{{"params":{{"data":{params},"level":"error"}},"jsonrpc":"2.0", "method":"notifications\/message"}}"#
    );
    let line = on_one_line(&notice);
    server.voice.say(&String::from_utf8(line.clone()).expect("UTF-8")).await;
    for stream in &mut streams {
        let arrived = loop {
            let event = stream.next().await.expect("the notice");
            let is_notice = serde_json::from_slice::<Value>(&event.data)
                .is_ok_and(|value| value["method"] == "notifications/message");
            if is_notice {
                break event.data;
            }
        };
        assert_eq!(arrived, line);
    }
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn calls_and_answers_of_many_sessions_keep_their_bytes_at_the_aggregated_endpoint(sessions in exchanges("s__t")) {
        run(compare(Endpoint::All, sessions));
    }

    #[test]
    fn calls_and_answers_of_many_sessions_keep_their_bytes_at_a_servers_own_endpoint(sessions in exchanges("t")) {
        run(compare(Endpoint::Server("s".into()), sessions));
    }

    #[test]
    fn questions_and_their_answers_keep_their_bytes(params in value(), answer in value()) {
        run(compare_question(&params, &answer));
    }

    #[test]
    fn notices_keep_their_bytes(params in value()) {
        run(compare_notice(&params));
    }
}
