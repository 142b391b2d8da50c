//! Starts, and streams that lose nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::container::StartError;

#[tokio::test]
async fn a_hardened_server_echoes_what_it_is_sent() {
    let Some(corner) = Corner::open().await else { return };
    let mut running = corner.run(&corner.container(), &["cat"]).await;
    let name = running.name.clone().expect("a name");
    assert!(name.starts_with("mcpproxy-echo-"), "{name}");
    let mut stdout = BufReader::new(&mut running.stdout);
    for line in ["hello", "zwölf Boxkämpfer", r#"{"jsonrpc":"2.0"}"#] {
        assert_eq!(exchange(&mut running.stdin, &mut stdout, line).await, line);
    }
    let exit = running.stop.stop(crate::running::STOP_LIMIT).await;
    assert_eq!((exit.code, exit.cause), (Some(0), crate::running::ExitCause::Stopped));
    assert_eq!(corner.count().await, 0, "stopping returns when nothing is left");
}

#[tokio::test]
async fn three_megabytes_pass_both_ways_unchanged() {
    let Some(corner) = Corner::open().await else { return };
    let Running { mut stdin, mut stdout, stop: _stop, .. } = corner.run(&corner.container(), &["cat"]).await;
    let sent: Vec<u8> = (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let expected = sent.clone();
    let writer = async move {
        stdin.write_all(&sent).await.expect("all goes in");
        stdin.shutdown().await.expect("the end goes in");
    };
    let mut received = Vec::new();
    let reader = async { stdout.read_to_end(&mut received).await.expect("all comes out") };
    timeout(PATIENCE, async { tokio::join!(writer, reader) }).await.expect("in time");
    assert!(received == expected, "{} of {} bytes came back, or others", received.len(), expected.len());
    corner.close().await;
}

#[tokio::test]
async fn output_and_stderr_are_told_apart_and_reports_are_taken_out() {
    let Some(corner) = Corner::open().await else { return };
    let script = "echo out; echo err >&2; echo more >&2; exit 3";
    let mut running = corner.run(&corner.container(), &["sh", "-c", script]).await;
    assert_eq!(read_all(&mut running.stdout).await, "out\n");
    assert_eq!(read_all(&mut running.stderr).await, "err\nmore\n");
    assert_eq!(running.exit.wait().await.code, Some(3));
    corner.await_none(PATIENCE).await;
}

#[tokio::test]
async fn a_flood_on_stderr_holds_nobody_up_when_nobody_reads_it() {
    let Some(corner) = Corner::open().await else { return };
    let script = "yes complaint | head -c 8000000 >&2; echo done";
    let mut running = corner.run(&corner.container(), &["sh", "-c", script]).await;
    assert_eq!(read_all(&mut running.stdout).await, "done\n");
    let kept = read_all(&mut running.stderr).await.len();
    assert!(kept > 0 && kept <= 256 * 1024, "{kept} bytes of stderr were kept");
    corner.close().await;
}

#[tokio::test]
async fn a_missing_program_is_named_and_leaves_nothing() {
    let Some(corner) = Corner::open().await else { return };
    let argv = [Text::plain("no-such-program")];
    let error = corner.engine.run(corner.job(&corner.container(), &argv)).await.expect_err("no start");
    assert!(
        matches!(&error, StartError::Exec { program, errno: 2, .. } if program == "no-such-program"),
        "{error}"
    );
    assert_eq!(error.code(), "exec_failed");
    assert_eq!(corner.count().await, 0, "nothing is left after an error");
}

#[tokio::test]
async fn a_missing_image_is_the_engines_word() {
    let Some(corner) = Corner::open().await else { return };
    let argv = [Text::plain("cat")];
    let container = corner.container();
    let job = Job { image: "mcpproxy-test-none:0", ..corner.job(&container, &argv) };
    assert_eq!(corner.engine.run(job).await.expect_err("no start").code(), "engine_no_such_image");
}

#[tokio::test]
async fn ten_starts_at_once_deliver_the_program_once_and_all_work() {
    let Some(corner) = Corner::open().await else { return };
    let container = corner.container();
    let done = AtomicUsize::new(0);
    let starts = (0..10).map(|_| async {
        let mut running = corner.run(&container, &["cat"]).await;
        let mut stdout = BufReader::new(&mut running.stdout);
        assert_eq!(exchange(&mut running.stdin, &mut stdout, "ping").await, "ping");
        running.stop.stop(crate::running::STOP_LIMIT).await;
        done.fetch_add(1, Ordering::Relaxed);
    });
    futures_util::future::join_all(starts).await;
    assert_eq!(done.load(Ordering::Relaxed), 10);
    assert_eq!(corner.count().await, 0);
}

#[tokio::test]
async fn a_start_that_is_given_up_leaves_nothing() {
    let Some(corner) = Corner::open().await else { return };
    let (container, argv) = (corner.container(), [Text::plain("cat")]);
    for step in [1, 5, 20, 60, 120] {
        let start = corner.engine.run(corner.job(&container, &argv));
        let _ = timeout(Duration::from_millis(step), start).await;
    }
    corner.await_none(PATIENCE).await;
}
