use jiff::ToSpan as _;
use proptest::prelude::*;

use super::*;
use crate::activity::{
    record::{Entry, Kind, Status},
    store,
};

fn fresh(entries: &[Entry]) -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = store::open(&folder.path().join(store::FILE)).unwrap();
    store::insert(&mut connection, entries).unwrap();
    (folder, connection)
}

fn call(server: &str, tool: &str, status: Status, duration_us: u64) -> Entry {
    Entry {
        at: Timestamp::now(),
        server: Some(server.into()),
        tool: Some(tool.into()),
        client: Some("Cursor".into()),
        status,
        duration_us: Some(duration_us),
        arguments: Some(format!("{{\"q\":\"50%_{tool}\"}}")),
        count: 1,
        ..Entry::default()
    }
}

fn some() -> Vec<Entry> {
    vec![
        call("github", "search", Status::Success, 100),
        call("github", "search", Status::Success, 300),
        call("github", "push", Status::Error, 200),
        Entry { client: Some("Claude".into()), ..call("time", "now", Status::Blocked, 1) },
        Entry {
            kind: Kind::Config,
            server: Some("time".into()),
            at: Timestamp::now(),
            count: 1,
            ..Entry::default()
        },
        Entry { kind: Kind::Missed, count: 7, at: Timestamp::now(), ..Entry::default() },
    ]
}

fn found(connection: &Connection, filter: Filter) -> usize {
    let page = page(connection, &filter, &Window { limit: 100, ..Window::default() }).unwrap();
    assert_eq!(page.total, page.records.len() as u64);
    page.records.len()
}

#[test]
fn each_filter_narrows_and_together_they_narrow_further() {
    let (_folder, connection) = fresh(&some());
    let text = |text: &str| Filter { text: Some(text.into()), ..Filter::default() };
    assert_eq!(found(&connection, Filter::default()), 6);
    assert_eq!(found(&connection, Filter { server: Some("github".into()), ..Filter::default() }), 3);
    assert_eq!(found(&connection, Filter { client: Some("Claude".into()), ..Filter::default() }), 1);
    let kinds = vec!["tool_call".to_owned(), "config_change".to_owned()];
    assert_eq!(found(&connection, Filter { kinds: kinds.clone(), ..Filter::default() }), 5);
    let both = Filter { kinds, server: Some("time".into()), ..Filter::default() };
    assert_eq!(found(&connection, both), 2);
    let failed = vec!["error".to_owned(), "blocked".to_owned()];
    assert_eq!(found(&connection, Filter { statuses: failed, ..Filter::default() }), 2);
    assert_eq!(found(&connection, text("PUSH")), 1);
    assert_eq!(found(&connection, text("50%_now")), 1);
    assert_eq!(found(&connection, text("50__now")), 0);
    assert_eq!(found(&connection, Filter { to: Some(Timestamp::now() - 1.hour()), ..Filter::default() }), 0);
    assert_eq!(found(&connection, Filter { kinds: vec!["tool".into()], ..Filter::default() }), 0);
}

#[test]
fn quotes_in_a_filter_are_only_text() {
    let (_folder, connection) = fresh(&some());
    let hostile = "x' OR 1=1 --".to_owned();
    assert_eq!(found(&connection, Filter { server: Some(hostile.clone()), ..Filter::default() }), 0);
    assert_eq!(found(&connection, Filter { kinds: vec![hostile.clone()], ..Filter::default() }), 0);
    assert_eq!(found(&connection, Filter { text: Some(hostile), ..Filter::default() }), 0);
}

#[test]
fn a_record_is_found_by_its_id_with_its_bodies() {
    let (_folder, connection) = fresh(&some());
    let window = Window { limit: 1, ..Window::default() };
    let filter = Filter { tool: Some("push".into()), ..Filter::default() };
    let listed = page(&connection, &filter, &window).unwrap().records.remove(0);
    assert_eq!(listed.arguments, None);
    let (seq, at) = crate::activity::record::parse_id(&listed.id()).unwrap();
    let whole = one(&connection, seq, at).unwrap().unwrap();
    assert_eq!(whole.arguments.as_deref(), Some("{\"q\":\"50%_push\"}"));
    assert_eq!(one(&connection, seq, at + 1).unwrap(), None);
}

#[test]
fn sums_are_right_for_everything_servers_clients_and_tools() {
    let (_folder, connection) = fresh(&some());
    let from = Timestamp::now() - 1.hour();
    let sums = summary(&connection, from, Timestamp::MAX).unwrap();
    assert_eq!((sums.all.calls, sums.all.succeeded, sums.all.failed, sums.all.blocked), (4, 2, 1, 1));
    assert_eq!((sums.all.median_us, sums.not_recorded), (Some(200), 7));
    assert_eq!((sums.servers[0].0.as_str(), sums.servers[0].1.calls), ("github", 3));
    assert_eq!((sums.clients[0].0.as_str(), sums.clients[1].0.as_str()), ("Cursor", "Claude"));
    assert_eq!((sums.tools[0].1.as_str(), sums.tools[0].2.median_us), ("search", Some(300)));
    let counts = today(&connection, from).unwrap();
    assert_eq!((counts.calls, counts.failed, counts.blocked), (11, 1, 1));
}

#[test]
fn an_event_has_a_sentence() {
    let event = Entry {
        code: Some("activity_client_came"),
        fields: Some("{\"client\":\"Cursor\",\"version\":\"1\"}".into()),
        ..Entry::default()
    };
    let (_folder, connection) = fresh(&[event]);
    let page = page(&connection, &Filter::default(), &Window { limit: 1, ..Window::default() }).unwrap();
    assert_eq!(page.records[0].summary.as_deref(), Some("Cursor connected."));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// While pages are read, records come and old ones leave: what was there all the time is read exactly once.
    #[test]
    fn paging_loses_and_doubles_nothing(
        first in 1_usize..120, limit in 1_usize..30, fresh_each in 0_usize..5, upward in any::<bool>(),
    ) {
        let entries = vec![call("s", "t", Status::Success, 1); first];
        let (_folder, mut connection) = fresh(&entries);
        let mut window = Window { limit, after: upward.then_some(0), ..Window::default() };
        let mut read: Vec<u64> = Vec::new();
        loop {
            let part = page(&connection, &Filter::default(), &window).unwrap();
            read.extend(part.records.iter().map(|record| record.seq));
            let Some(last) = part.records.last().filter(|_| part.more) else { break };
            if upward {
                window.after = Some(last.seq);
            } else {
                window.before = Some(last.seq);
            }
            if read.len() < 2 * first {
                store::insert(&mut connection, &entries[..fresh_each.min(first)]).unwrap();
            }
        }
        let mut expected: Vec<u64> = (1..=first as u64).collect();
        if upward {
            prop_assert_eq!(&read[..first], &expected[..]);
            prop_assert!(read.windows(2).all(|pair| pair[0] + 1 == pair[1]));
        } else {
            expected.reverse();
            prop_assert_eq!(read, expected);
        }
    }
}
