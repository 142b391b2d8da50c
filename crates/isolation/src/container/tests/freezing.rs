//! A frozen container keeps its memory, can be ended in every way, and is reaped when its owner was killed.

use std::io::BufRead;
use std::process::{Command, Stdio};

use super::*;
use crate::running::{ExitCause, STOP_LIMIT};

/// Says to this test program, run again as a child, which part it plays.
const PART: &str = "MCPPROXY_TEST_FREEZING";
/// Said by that child once its server stands still.
const STILL: &str = "the server of the owner stands still";
/// Counts the lines that it reads.
const COUNTER: &str = "n=0; echo up; while read line; do n=$((n+1)); echo $n $line; done";

async fn is_paused(corner: &Corner, running: &Running) -> bool {
    let id = running.container.as_ref().expect("a container");
    let seen = corner.engine.api().inspect(id.as_str()).await.expect("a look");
    seen.state.and_then(|state| state.paused).unwrap_or_default()
}

async fn counter(corner: &Corner) -> Running {
    let mut running = corner.run(&corner.container(), &["sh", "-c", COUNTER]).await;
    assert_eq!(read_line(&mut BufReader::new(&mut running.stdout)).await, "up");
    running
}

#[tokio::test]
async fn a_frozen_server_goes_on_where_it_was() {
    let Some(corner) = Corner::open().await else { return };
    let mut running = counter(&corner).await;
    {
        let mut stdout = BufReader::new(&mut running.stdout);
        assert_eq!(exchange(&mut running.stdin, &mut stdout, "a").await, "1 a");
    }
    running.freezer.set(true).await.expect("frozen");
    running.freezer.set(true).await.expect("twice is fine");
    assert!(is_paused(&corner, &running).await);
    running.stdin.write_all(b"b\n").await.expect("a line in");
    running.stdin.flush().await.expect("it waits in the pipe");
    running.freezer.set(false).await.expect("thawed");
    running.freezer.set(false).await.expect("twice is fine");
    assert!(!is_paused(&corner, &running).await);
    assert_eq!(read_line(&mut BufReader::new(&mut running.stdout)).await, "2 b", "its memory is as it was");
    running.stop.stop(STOP_LIMIT).await;
    corner.await_none(PATIENCE).await;
}

#[tokio::test]
async fn a_frozen_server_is_stopped_as_if_it_ran() {
    let Some(corner) = Corner::open().await else { return };
    let mut running = counter(&corner).await;
    running.freezer.set(true).await.expect("frozen");
    let exit = running.stop.stop(STOP_LIMIT).await;
    assert_eq!(exit.cause, ExitCause::Stopped, "{exit:?}");
    assert_eq!(exit.signal, None, "it saw the end of its input: {exit:?}");
    corner.await_none(PATIENCE).await;
}

#[tokio::test]
async fn a_frozen_server_whose_watch_is_dropped_goes_on_and_ends() {
    let Some(corner) = Corner::open().await else { return };
    let running = counter(&corner).await;
    running.freezer.set(true).await.expect("frozen");
    drop(running);
    corner.await_none(PATIENCE).await;
}

#[tokio::test]
async fn killing_a_frozen_container_from_outside_is_noticed() {
    let Some(corner) = Corner::open().await else { return };
    let mut running = counter(&corner).await;
    running.freezer.set(true).await.expect("frozen");
    let id = running.container.clone().expect("a container");
    let killed = Command::new("docker").args(["kill", id.as_str()]).output().expect("docker runs");
    assert!(killed.status.success(), "{}", String::from_utf8_lossy(&killed.stderr));
    let exit = timeout(PATIENCE, running.exit.wait()).await.expect("an end");
    assert_eq!(exit.cause, ExitCause::Killed, "{exit:?}");
    assert!(running.freezer.set(false).await.is_err(), "nothing is left to go on");
    corner.await_none(PATIENCE).await;
}

#[tokio::test]
async fn what_a_killed_owner_left_frozen_is_reaped() {
    let Some(corner) = Corner::open().await else { return };
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "container::tests::freezing::part_of_the_owner_that_is_killed", "--nocapture"])
        .env(PART, &corner.instance)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the owner");
    let mut told = std::io::BufReader::new(child.stdout.take().expect("its output")).lines();
    assert!(told.any(|line| line.expect("a line").contains(STILL)), "the owner froze nothing");
    child.kill().expect("kill -9");
    child.wait().expect("the owner is dead");
    assert_eq!(corner.count().await, 1, "a frozen container cannot see the end of its lease");
    let reaped = corner.engine.reap(&corner.instance, &Default::default()).await.expect("reaping");
    assert_eq!(reaped.containers.len(), 1);
    corner.await_none(PATIENCE).await;
}

/// Not a test of its own: the owner in the test above. It freezes a server and waits to be killed.
#[tokio::test]
async fn part_of_the_owner_that_is_killed() {
    let Ok(instance) = std::env::var(PART) else { return };
    let engine = engine().await.expect("an engine");
    let corner = Corner { engine, instance };
    let running = counter(&corner).await;
    running.freezer.set(true).await.expect("frozen");
    println!("{STILL}");
    std::future::pending::<()>().await;
}
