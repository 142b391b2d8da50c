//! Time, shared state, queues and `unsafe`: what makes programs flaky or unsound without any compiler's complaint.

use super::{Source, insist, is_comment};

/// The one place where the end-to-end tests look again after a pause, always with a limit and a condition.
const WAITING: &str = "tests/src/wait.rs";

/// All lines that are code and for which `wrong` holds.
fn lines(wrong: impl Fn(&Source, &str, bool) -> bool) -> Vec<String> {
    let sources = Source::rust();
    let outside = sources.iter().filter(|source| !source.path.starts_with("xtask/src/tidy"));
    outside
        .flat_map(|source| {
            source
                .lines()
                .filter(|(_, line, test)| !is_comment(line) && wrong(source, line, *test))
                .map(|(number, line, _)| format!("{}:{number}: {}", source.path, line.trim()))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn no_test_sleeps() {
    let mut findings = Vec::new();
    for source in Source::rust().iter().filter(|source| !source.path.starts_with("xtask/src/tidy")) {
        if source.path == WAITING
            || source.text.contains("start_paused")
            || source.text.contains("time::pause()")
        {
            continue;
        }
        let lines: Vec<(usize, &str, bool)> = source.lines().collect();
        for (at, (number, line, _)) in
            lines.iter().enumerate().filter(|(_, (_, line, test))| *test && sleeps(line))
        {
            let above: Vec<&str> = lines[at.saturating_sub(4)..at].iter().map(|(_, line, _)| *line).collect();
            if !polls_or_keeps_a_pace(&above) {
                findings.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    insist(
        &findings,
        "await the event, run on the paused clock, or poll a condition in a `while` with a generous limit",
    );
}

fn sleeps(line: &str) -> bool {
    !is_comment(line) && (line.contains("thread::sleep(") || line.contains("time::sleep("))
}

/// Looking again until a condition holds is no sleep, nor is a pace that is part of what is tested and named so.
fn polls_or_keeps_a_pace(above: &[&str]) -> bool {
    above.iter().any(|line| line.contains("while ") || line.contains("loop {"))
        || above.last().is_some_and(|line| is_comment(line) && line.contains("pace"))
}

#[test]
fn a_sleep_in_a_polling_loop_is_told_from_one_that_hopes() {
    assert!(polls_or_keeps_a_pace(&["    while !ready() {", "        assert!(now() < limit);"]));
    assert!(!polls_or_keeps_a_pace(&["    start();", "    // give it time"]));
}

#[test]
fn nothing_is_global_and_mutable() {
    let findings = lines(|_, line, _| {
        let line = line.trim_start();
        let is_static = line.starts_with("static ")
            || line.starts_with("pub static ")
            || line.starts_with("pub(crate) static ");
        let holds = ["mut ", "Mutex<", "RwLock<", "Atomic", "OnceLock<", "OnceCell<"];
        is_static && holds.iter().any(|part| line.contains(part))
            || line.contains("lazy_static!")
            || line.contains("thread_local!")
    });
    insist(&findings, "give the value an owner and pass it on");
}

#[test]
fn each_queue_is_bounded() {
    let findings = lines(|_, line, test| {
        !test && (line.contains("unbounded_channel(") || line.contains("mpsc::unbounded"))
    });
    insist(&findings, "give it a named capacity and a rule for what happens when it is full");
}

#[test]
fn each_unsafe_block_says_why_it_is_sound() {
    let mut findings = Vec::new();
    for source in Source::rust().iter().filter(|source| !source.path.starts_with("xtask/src/tidy")) {
        let lines: Vec<&str> = source.text.lines().collect();
        for (at, line) in
            lines.iter().enumerate().filter(|(_, line)| !is_comment(line) && line.contains("unsafe {"))
        {
            let above = &lines[at.saturating_sub(6)..=at];
            if !above.iter().any(|line| line.contains("SAFETY:")) {
                findings.push(format!("{}:{}: {}", source.path, at + 1, line.trim()));
            }
        }
    }
    insist(&findings, "write `// SAFETY:` with the reason above the block, or use a safe function");
}

#[test]
fn exceptions_from_lints_have_a_reason() {
    let mut findings = Vec::new();
    for source in Source::rust().iter().filter(|source| !source.path.starts_with("xtask/src/tidy")) {
        let text = &source.text;
        for (start, _) in text.match_indices("[expect(") {
            let end = text[start..].find(")]").map_or(text.len(), |end| start + end);
            if !text[start..end].contains("reason") {
                findings.push(format!("{}:{}", source.path, text[..start].lines().count()));
            }
        }
    }
    insist(&findings, "write `#[expect(lint, reason = \"…\")]`");
}
