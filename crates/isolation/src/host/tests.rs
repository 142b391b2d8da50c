//! Real processes of this computer.
#![cfg(unix)]

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use super::*;
use crate::engine::testing::{PATIENCE, engine, word};
use crate::running::{ExitCause, STOP_LIMIT};

fn shell(script: &str) -> HostPlan {
    HostPlan {
        server: "local".to_owned(),
        instance: format!("test-{}", word()),
        program: "sh".to_owned(),
        args: vec![Text::plain("-c"), Text::plain(script)],
        env: vec![("PATH".to_owned(), Text::plain("/usr/local/bin:/usr/bin:/bin"))],
        working_dir: None,
        tool: None,
    }
}

async fn line(running: &mut Running) -> String {
    let mut line = String::new();
    let mut stdout = BufReader::new(&mut running.stdout);
    timeout(PATIENCE, stdout.read_line(&mut line)).await.expect("in time").expect("a line");
    line.trim_end().to_owned()
}

/// Whether a process exists and is not merely waiting to be reaped.
fn lives(pid: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

async fn await_end(pid: &str) {
    let until = tokio::time::Instant::now() + PATIENCE;
    while lives(pid) {
        assert!(tokio::time::Instant::now() < until, "{pid} still lives");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_process_gets_its_own_environment_and_nothing_else() {
    let mut plan = shell("env | grep -v -E '^(PWD|SHLVL|_|OLDPWD)=' | sort");
    plan.env.push(("TOKEN".to_owned(), Text::secret("s")));
    plan.working_dir = Some("/".into());
    let mut running = start_host(&plan).await.expect("a start");
    let mut all = String::new();
    running.stdout.read_to_string(&mut all).await.expect("its output");
    assert_eq!(all, "PATH=/usr/local/bin:/usr/bin:/bin\nTOKEN=s\n");
    assert_eq!(running.exit.wait().await.code, Some(0));
}

#[tokio::test]
async fn lines_go_in_and_come_out_and_the_end_of_input_ends_it() {
    let mut running = start_host(&shell("cat; echo bye >&2; exit 4")).await.expect("a start");
    running.stdin.write_all(b"hello\n").await.expect("a line in");
    assert_eq!(line(&mut running).await, "hello");
    running.stdin.shutdown().await.expect("the end");
    let exit = timeout(PATIENCE, running.exit.wait()).await.expect("an end");
    assert_eq!((exit.code, exit.cause), (Some(4), ExitCause::Exited));
    let mut errors = String::new();
    running.stderr.read_to_string(&mut errors).await.expect("its stderr");
    assert_eq!(errors, "bye\n");
}

#[tokio::test]
async fn stopping_ends_a_stubborn_process_and_its_children() {
    let script = "trap '' TERM; (trap '' TERM; exec sleep 1000) & echo $!; while :; do sleep 1; done";
    let mut running = start_host(&shell(script)).await.expect("a start");
    let child = line(&mut running).await;
    assert!(lives(&child));
    let exit = running.stop.stop(STOP_LIMIT).await;
    assert_eq!((exit.signal, exit.cause), (Some(9), ExitCause::Stopped));
    await_end(&child).await;
}

#[tokio::test]
async fn dropping_a_process_ends_it_and_its_children() {
    let mut running = start_host(&shell("sleep 1000 & echo $!; wait")).await.expect("a start");
    let child = line(&mut running).await;
    drop(running);
    await_end(&child).await;
}

#[tokio::test]
async fn children_that_a_process_leaves_behind_end_with_it() {
    let mut running =
        start_host(&shell("sleep 1000 >/dev/null 2>&1 & echo $!; exit 0")).await.expect("a start");
    let child = line(&mut running).await;
    running.exit.wait().await;
    await_end(&child).await;
}

#[tokio::test]
async fn a_missing_program_is_named() {
    let plan = HostPlan { program: "no-such-program".to_owned(), ..shell("") };
    let error = start_host(&plan).await.expect_err("no start");
    assert_eq!(error.code(), "command_not_found");
    assert!(error.to_string().contains("no-such-program"), "{error}");
}

#[test]
fn a_program_is_looked_up_on_the_given_path_only() {
    assert_eq!(find_program("sh", "relative:/nonexistent:/bin", None), Some("/bin/sh".into()));
    assert_eq!(find_program("sh", "", None), None);
    assert_eq!(find_program("./sh", "", Some(std::path::Path::new("/bin"))), Some("/bin/./sh".into()));
    assert_eq!(find_program("passwd", "/etc", None), None, "a file that cannot be executed is no program");
}

/// A `docker run` of the small image with its own script.
fn docker(folder: &std::path::Path, script: &str) -> HostPlan {
    let words = ["run", "-i", "--rm", "--network", "none", "alpine:3.18", "sh", "-c", script];
    HostPlan {
        program: "docker".to_owned(),
        args: words.map(Text::plain).to_vec(),
        tool: Some(ContainerTool {
            flags_at: Some(1),
            endpoint: Some("unix:///var/run/docker.sock".to_owned()),
            folder: folder.to_path_buf(),
        }),
        ..shell("")
    }
}

#[tokio::test]
async fn the_container_of_a_docker_command_carries_our_labels_and_ends_with_it() {
    let Some(engine) = engine().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let plan = docker(folder.path(), "trap '' TERM; echo up; while :; do sleep 1; done");
    let mut running = start_host(&plan).await.expect("a start");
    assert_eq!(line(&mut running).await, "up");
    let label = format!("com.mcpproxy.instance={}", plan.instance);
    let listed = engine.api().list(std::slice::from_ref(&label)).await.expect("a list");
    assert_eq!(listed.len(), 1);
    let labels = listed[0].labels.clone().unwrap_or_default();
    assert_eq!(labels.get("com.mcpproxy.server").map(String::as_str), Some("local"));
    running.stop.stop(STOP_LIMIT).await;
    assert!(engine.api().list(&[label]).await.expect("a list").is_empty());
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("the folder").count(),
        0,
        "the file of the id is gone"
    );
}

#[tokio::test]
async fn the_container_of_a_docker_command_is_reaped_only_after_the_process_that_ran_it() {
    let Some(engine) = engine().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let plan = docker(folder.path(), "echo up; exec sleep 300");
    let mut running = start_host(&plan).await.expect("a start");
    assert_eq!(line(&mut running).await, "up");
    let id = running.own_container.clone().expect("a file").read().await.expect("an id");
    let mut left = crate::plan::labels(&plan.instance, "gone", crate::reap::OWN);
    left.insert(crate::reap::OWNER_LABEL.to_owned(), format!("{}-1", std::process::id()));
    let body = crate::engine::ContainerCreateBody {
        image: Some("alpine:3.18".to_owned()),
        labels: Some(left.into_iter().collect()),
        ..Default::default()
    };
    let created = engine.api().create(&format!("mcpproxy-left-{}", word()), None, body).await.expect("one");
    let reaped = engine.reap(&plan.instance, &Default::default()).await.expect("reaping");
    let ids: Vec<&str> = reaped.containers.iter().map(|container| container.id.as_str()).collect();
    assert_eq!(ids, [created.id.as_str()], "a process with the same number that started at another time");
    let label = format!("com.mcpproxy.instance={}", plan.instance);
    let listed = engine.api().list(std::slice::from_ref(&label)).await.expect("a list");
    assert_eq!(listed.iter().map(|one| one.id.as_deref()).collect::<Vec<_>>(), [Some(id.as_str())]);
    running.stop.stop(STOP_LIMIT).await;
    assert!(engine.api().list(&[label]).await.expect("a list").is_empty());
}

#[test]
fn a_docker_command_without_run_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut plan = docker(folder.path(), "x");
    plan.args = ["exec", "-i", "other", "sh"].map(Text::plain).to_vec();
    let tool = ContainerTool { flags_at: None, ..plan.tool.clone().expect("the tool") };
    let run = tool.prepare(&plan, std::path::Path::new("/opt/docker/bin/docker")).expect("prepared");
    assert_eq!(run.args, plan.args);
    assert!(run.container.is_none());
    let path = run.env.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.expose().to_owned());
    assert_eq!(path.as_deref(), Some("/opt/docker/bin:/usr/local/bin:/usr/bin:/bin"));
}

/// The state of a process in a letter: `T` for one that is stopped.
#[cfg(target_os = "linux")]
fn state(pid: &str) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(')').next()?.trim_start().chars().next()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_frozen_process_stands_still_with_its_children_and_goes_on_where_it_was() {
    let mut running = start_host(&shell("sleep 1000 & echo $$ $!; exec cat")).await.expect("a start");
    let pids = line(&mut running).await;
    running.freezer.set(true).await.expect("frozen");
    let until = tokio::time::Instant::now() + PATIENCE;
    while !pids.split(' ').all(|pid| state(pid) == Some('T')) {
        assert!(tokio::time::Instant::now() < until, "{pids} never stood still");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.stdin.write_all(b"meanwhile\n").await.expect("a line in");
    running.freezer.set(true).await.expect("twice is fine");
    running.freezer.set(false).await.expect("thawed");
    assert_eq!(line(&mut running).await, "meanwhile");
    assert_eq!(running.stop.stop(STOP_LIMIT).await.cause, ExitCause::Stopped);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_frozen_process_can_be_stopped_and_dropped() {
    let mut running = start_host(&shell("echo $$; exec cat")).await.expect("a start");
    let pid = line(&mut running).await;
    running.freezer.set(true).await.expect("frozen");
    let exit = running.stop.stop(STOP_LIMIT).await;
    assert_eq!((exit.code, exit.cause), (Some(0), ExitCause::Stopped), "it ended by itself");
    await_end(&pid).await;
    let mut running = start_host(&shell("echo $$; exec cat")).await.expect("a start");
    let pid = line(&mut running).await;
    running.freezer.set(true).await.expect("frozen");
    drop(running);
    await_end(&pid).await;
}

#[tokio::test]
async fn the_container_of_a_docker_command_is_frozen_with_it_and_ends_while_it_is() {
    let Some(engine) = engine().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let plan = docker(folder.path(), "echo up; while read line; do echo got $line; done");
    let mut running = start_host(&plan).await.expect("a start");
    assert_eq!(line(&mut running).await, "up");
    let id = running.own_container.clone().expect("a file").read().await.expect("an id");
    running.freezer.set(true).await.expect("frozen");
    let paused = async || {
        let seen = engine.api().inspect(id.as_str()).await.expect("a look");
        seen.state.and_then(|state| state.paused)
    };
    assert_eq!(paused().await, Some(true));
    running.freezer.set(false).await.expect("thawed");
    assert_eq!(paused().await, Some(false));
    running.stdin.write_all(b"it\n").await.expect("a line in");
    assert_eq!(line(&mut running).await, "got it");
    running.freezer.set(true).await.expect("frozen again");
    running.stop.stop(STOP_LIMIT).await;
    let label = format!("com.mcpproxy.instance={}", plan.instance);
    assert!(engine.api().list(&[label]).await.expect("a list").is_empty());
}

/// Says to this test program, run again as a child, that it is the owner in the test below.
#[cfg(target_os = "linux")]
const OWNER: &str = "MCPPROXY_TEST_HOST_OWNER";

#[cfg(target_os = "linux")]
#[test]
fn a_process_ends_when_its_owner_is_killed() {
    use std::io::BufRead;

    let mut owner = std::process::Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "host::tests::part_of_the_owner_that_is_killed", "--nocapture"])
        .env(OWNER, "1")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the owner");
    let lines = std::io::BufReader::new(owner.stdout.take().expect("its output")).lines();
    let told =
        lines.map(|line| line.expect("a line")).find_map(|line| Some(line.split_once("pid ")?.1.to_owned()));
    let pid = told.expect("the process's number");
    assert!(lives(&pid));
    owner.kill().expect("kill -9");
    owner.wait().expect("the owner is dead");
    tokio::runtime::Runtime::new().expect("a runtime").block_on(await_end(&pid));
}

/// Not a test of its own: the owner in the test above. It starts a stubborn process and waits to be killed.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn part_of_the_owner_that_is_killed() {
    if std::env::var_os(OWNER).is_none() {
        return;
    }
    let script = "trap '' TERM HUP PIPE; echo $$; while :; do sleep 1; done";
    let mut running = start_host(&shell(script)).await.expect("a start");
    println!("pid {}", line(&mut running).await);
    std::future::pending::<()>().await;
}
