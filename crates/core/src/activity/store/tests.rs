use jiff::ToSpan as _;
use proptest::prelude::*;

use super::*;
use crate::activity::record::Kind;

fn entry(at: Timestamp) -> Entry {
    Entry { at, kind: Kind::ToolCall, count: 1, arguments: Some("{}".into()), ..Entry::default() }
}

fn fresh() -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let connection = open(&folder.path().join(FILE)).unwrap();
    (folder, connection)
}

fn count(connection: &Connection, table: &str) -> u64 {
    let count: i64 =
        connection.query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| row.get(0)).unwrap();
    u64::try_from(count).unwrap()
}

const NONE: Limits = Limits { oldest: None, records: None, bytes: None };

#[cfg(unix)]
#[test]
fn the_file_and_what_lies_beside_it_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, mut connection) = fresh();
    insert(&mut connection, &[entry(Timestamp::now())]).unwrap();
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 3, "{files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}

#[test]
fn a_file_of_a_newer_version_is_not_touched() {
    let (folder, connection) = fresh();
    connection.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(connection);
    let path = folder.path().join(FILE);
    let before = fs::read(&path).unwrap();
    assert!(matches!(open(&path), Err(OpenError::Newer(99))));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_damaged_file_is_told_apart_and_kept_under_another_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    fs::write(&path, vec![7; 8192]).unwrap();
    assert!(open(&path).unwrap_err().is_damage());
    let target = set_aside(&path).unwrap();
    assert_eq!(fs::read(target).unwrap(), vec![7; 8192]);
    assert!(open(&path).is_ok());
}

#[test]
fn too_old_records_leave_with_their_bodies() {
    let (_folder, mut connection) = fresh();
    let now = Timestamp::now();
    let old = now - 100.hours();
    let mut entries: Vec<Entry> = (0..1200).map(|_| entry(old)).collect();
    entries.extend((0..10).map(|_| entry(now)));
    insert(&mut connection, &entries).unwrap();
    let limits = Limits { oldest: Some(now - 1.hour()), ..NONE };
    assert_eq!(prune(&mut connection, &limits).unwrap(), 1200);
    assert_eq!((count(&connection, "activity"), count(&connection, "activity_body")), (10, 10));
}

#[test]
fn a_file_that_is_too_large_becomes_smaller_on_the_disk() {
    let (folder, mut connection) = fresh();
    let body = Some("x".repeat(4000));
    let entries: Vec<Entry> =
        (0..2000).map(|_| Entry { response: body.clone(), ..entry(Timestamp::now()) }).collect();
    insert(&mut connection, &entries).unwrap();
    assert!(size(&connection).unwrap() > 8_000_000);
    prune(&mut connection, &Limits { bytes: Some(4_000_000), ..NONE }).unwrap();
    assert!(size(&connection).unwrap() <= 4_000_000);
    let left = count(&connection, "activity");
    assert!((400..1000).contains(&left), "{left}");
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    assert!(fs::metadata(folder.path().join(FILE)).unwrap().len() < 5_000_000);
}

#[test]
fn a_place_is_never_used_twice() {
    let (_folder, mut connection) = fresh();
    insert(&mut connection, &[entry(Timestamp::now()), entry(Timestamp::now())]).unwrap();
    prune(&mut connection, &Limits { records: Some(0), ..NONE }).unwrap();
    insert(&mut connection, &[entry(Timestamp::now())]).unwrap();
    let seq: i64 = connection.query_row("SELECT seq FROM activity", [], |row| row.get(0)).unwrap();
    assert_eq!(seq, 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn pruning_leaves_exactly_the_newest(written in 0_u64..1500, kept in 0_u64..1600) {
        let (_folder, mut connection) = fresh();
        let entries: Vec<Entry> = (0..written).map(|_| entry(Timestamp::now())).collect();
        insert(&mut connection, &entries).unwrap();
        let gone = prune(&mut connection, &Limits { records: Some(kept), ..NONE }).unwrap();
        let left = count(&connection, "activity");
        prop_assert_eq!(left, written.min(kept));
        prop_assert_eq!(gone + left, written);
        prop_assert_eq!(count(&connection, "activity_body"), left);
        let least: Option<i64> = connection.query_row("SELECT MIN(seq) FROM activity", [], |row| row.get(0)).unwrap();
        if let Some(least) = least {
            prop_assert_eq!(u64::try_from(least).unwrap(), written - left + 1);
        }
    }
}
