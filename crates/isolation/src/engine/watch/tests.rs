//! The real engine behind a socket that comes and goes.
#![cfg(unix)]
use std::path::Path;
use std::time::Instant;

use super::super::testing::{Forwarder, PATIENCE, engine, finder_of};
use super::super::{EngineState, FinderOptions, Surroundings};
use super::*;

async fn until(
    status: &mut watch::Receiver<EngineStatus>,
    wanted: impl Fn(&EngineState) -> bool,
) -> Duration {
    let begun = Instant::now();
    tokio::time::timeout(PATIENCE, status.wait_for(|status| wanted(&status.state))).await.unwrap().unwrap();
    begun.elapsed()
}

fn ready(state: &EngineState) -> bool {
    state.engine().is_some()
}

fn at(path: &Path) -> Finder {
    finder_of(&format!("unix://{}", path.display()))
}

/// Noticing within three seconds is promised; the limit here is generous for a busy machine.
const NOTICED: Duration = Duration::from_secs(15);

#[tokio::test]
async fn an_engine_that_stops_and_returns_is_noticed_each_time() {
    if engine().await.is_none() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("engine.sock");
    let forwarder = Forwarder::start(&path);
    let watch = EngineWatch::spawn(at(&path));
    let mut status = watch.status();
    until(&mut status, ready).await;
    forwarder.stop().await;
    assert!(until(&mut status, |state| !ready(state)).await < NOTICED);
    let back = Forwarder::start(&path);
    assert!(until(&mut status, ready).await < NOTICED);
    back.kill().await;
    assert!(until(&mut status, |state| !ready(state)).await < NOTICED);
    let again = Forwarder::start(&path);
    assert!(until(&mut status, ready).await < NOTICED);
    watch.shutdown().await;
    again.stop().await;
}

#[tokio::test]
async fn a_changed_context_moves_the_watch_to_the_other_address() {
    if engine().await.is_none() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let around = super::super::surroundings::tests::linux(root.path(), &[]);
    let (first, second) = (root.path().join("a.sock"), root.path().join("b.sock"));
    let (a, b) = (Forwarder::start(&first), Forwarder::start(&second));
    let address = |path: &Path| format!("unix://{}", path.display());
    super::super::context::tests::store(&around, "one", &address(&first));
    super::super::context::tests::store(&around, "another", &address(&second));
    super::super::context::tests::choose(&around, "one");
    let watch = EngineWatch::spawn(Finder::new(FinderOptions {
        endpoint: None,
        surroundings: around.clone(),
        last_engine: None,
    }));
    let mut status = watch.status();
    until(&mut status, ready).await;
    super::super::context::tests::choose(&around, "another");
    let moved =
        |status: &EngineStatus| status.endpoint.as_ref().and_then(|end| end.socket()) == Some(&*second);
    tokio::time::timeout(PATIENCE, status.wait_for(moved)).await.unwrap().unwrap();
    watch.shutdown().await;
    a.stop().await;
    b.stop().await;
}

#[tokio::test]
async fn a_look_on_demand_does_not_wait_for_the_next_round() {
    if engine().await.is_none() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("engine.sock");
    let watch = EngineWatch::spawn(at(&path));
    let mut status = watch.status();
    until(&mut status, |state| !matches!(state, EngineState::Checking)).await;
    let forwarder = Forwarder::start(&path);
    watch.check_now();
    until(&mut status, ready).await;
    watch.shutdown().await;
    forwarder.stop().await;
}

#[tokio::test]
async fn other_settings_are_followed() {
    if engine().await.is_none() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("engine.sock");
    let watch = EngineWatch::spawn(at(&root.path().join("nobody.sock")));
    let mut status = watch.status();
    until(&mut status, |state| !matches!(state, EngineState::Checking | EngineState::Ready(_))).await;
    let forwarder = Forwarder::start(&path);
    watch.set_finder(at(&path));
    until(&mut status, ready).await;
    watch.shutdown().await;
    forwarder.stop().await;
}

#[test]
fn surroundings_of_this_system_begin_at_its_root() {
    assert_eq!(Surroundings::new("/home/me".into(), None, Vec::new()).root, Path::new("/"));
}
