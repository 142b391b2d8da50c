use std::{fmt::Write as _, fs};

use proptest::prelude::*;

use super::*;

fn after(offset: u64, file: &str) -> LogPosition {
    LogPosition::After { offset, file: Some(file.to_owned()) }
}

fn numbered(range: std::ops::Range<u32>) -> String {
    range.fold(String::new(), |mut text, turn| {
        writeln!(text, "line number {turn}").unwrap();
        text
    })
}

fn messages(page: &LogPage) -> Vec<&str> {
    page.lines.iter().map(|line| line.message.as_str()).collect()
}

/// Every line from a position on, as a reader gets it who asks until nothing comes.
fn all(path: &Path, mut position: LogPosition, limit: u64) -> (Vec<String>, usize) {
    let (mut found, mut pages) = (Vec::new(), 0);
    loop {
        let page = read(path, &position, limit).unwrap();
        if !page.is_news() {
            return (found, pages);
        }
        pages += 1;
        found.extend(page.lines.iter().map(|line| line.message.clone()));
        position = after(page.next, &page.file);
    }
}

#[test]
fn a_long_log_is_read_in_pages_without_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.log");
    fs::write(&path, numbered(0..100_000)).unwrap();
    let start = LogPosition::After { offset: 0, file: None };
    let (found, pages) = all(&path, start, 256 * 1024);
    assert_eq!((found.len(), found[99_999].as_str()), (100_000, "line number 99999"));
    assert!((8..=20).contains(&pages), "{pages}");
}

#[test]
fn the_tail_begins_at_its_first_line_and_goes_on_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.log");
    fs::write(&path, numbered(0..9000)).unwrap();
    let page = read(&path, &LogPosition::Tail(5), 65536).unwrap();
    assert_eq!(messages(&page)[0], "line number 8995");
    assert_eq!((page.lines.len(), page.next), (5, page.end));
    let (found, _) = all(&path, LogPosition::Tail(8000), 65536);
    assert_eq!((found.len(), found[0].as_str()), (8000, "line number 1000"));
    assert_eq!(read(&path, &LogPosition::Tail(0), 65536).unwrap().next, page.end);
    assert_eq!(all(&path, LogPosition::Tail(1_000_000), 65536).0.len(), 9000);
}

#[test]
fn a_reader_goes_back_page_by_page_to_the_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.log");
    fs::write(&path, numbered(0..3000)).unwrap();
    let mut page = read(&path, &LogPosition::Tail(1), 4096).unwrap();
    let mut found = page.lines.clone();
    while page.start > 0 {
        let before = LogPosition::Before { offset: page.start, file: Some(page.file.clone()) };
        let earlier = read(&path, &before, 4096).unwrap();
        assert_eq!(earlier.next, page.start);
        found.splice(0..0, earlier.lines.clone());
        page = earlier;
    }
    assert_eq!(found.len(), 3000);
    assert_eq!(
        (found[0].message.as_str(), found[2999].message.as_str()),
        ("line number 0", "line number 2999")
    );
}

#[test]
fn a_file_put_aside_is_read_to_its_end_before_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.log");
    fs::write(&path, numbered(0..10)).unwrap();
    let page = read(&path, &LogPosition::Tail(10), 65536).unwrap();
    fs::write(&path, numbered(0..20)).unwrap();
    fs::rename(&path, folder.path().join("main-2026-01-02T15-04-05.000.log")).unwrap();
    fs::write(&path, numbered(20..1000)).unwrap();
    let rest = read(&path, &after(page.next, &page.file), 65536).unwrap();
    assert_eq!((rest.reset, messages(&rest)[0], rest.lines.len()), (false, "line number 10", 10));
    let fresh = read(&path, &after(rest.next, &rest.file), 65536).unwrap();
    assert_eq!((fresh.reset, fresh.start, messages(&fresh)[0]), (true, 0, "line number 20"));
}

#[test]
fn a_file_that_is_gone_begins_anew_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.log");
    fs::write(&path, numbered(0..3)).unwrap();
    let page = read(&path, &after(17, "0123456789abcdef"), 65536).unwrap();
    assert_eq!((page.reset, page.lines.len()), (true, 3));
    let shorter = LogPosition::After { offset: 4000, file: None };
    assert!(read(&path, &shorter, 65536).unwrap().reset);
    let absent = folder.path().join("server-x.log");
    assert_eq!(read(&absent, &LogPosition::Tail(9), 65536).unwrap(), LogPage::default());
}

#[test]
fn a_line_that_is_still_being_written_waits_for_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.log");
    fs::write(&path, "whole\nhal").unwrap();
    let page = read(&path, &LogPosition::After { offset: 0, file: None }, 65536).unwrap();
    assert_eq!((messages(&page), page.next), (vec!["whole"], 6));
    assert!(!read(&path, &after(6, &page.file), 65536).unwrap().is_news());
}

#[test]
fn a_line_longer_than_a_page_is_shortened_and_passed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.log");
    fs::write(&path, format!("first\n{}\nlast\n", "x".repeat(700_000))).unwrap();
    let (found, _) = all(&path, LogPosition::Tail(9), 4096);
    assert_eq!((found.len(), found[0].as_str(), found[2].as_str()), (3, "first", "last"));
    assert!(found[1].len() < 17_000 && found[1].starts_with("xxx"), "{}", found[1].len());
}

#[test]
fn no_line_can_steer_the_terminal_or_turn_the_text_around() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server-x.log");
    fs::write(&path, "\u{1b}[2Jgone\u{1b}[0m\u{7} \u{202e}evil\n").unwrap();
    let page = read(&path, &LogPosition::Tail(9), 65536).unwrap();
    assert_eq!(messages(&page), ["gone evil"]);
}

#[test]
fn a_page_holds_a_bounded_number_of_lines_however_short_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.log");
    fs::write(&path, "\n".repeat(100_000)).unwrap();
    let page = read(&path, &LogPosition::After { offset: 0, file: None }, u64::MAX).unwrap();
    assert_eq!((page.lines.len(), page.next), (LINES, LINES as u64));
    let back = LogPosition::Before { offset: 100_000, file: None };
    let page = read(&path, &back, u64::MAX).unwrap();
    assert_eq!((page.lines.len(), page.start, page.next), (LINES, 100_000 - LINES as u64, 100_000));
}

proptest! {
    #[test]
    fn whatever_stands_in_a_file_comes_once_and_in_order(
        lines in proptest::collection::vec("[a-z]{0,300}", 0..60),
        tail in 0_usize..80,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("main.log");
        fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        let (found, _) = all(&path, LogPosition::Tail(tail), 4096);
        prop_assert_eq!(&found[..], &lines[lines.len().saturating_sub(tail)..]);
    }

    #[test]
    fn no_position_makes_reading_fail(offset in any::<u64>(), limit in any::<u64>(), bytes in any::<Vec<u8>>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("main.log");
        fs::write(&path, &bytes).unwrap();
        for position in [
            LogPosition::After { offset, file: None },
            LogPosition::Before { offset, file: None },
            LogPosition::Tail(usize::try_from(offset).unwrap_or(usize::MAX)),
        ] {
            read(&path, &position, limit).unwrap();
        }
    }
}
