use proptest::prelude::*;

use super::*;

/// What Windows makes of a command line: `CommandLineToArgvW`, written after its documentation.
fn command_line_to_argv(line: &str) -> Vec<String> {
    let mut words = vec![split_first(line)];
    let mut letters = line.chars().skip(consumed_by_first(line)).peekable();
    loop {
        while letters.next_if(|letter| matches!(letter, ' ' | '\t')).is_some() {}
        if letters.peek().is_none() {
            return words;
        }
        let (mut word, mut quoted) = (String::new(), false);
        loop {
            let mut backslashes = 0;
            while letters.next_if_eq(&'\\').is_some() {
                backslashes += 1;
            }
            if letters.peek() == Some(&'"') {
                letters.next();
                word.extend(std::iter::repeat_n('\\', backslashes / 2));
                // Escaped, or doubled inside quotes.
                if backslashes % 2 == 1 || quoted && letters.next_if_eq(&'"').is_some() {
                    word.push('"');
                } else {
                    quoted = !quoted;
                }
                continue;
            }
            word.extend(std::iter::repeat_n('\\', backslashes));
            match letters.next_if(|letter| quoted || !matches!(letter, ' ' | '\t')) {
                Some(letter) => word.push(letter),
                None => break,
            }
        }
        words.push(word);
    }
}

/// The first word is special: it ends at the second quote or the first blank, and has no escapes.
fn split_first(line: &str) -> String {
    let letters = line.chars();
    match line.starts_with('"') {
        true => letters.skip(1).take_while(|letter| *letter != '"').collect(),
        false => letters.take_while(|letter| *letter > ' ').collect(),
    }
}

fn consumed_by_first(line: &str) -> usize {
    split_first(line).chars().count() + if line.starts_with('"') { 2 } else { 0 }
}

fn here(exe: &str) -> Surroundings {
    Surroundings {
        home: PathBuf::new(),
        config_home: None,
        config_dirs: Vec::new(),
        exe: PathBuf::from(exe),
        search: Vec::new(),
        desktops: Vec::new(),
        by_systemd: false,
        sandboxed: false,
    }
}

const EXE: &str = r"C:\Users\A B\AppData\Local\MCPProxy\mcpproxy-desktop.exe";

#[test]
fn the_value_is_written_to_the_letter() {
    assert_eq!(render(r"C:\x\mcpproxy-desktop.exe"), r#""C:\x\mcpproxy-desktop.exe" --hidden"#);
}

#[test]
fn the_bytes_of_the_persons_switch_are_read_as_windows_reads_them() {
    let time = [0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0x01];
    let twelve = |first: u8, time: [u8; 8]| [&[first, 0, 0, 0][..], &time[..]].concat();
    let table: [(Option<Vec<u8>>, bool); 9] = [
        (None, true),
        (Some(vec![]), true),
        (Some(twelve(0x00, [0; 8])), true),
        (Some(twelve(0x02, [0; 8])), true),
        (Some(twelve(0x06, [0; 8])), true),
        (Some(twelve(0x03, time)), false),
        (Some(twelve(0x07, time)), false),
        (Some(twelve(0x01, [0; 8])), false),
        (Some(vec![3, 0, 0]), false),
    ];
    for (bytes, expected) in table {
        assert_eq!(is_approved(bytes.as_deref()), expected, "{bytes:?}");
    }
}

#[test]
fn without_a_value_it_is_off_whatever_the_switch_says() {
    assert_eq!(judge(None, None, &here(EXE)), State::Off);
    assert_eq!(judge(None, Some(&[3, 0, 0]), &here(EXE)), State::Off);
}

#[test]
fn a_value_switched_off_in_windows_is_told_as_such() {
    let value = render(EXE);
    assert_eq!(judge(Some(&value), Some(&[2, 0]), &here(EXE)), State::On);
    let disabled = State::DisabledByPerson { place: Place::StartupApps };
    assert_eq!(judge(Some(&value), Some(&[3, 0]), &here(EXE)), disabled);
}

#[test]
fn an_unquoted_value_names_what_windows_would_start() {
    let value = r"C:\Program Files\MCPProxy\mcpproxy-desktop.exe --hidden";
    let state = judge(Some(value), None, &here(r"C:\Program Files\MCPProxy\mcpproxy-desktop.exe"));
    assert_eq!(state, State::Stale { path: r"C:\Program".into() });
}

#[test]
fn mending_changes_the_program_and_keeps_the_arguments() {
    assert_eq!(
        with_program(r#""C:\old.exe" --hidden --a "b c""#, EXE),
        format!(r#""{EXE}" --hidden --a "b c""#)
    );
    assert_eq!(with_program(r"C:\old.exe", EXE), format!(r#""{EXE}""#));
}

#[test]
fn a_value_that_windows_would_pass_over_is_refused() {
    let path = |length: usize| format!(r"C:\{}", "ü".repeat(length - 3));
    let longest = LONGEST - "\"\" --hidden".len();
    assert_eq!(refusal(&path(longest)), None);
    assert_eq!(refusal(&path(longest + 1)), Some(Refusal::PathTooLong));
    assert_eq!(refusal("C:\\a\"b"), Some(Refusal::ControlInPath));
}

#[test]
fn the_stand_in_for_windows_reads_the_documented_examples() {
    let cases: [(&str, &[&str]); 5] = [
        (r#"a "abc" d e"#, &["a", "abc", "d", "e"]),
        (r#"a a\\b d"e f"g h"#, &["a", r"a\\b", "de fg", "h"]),
        (r#"a a\\\"b c d"#, &["a", r#"a\"b"#, "c", "d"]),
        (r#"a a\\\\"b c" d e"#, &["a", r"a\\b c", "d", "e"]),
        (r#""C:\x y\" z"#, &[r"C:\x y\", "z"]),
    ];
    for (line, expected) in cases {
        assert_eq!(command_line_to_argv(line), expected, "{line}");
    }
}

proptest! {
    #[test]
    fn windows_reads_every_path_back_as_it_was_written(path in "[A-Z]:\\\\[^\"\\x00-\\x1f]{0,80}") {
        let value = render(&path);
        prop_assert_eq!(command_line_to_argv(&value), vec![path.clone(), "--hidden".to_owned()]);
        prop_assert_eq!(split(&value), (path.as_str(), "--hidden"));
        prop_assert_eq!(with_program(&value, &path), value);
    }

    #[test]
    fn the_program_of_any_value_is_the_one_that_windows_starts(line in "[\"\\\\ a-c]{0,12}") {
        prop_assert_eq!(split(&line).0.to_owned(), command_line_to_argv(&line).remove(0));
    }
}
