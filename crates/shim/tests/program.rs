//! The program itself, run as an ordinary process: what it reads, relays, reaps and reports.
//!
//! Here it is not PID 1, so it ends groups instead of everybody; as PID 1 it is tested in `isolation`, in real
//! containers.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test says what it expected and fails")]

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use mcpproxy_shim::frame;
use mcpproxy_shim::preamble::{Record, encode};
use mcpproxy_shim::report::{Cause, Exit, Filter, Nonce, Piece, Report};

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(30);

fn nonce() -> Nonce {
    Nonce::from_random(*b"sixteen letters!")
}

/// What is known after the program has ended.
#[derive(Debug)]
struct Outcome {
    code: Option<i32>,
    output: String,
    errors: String,
    ready: bool,
    exit: Option<Exit>,
}

fn start() -> (Child, ChildStdin) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mcpproxy-shim"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let stdin = child.stdin.take().expect("its input");
    (child, stdin)
}

/// Reads both outputs to their end and waits; a program that does not end in time fails the test.
fn finish(mut child: Child) -> Outcome {
    let (mut stdout, mut stderr) =
        (child.stdout.take().expect("stdout"), child.stderr.take().expect("stderr"));
    let output = thread::spawn(move || {
        let mut bytes = Vec::new();
        stdout.read_to_end(&mut bytes).map(|_| bytes)
    });
    let errors = thread::spawn(move || {
        let mut bytes = Vec::new();
        stderr.read_to_end(&mut bytes).map(|_| bytes)
    });
    let (sender, receiver) = mpsc::channel();
    let id = child.id();
    thread::spawn(move || sender.send(child.wait()));
    let status = receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("the program {id} does not end"));
    let output = output.join().expect("a reader").expect("the output");
    let raw = errors.join().expect("a reader").expect("stderr");
    let (mut errors, mut ready, mut exit) = (Vec::new(), false, None);
    let mut filter = Filter::new(nonce());
    let mut sink = |piece: Piece<'_>| match piece {
        Piece::Text(text) => errors.extend_from_slice(text),
        Piece::Report(Report::Ready { .. }) => ready = true,
        Piece::Report(Report::Exit(report)) => exit = Some(report),
    };
    filter.feed(&raw, &mut sink);
    filter.finish(&mut sink);
    Outcome {
        code: status.expect("a status").code(),
        output: String::from_utf8_lossy(&output).into_owned(),
        errors: String::from_utf8_lossy(&errors).into_owned(),
        ready,
        exit,
    }
}

fn order(command: &[&str], more: &[Record<'_>]) -> Vec<u8> {
    let nonce = nonce();
    let mut records: Vec<Record<'_>> = command.iter().map(|word| Record::Argument(word.as_bytes())).collect();
    records.push(Record::Nonce(nonce.digits()));
    records.push(Record::Grace(300));
    records.extend_from_slice(more);
    encode(&records).expect("a preamble")
}

fn data(payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload");
    [&frame::header(frame::Kind::Data, length), payload].concat()
}

#[test]
fn input_glued_to_the_preamble_arrives_whole() {
    let (child, mut stdin) = start();
    let all = [order(&["cat"], &[]), data(b"one "), data(b"two"), frame::END_OF_INPUT.to_vec()].concat();
    stdin.write_all(&all).expect("written");
    let outcome = finish(child);
    assert_eq!((outcome.code, outcome.output.as_str(), outcome.ready), (Some(0), "one two", true));
    assert_eq!(outcome.exit.map(|exit| exit.cause), Some(Cause::Exit));
}

#[test]
fn a_preamble_that_comes_byte_by_byte_is_read_all_the_same() {
    let (child, mut stdin) = start();
    for byte in [order(&["cat"], &[]), data(b"slow"), frame::END_OF_INPUT.to_vec()].concat() {
        stdin.write_all(&[byte]).expect("written");
        stdin.flush().expect("sent");
    }
    assert_eq!(finish(child).output, "slow");
}

#[test]
fn what_is_no_preamble_has_its_own_exit_codes() {
    let mut long = order(&["cat"], &[]);
    long[8..12].copy_from_slice(&u32::MAX.to_be_bytes());
    let mut malformed = order(&["cat"], &[]);
    malformed[12] = 77;
    let cut = order(&["cat"], &[])[..30].to_vec();
    for (bytes, code) in [(b"{\"jsonrpc\":\"2.0\"}".to_vec(), 120), (long, 121), (cut, 122), (malformed, 123)]
    {
        let (child, mut stdin) = start();
        // The program may have refused the rest already.
        let _ = stdin.write_all(&bytes);
        drop(stdin);
        assert_eq!(finish(child).code, Some(code));
    }
}

#[test]
fn a_program_that_is_missing_or_cannot_be_executed_is_told_apart() {
    for (command, code, errno) in [("no-such-program", 127, 2), ("/etc/passwd", 126, 13)] {
        let (child, mut stdin) = start();
        stdin.write_all(&order(&[command], &[])).expect("written");
        let outcome = finish(child);
        let exit = outcome.exit.expect("a report");
        assert_eq!(
            (outcome.code, exit.cause, exit.errno, outcome.ready),
            (Some(code), Cause::Exec, Some(errno), false)
        );
    }
}

#[test]
fn a_missing_directory_is_its_own_cause() {
    let (child, mut stdin) = start();
    stdin.write_all(&order(&["cat"], &[Record::Directory(b"/nonexistent")])).expect("written");
    assert_eq!(finish(child).exit.map(|exit| (exit.cause, exit.errno)), Some((Cause::Directory, Some(2))));
}

#[test]
fn environment_directory_and_umask_are_the_ordered_ones() {
    let more = [
        Record::Variable { name: b"TOKEN", value: b"a=b" },
        Record::Directory(b"/usr"),
        Record::Umask(0o027),
    ];
    let (child, mut stdin) = start();
    stdin.write_all(&order(&["sh", "-c", "echo $TOKEN $(pwd) $(umask)"], &more)).expect("written");
    assert_eq!(finish(child).output, "a=b /usr 0027\n");
}

#[test]
fn secret_files_are_written_once_and_never_over_others() {
    let folder = std::env::temp_dir().join(format!("mcpproxy-shim-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("secret").into_os_string().into_encoded_bytes();
    let file = [Record::File { path: &path, mode: 0o400, content: b"hunter2" }];
    let (child, mut stdin) = start();
    let script = format!("stat -c %a {0}/secret; cat {0}/secret", folder.display());
    stdin.write_all(&order(&["sh", "-c", &script], &file)).expect("written");
    assert_eq!(finish(child).output, "400\nhunter2");
    let (child, mut stdin) = start();
    stdin.write_all(&order(&["cat"], &file)).expect("written");
    let outcome = finish(child);
    assert_eq!((outcome.code, outcome.exit.map(|exit| exit.cause)), (Some(124), Some(Cause::SecretFile)));
    std::fs::remove_dir_all(folder).expect("removed");
}

/// Whatever the program itself was given (a job in the background ignores the interrupt key), the server starts clean.
#[test]
fn the_server_gets_clean_signals_and_no_descriptor_of_ours() {
    // The two signals above 31 that C libraries keep for themselves cannot be reset through them.
    const RESETTABLE: u64 = 0x7fff_ffff;
    let (child, mut stdin) = start();
    let signals = "grep -E 'Sig(Ign|Blk)' /proc/self/status";
    stdin.write_all(&order(&["sh", "-c", signals], &[])).expect("written");
    let output = finish(child).output;
    let masks: Vec<u64> = output
        .lines()
        .filter_map(|line| u64::from_str_radix(line.split_whitespace().nth(1)?, 16).ok())
        .collect();
    assert_eq!(masks.len(), 2, "{output}");
    assert!(masks.iter().all(|mask| mask & RESETTABLE == 0), "{output}");

    let descriptors = "ls /proc/self/fd | wc -l";
    let direct = Command::new("sh").args(["-c", descriptors]).stdin(Stdio::null()).output().expect("a shell");
    let (child, mut stdin) = start();
    stdin.write_all(&order(&["sh", "-c", descriptors], &[])).expect("written");
    assert_eq!(finish(child).output, String::from_utf8_lossy(&direct.stdout));
}

#[test]
fn a_lost_owner_ends_a_server_that_ignores_everything() {
    let (child, mut stdin) = start();
    let script = "trap '' TERM HUP INT; echo up; while :; do sleep 0.1; done";
    stdin.write_all(&order(&["sh", "-c", script], &[])).expect("written");
    drop(stdin);
    let exit = finish(child).exit.expect("a report");
    assert_eq!((exit.signal, exit.cause), (Some(9), Cause::InputEnded));
}

#[test]
fn silence_is_a_lost_owner_where_heartbeats_were_promised() {
    let (child, mut stdin) = start();
    stdin.write_all(&order(&["sleep", "1000"], &[Record::Heartbeat(50)])).expect("written");
    let exit = finish(child).exit.expect("a report");
    assert_eq!(exit.cause, Cause::HeartbeatLost);
    drop(stdin);
}

#[test]
fn a_stop_and_a_signal_reach_the_server_in_band() {
    let (child, mut stdin) = start();
    let script = "trap 'echo caught' USR1; echo up; while read line; do :; done; sleep 0.2; echo drained";
    stdin.write_all(&order(&["sh", "-c", script], &[])).expect("written");
    stdin.write_all(&frame::stop(5_000)).expect("the order");
    let outcome = finish(child);
    assert_eq!(outcome.output, "up\ndrained\n");
    assert_eq!(outcome.exit.map(|exit| (exit.code, exit.cause)), Some((Some(0), Cause::Stop)));
    let (child, mut stdin) = start();
    stdin.write_all(&order(&["sleep", "1000"], &[])).expect("written");
    stdin.write_all(&frame::signal(10)).expect("the signal");
    assert_eq!(finish(child).exit.map(|exit| (exit.signal, exit.cause)), Some((Some(10), Cause::Exit)));
    drop(stdin);
}

#[test]
fn what_is_no_frame_ends_the_server() {
    let (child, mut stdin) = start();
    stdin.write_all(&order(&["sleep", "1000"], &[])).expect("written");
    stdin.write_all(b"{\"jsonrpc\":\"2.0\"}").expect("garbage");
    assert_eq!(finish(child).exit.map(|exit| exit.cause), Some(Cause::BadFrame));
    drop(stdin);
}

#[test]
fn input_for_a_server_that_does_not_read_waits_and_heartbeats_still_count() {
    let (child, mut stdin) = start();
    let script = "sleep 1; wc -c";
    stdin.write_all(&order(&["sh", "-c", script], &[Record::Heartbeat(100)])).expect("written");
    stdin.write_all(&data(&vec![b'x'; 900_000])).expect("more than a pipe holds");
    for _ in 0..30 {
        // The pace of an owner's heartbeats, while the server is busy elsewhere.
        thread::sleep(Duration::from_millis(50));
        stdin.write_all(&frame::HEARTBEAT).expect("a heartbeat");
    }
    stdin.write_all(&frame::END_OF_INPUT).expect("the end");
    let outcome = finish(child);
    assert_eq!(outcome.output.trim(), "900000");
    assert_eq!(outcome.exit.map(|exit| exit.cause), Some(Cause::Exit));
}

#[test]
fn orphans_are_adopted_and_reaped() {
    let (child, mut stdin) = start();
    let script = "for i in 1 2 3 4 5 6 7 8 9 10; do (sleep 0.05 &); done; sleep 0.6; exit 3";
    stdin.write_all(&order(&["sh", "-c", script], &[])).expect("written");
    let outcome = finish(child);
    let exit = outcome.exit.expect("a report");
    assert_eq!((exit.code, exit.reaped >= 10), (Some(3), true), "{exit:?} {}", outcome.errors);
}
