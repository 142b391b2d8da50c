//! Every way in which a server ends, and what is known of it afterwards.

use super::*;
use crate::running::{ExitCause, STOP_LIMIT};

#[tokio::test]
async fn exit_codes_and_signals_are_reported() {
    let Some(corner) = Corner::open().await else { return };
    for (script, code, signal) in
        [("exit 0", Some(0), None), ("exit 42", Some(42), None), ("kill -SEGV $$", None, Some(11))]
    {
        let mut running = corner.run(&corner.container(), &["sh", "-c", script]).await;
        let exit = read_exit(&mut running).await;
        assert_eq!((exit.code, exit.signal, exit.cause), (code, signal, ExitCause::Exited), "{script}");
        assert!(exit.peak_memory.is_some_and(|bytes| bytes > 0), "{exit:?}");
    }
    corner.await_none(PATIENCE).await;
}

/// Reads the output to its end, as its reader does, then the exit.
async fn read_exit(running: &mut Running) -> crate::running::Exit {
    read_all(&mut running.stdout).await;
    timeout(PATIENCE, running.exit.wait()).await.expect("an exit")
}

#[tokio::test]
async fn running_out_of_memory_is_told_from_other_kills() {
    let Some(corner) = Corner::open().await else { return };
    let balloon = "x=0123456789abcdef; while :; do x=$x$x; done";
    let mut running = corner.run(&corner.container(), &["sh", "-c", balloon]).await;
    let exit = read_exit(&mut running).await;
    assert_eq!((exit.signal, exit.oom), (Some(9), true), "{exit:?}");
    let mut running = corner.run(&corner.container(), &["sh", "-c", "kill -9 $$"]).await;
    let exit = read_exit(&mut running).await;
    assert_eq!((exit.signal, exit.oom), (Some(9), false), "{exit:?}");
}

#[tokio::test]
async fn a_server_that_ignores_everything_is_stopped_within_the_limit() {
    let Some(corner) = Corner::open().await else { return };
    let script = "trap '' TERM INT HUP; echo up; while :; do sleep 1; done";
    let mut running = corner.run(&corner.container(), &["sh", "-c", script]).await;
    assert_eq!(read_line(&mut BufReader::new(&mut running.stdout)).await, "up");
    let before = std::time::Instant::now();
    let exit = running.stop.stop(STOP_LIMIT).await;
    assert_eq!((exit.signal, exit.cause), (Some(9), ExitCause::Stopped), "{exit:?}");
    assert!(before.elapsed() < STOP_LIMIT, "{:?}", before.elapsed());
    assert_eq!(corner.count().await, 0);
}

#[tokio::test]
async fn a_server_that_ends_with_its_input_is_stopped_at_once() {
    let Some(corner) = Corner::open().await else { return };
    let mut running = corner.run(&corner.container(), &["cat"]).await;
    let exit = timeout(PATIENCE, running.stop.stop(STOP_LIMIT)).await.expect("an end");
    assert_eq!((exit.code, exit.cause), (Some(0), ExitCause::Stopped));
    assert!(exit.duration < Duration::from_secs(2), "no grace was waited for: {exit:?}");
}

#[tokio::test]
async fn a_paused_container_is_stopped_by_force() {
    let Some(corner) = Corner::open().await else { return };
    let mut running = corner.run(&corner.container(), &["cat"]).await;
    let id = running.container.clone().expect("an id");
    pause(&corner, id.as_str()).await;
    let exit = running.stop.stop(STOP_LIMIT).await;
    assert_eq!(exit.cause, ExitCause::Stopped, "{exit:?}");
    assert_eq!(corner.count().await, 0);
}

async fn pause(corner: &Corner, id: &str) {
    let path = format!("/containers/{id}/pause");
    corner.engine.open(http::Method::POST, &path, &[]).await.expect("pausing");
}

#[tokio::test]
async fn orphans_are_reaped_and_no_zombie_stays() {
    let Some(corner) = Corner::open().await else { return };
    let script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do (sleep 0.1 &) ; done; \
                  while pgrep sleep >/dev/null; do :; done; grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l";
    let mut running = corner.run(&corner.container(), &["sh", "-c", script]).await;
    assert_eq!(read_all(&mut running.stdout).await, "0\n");
    let exit = running.exit.wait().await;
    assert!(exit.reaped >= 20, "{exit:?}");
}

#[tokio::test]
async fn children_that_a_server_leaves_behind_end_with_it() {
    let Some(corner) = Corner::open().await else { return };
    let script = "(trap '' TERM HUP; setsid sleep 300) & (setsid sleep 300) & exit 7";
    let mut running = corner.run(&corner.container(), &["sh", "-c", script]).await;
    let exit = read_exit(&mut running).await;
    assert_eq!(exit.code, Some(7));
    corner.await_none(PATIENCE).await;
}

#[tokio::test]
async fn a_container_that_somebody_else_removes_is_known_as_killed() {
    let Some(corner) = Corner::open().await else { return };
    let mut running = corner.run(&corner.container(), &["cat"]).await;
    let id = running.container.clone().expect("an id");
    corner.engine.api().remove(id.as_str()).await.expect("removing");
    let exit = read_exit(&mut running).await;
    assert_eq!(exit.cause, ExitCause::Killed, "{exit:?}");
}

#[tokio::test]
async fn a_container_that_is_stopped_from_outside_ends_by_the_signal() {
    let Some(corner) = Corner::open().await else { return };
    let mut running = corner.run(&corner.container(), &["sleep", "300"]).await;
    let id = running.container.clone().expect("an id");
    corner.engine.api().kill(id.as_str(), "SIGTERM").await.expect("the signal");
    let exit = read_exit(&mut running).await;
    assert_eq!((exit.signal, exit.cause), (Some(15), ExitCause::Killed), "{exit:?}");
}

#[tokio::test]
async fn reaping_takes_all_of_an_instance_and_nothing_else() {
    let Some(corner) = Corner::open().await else { return };
    let Some(other) = Corner::open().await else { return };
    let kept = corner.run(&corner.container(), &["cat"]).await;
    let mut paused = corner.run(&corner.container(), &["cat"]).await;
    let foreign = other.run(&other.container(), &["cat"]).await;
    pause(&corner, paused.container.clone().expect("an id").as_str()).await;
    let body = crate::engine::ContainerCreateBody {
        image: Some(IMAGE.to_owned()),
        labels: Some(corner.container().labels.into_iter().collect()),
        ..Default::default()
    };
    let created =
        corner.engine.api().create(&format!("mcpproxy-left-{}", word()), None, body).await.expect("creating");
    let keep = [kept.container.clone().expect("an id").as_str().to_owned()].into();
    let reaped = corner.engine.reap(&corner.instance, &keep).await.expect("reaping");
    let ids: Vec<&str> = reaped.containers.iter().map(|left| left.id.as_str()).collect();
    assert_eq!(ids.len(), 2, "{reaped:?}");
    assert!(
        ids.contains(&created.id.as_str())
            && reaped.containers.iter().all(|left| left.server.as_deref() == Some("echo"))
    );
    assert_eq!((corner.count().await, other.count().await), (1, 1));
    assert_eq!(paused.exit.wait().await.cause, ExitCause::Killed);
    drop((kept, foreign));
    corner.close().await;
    other.close().await;
}

#[tokio::test]
async fn packages_of_removed_servers_go_and_what_anybody_kept_stays() {
    let Some(corner) = Corner::open().await else { return };
    let made = [("kept", crate::reap::PACKAGES), ("removed", crate::reap::PACKAGES), ("removed", "state")];
    let mut names = Vec::new();
    for (server, kind) in made {
        let name = format!("mcpproxy-test-{server}-{kind}-{}", corner.instance);
        let labels = crate::plan::labels(&corner.instance, server, kind).into_iter().collect();
        corner.engine.api().create_volume(&name, labels).await.expect("a volume");
        names.push(name);
    }
    let configured = ["kept".to_owned()].into();
    let reaped = corner.engine.reap_packages(&corner.instance, &configured).await.expect("reaping");
    assert_eq!(reaped.volumes.iter().map(|left| &left.id).collect::<Vec<_>>(), [&names[1]]);
    for name in [&names[0], &names[2]] {
        assert!(corner.engine.api().inspect_volume(name).await.expect("an answer").is_some());
        corner.engine.api().remove_volume(name).await.expect("removing");
    }
}
