use std::{collections::HashMap, time::Duration as Length};

use tokio::time::timeout;

use super::*;
use crate::logs::Redactors;

const LIMIT: Length = Length::from_secs(30);

fn start(folder: &Path) -> (Activity, Recording) {
    Activity::start(folder, &Config::default(), None, Redactors::default())
}

fn noted(server: &str) -> Entry {
    Entry {
        at: Timestamp::now(),
        kind: Kind::ToolCall,
        server: Some(server.into()),
        count: 1,
        ..Entry::default()
    }
}

fn all() -> Window {
    Window { limit: 100_000, bodies: true, ..Window::default() }
}

async fn records(activity: &Activity) -> Vec<Record> {
    activity.page(Filter::default(), all()).await.unwrap().records
}

#[tokio::test]
async fn what_was_put_in_is_read_at_once_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (activity, recording) = start(folder.path());
    activity.put(noted("a"));
    activity.put(Entry { status: Status::Error, ..noted("b") });
    assert_eq!(records(&activity).await.len(), 2);
    assert_eq!(activity.today(), Today { calls: 2, failed: 1, blocked: 0 });
    activity.put(noted("c"));
    recording.close();
    let (activity, _recording) = start(folder.path());
    let read = records(&activity).await;
    assert_eq!(read[0].server.as_deref(), Some("c"));
    assert_eq!(activity.today().calls, 3);
    let again = activity.record(&read[0].id()).await.unwrap().unwrap();
    assert_eq!(again.seq, read[0].seq);
    assert_eq!(activity.record("nonsense").await.unwrap(), None);
}

#[tokio::test]
async fn whoever_watches_hears_of_new_records() {
    let folder = tempfile::tempdir().unwrap();
    let (activity, _recording) = start(folder.path());
    let mut pulse = activity.watch();
    activity.put(noted("a"));
    let heard = timeout(LIMIT, pulse.wait_for(|pulse| pulse.written == 1)).await;
    assert_eq!(heard.unwrap().unwrap().today.calls, 1);
}

#[tokio::test]
async fn more_calls_than_can_wait_are_counted_and_told_in_one_record() {
    let folder = tempfile::tempdir().unwrap();
    let (activity, _recording) = start(folder.path());
    let mut missed = 0;
    for _ in 0..50_000 {
        if activity.has_room() {
            activity.put(noted("s"));
        } else {
            missed += 1;
        }
    }
    assert!(missed > 0);
    let read = records(&activity).await;
    let told: u64 =
        read.iter().filter(|record| record.kind == "not_recorded").map(|record| record.count).sum();
    let kept = read.iter().filter(|record| record.kind == "tool_call").count() as u64;
    assert_eq!(told, missed);
    assert_eq!(kept + told, 50_000);
    assert_eq!(activity.today().calls, 50_000);
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(store::FILE), "this is no database, and long enough to be looked at")
        .unwrap();
    let (activity, _recording) = start(folder.path());
    activity.put(noted("a"));
    let read = records(&activity).await;
    assert_eq!(read.len(), 2);
    let told = read.iter().find(|record| record.kind == "system_start").unwrap();
    assert!(told.summary.as_deref().unwrap().contains(".damaged-"), "{told:?}");
    let kept = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name());
    assert!(kept.into_iter().any(|name| name.to_string_lossy().contains(".damaged-")));
}

#[tokio::test]
async fn damage_that_a_reader_finds_is_set_aside_by_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let (activity, recording) = start(folder.path());
    for _ in 0..500 {
        activity.put(Entry { response: Some("x".repeat(2000)), ..noted("a") });
    }
    recording.close();
    let path = folder.path().join(store::FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 4;
    bytes[8192..middle * 3].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    let (activity, _recording) = start(folder.path());
    let mut pulse = activity.watch();
    let read = async {
        loop {
            match activity.page(Filter::default(), all()).await {
                Err(ActivityError::Damaged(_)) => {}
                Ok(page) if page.records.iter().any(|record| record.kind == "system_start") => return,
                other => panic!("{other:?}"),
            }
            let _ = pulse.changed().await;
        }
    };
    timeout(LIMIT, read).await.unwrap();
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_told_and_nothing_is_lost_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(store::FILE);
    let connection = store::open(&path).unwrap();
    connection.execute_batch("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(connection);
    let before = std::fs::read(&path).unwrap();
    let (activity, recording) = start(folder.path());
    let mut pulse = activity.watch();
    activity.put(noted("a"));
    timeout(LIMIT, pulse.wait_for(|pulse| pulse.problem.is_some())).await.unwrap().unwrap();
    assert_eq!(activity.problem().unwrap().code, "activity_newer");
    recording.close();
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn no_secret_reaches_the_bytes_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let redactors = Redactors::default();
    let own = Redactor::new([("DEEP", Secret::new("s3rver-Own-Secret"))]);
    redactors.store(Arc::new(HashMap::from([("github".to_owned(), Arc::new(own))])));
    let config = Config { api_key: Some("4dmin-K3y-of-this-door".into()), ..Config::default() };
    let (activity, recording) =
        Activity::start(folder.path(), &config, Some(Secret::new("g1ven-K3y-of-this-start")), redactors);
    let secrets = [
        "s3rver-Own-Secret",
        "4dmin-K3y-of-this-door",
        "ghp_0123456789abcdefghij",
        "g1ven-K3y-of-this-start",
        "pa55word-typed",
    ];
    for secret in secrets {
        activity.put(Entry {
            error: Some(format!("failed with password={secret}")),
            arguments: Some(json!({"keys": "github.env.TOKEN", "token": secret}).to_string()),
            fields: Some(json!({"password": secret}).to_string()),
            ..noted("github")
        });
    }
    records(&activity).await;
    recording.close();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{secret}");
        }
    }
}

#[tokio::test]
async fn limits_of_the_configuration_hold_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (activity, _recording) = start(folder.path());
    let limits = ActivityConfig { max_records: 100, ..ActivityConfig::default() };
    activity.configure(&Config { activity: limits, ..Config::default() });
    for _ in 0..2500 {
        activity.put(noted("s"));
    }
    let read = async {
        while records(&activity).await.len() > 1100 {
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, read).await.unwrap();
}
