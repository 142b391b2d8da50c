//! The connection is the lease: whatever becomes of the owner, nothing outlives it.

use std::io::BufRead;
use std::process::{Command, Stdio};

use super::*;

/// Says to this test program, run again as a child, which part it plays.
const PART: &str = "MCPPROXY_TEST_LEASE";
/// Said by that child once its server runs.
const UP: &str = "the server of the owner is up";

/// A server that keeps its own input open for writing, and its children stubborn.
const CLINGING: &str =
    "exec 9>/proc/self/fd/0; trap '' TERM HUP INT; sleep 1000 & echo up; while :; do sleep 1; done";

#[tokio::test]
async fn a_server_that_clings_to_its_input_ends_when_its_owner_is_killed() {
    let Some(corner) = Corner::open().await else { return };
    for user in [User::NOBODY, User::ROOT] {
        let owner = format!("{}/{}", corner.instance, user.uid);
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "container::tests::lease::part_of_the_owner_that_is_killed", "--nocapture"])
            .env(PART, owner)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the owner");
        let mut told = std::io::BufReader::new(child.stdout.take().expect("its output")).lines();
        assert!(told.any(|line| line.expect("a line").contains(UP)), "the owner has no server");
        assert_eq!(corner.count().await, 1);
        child.kill().expect("kill -9");
        child.wait().expect("the owner is dead");
        corner.await_none(PATIENCE).await;
    }
}

/// Not a test of its own: the owner in the test above. It starts a server and waits to be killed.
#[tokio::test]
async fn part_of_the_owner_that_is_killed() {
    let Ok(part) = std::env::var(PART) else { return };
    let (instance, uid) = part.split_once('/').expect("instance and user");
    let engine = engine().await.expect("an engine");
    let corner = Corner { engine, instance: instance.to_owned() };
    let mut container = corner.container();
    if uid == "0" {
        container.user = User::ROOT;
        container.cwd = "/".to_owned();
    }
    let mut running = corner.run(&container, &["sh", "-c", CLINGING]).await;
    assert_eq!(read_line(&mut BufReader::new(&mut running.stdout)).await, "up");
    println!("{UP}");
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn dropping_a_running_server_ends_it() {
    let Some(corner) = Corner::open().await else { return };
    let running = corner.run(&corner.container(), &["sh", "-c", CLINGING]).await;
    assert_eq!(corner.count().await, 1);
    drop(running);
    corner.await_none(PATIENCE).await;
}

#[tokio::test]
async fn dropping_the_means_to_stop_it_ends_a_server_though_its_streams_are_held() {
    let Some(corner) = Corner::open().await else { return };
    let Running { stdin: _stdin, mut stdout, stop, mut exit, .. } =
        corner.run(&corner.container(), &["cat"]).await;
    drop(stop);
    assert_eq!(read_all(&mut stdout).await, "");
    assert_eq!(exit.wait().await.cause, crate::running::ExitCause::Stopped);
    corner.await_none(PATIENCE).await;
}

#[tokio::test]
async fn a_server_whose_output_nobody_reads_any_more_is_not_held_up() {
    let Some(corner) = Corner::open().await else { return };
    let script = "yes | head -c 20000000; echo finished >&2; exit 9";
    let Running { stdout, stderr, mut exit, stop: _stop, .. } =
        corner.run(&corner.container(), &["sh", "-c", script]).await;
    drop(stdout);
    assert_eq!(read_all(stderr).await, "finished\n");
    assert_eq!(exit.wait().await.code, Some(9));
}
