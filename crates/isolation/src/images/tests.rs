//! Pulls from a real registry on loopback into the real engine.
#![cfg(unix)]
mod registry;

use base64::Engine as _;
use tokio::sync::watch;

use self::registry::{Gate, PASSWORD, Registry, USER, free_address};
use super::*;
use crate::engine::testing::{self, Forwarder, PATIENCE, finder_of, import, push, word};
use crate::engine::{Finder, FinderOptions, Surroundings};

const MEGABYTE: usize = 1024 * 1024;

/// An engine, a registry with one image in it, and a gate before it.
struct Scene {
    engine: Engine,
    gate: Gate,
    name: String,
    _registry: Registry,
}

impl Scene {
    /// `None` where there is no engine; the image has `size` bytes that do not compress.
    async fn set(size: usize, rate: u64, sign_in: bool) -> Option<Self> {
        let engine = testing::engine().await?;
        let registry = Registry::start(sign_in).await?;
        let mut payload = vec![0; size];
        getrandom::fill(&mut payload).unwrap();
        let repository = format!("test/{}", word());
        let direct = format!("{}/{repository}:1", registry.address);
        import(&engine, &direct, &payload, &engine.info().arch).await;
        let auth = serde_json::json!({"username": USER, "password": PASSWORD}).to_string();
        push(&engine, &direct, &base64::engine::general_purpose::URL_SAFE.encode(auth)).await;
        engine.api().remove_image(&direct).await.unwrap();
        let gate = Gate::open(registry.address, rate).await;
        let name = format!("{}/{repository}:1", gate.address);
        Some(Self { engine, gate, name, _registry: registry })
    }

    async fn clean(&self) {
        let _ = self.engine.api().remove_image(&self.name).await;
    }
}

async fn bounded<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("within the test's patience")
}

/// Collects the steps until the sink is gone.
async fn collect(mut steps: watch::Receiver<Progress>) -> Vec<Progress> {
    let mut all = Vec::new();
    while steps.changed().await.is_ok() {
        all.push(steps.borrow_and_update().clone());
    }
    all
}

#[tokio::test]
async fn a_pull_tells_bytes_percent_and_rate_and_ends_with_the_digest() {
    let Some(stage) = Scene::set(6 * MEGABYTE, 4 * MEGABYTE as u64, false).await else { return };
    let (sink, steps, _lines) = ProgressSink::channel();
    let steps = tokio::spawn(collect(steps));
    let begun = std::time::Instant::now();
    let image =
        bounded(stage.engine.ensure_image(&stage.name, &sink, &CancellationToken::new())).await.unwrap();
    let took = begun.elapsed();
    drop(sink);
    let steps = steps.await.unwrap();
    stage.clean().await;

    assert!(image.id.starts_with("sha256:"));
    assert!(image.digest.as_ref().is_some_and(|digest| digest.contains("@sha256:")), "{image:?}");
    assert_eq!(image.pin(), image.digest.as_deref().unwrap());
    let percents: Vec<u8> = steps.iter().filter_map(|step| step.percent).collect();
    assert!(percents.windows(2).all(|pair| pair[0] <= pair[1]), "{percents:?}");
    assert!(percents.iter().any(|percent| (1..99).contains(percent)), "{percents:?}");
    assert!(steps.iter().any(|step| step.rate.is_some() && step.eta.is_some()), "{steps:?}");
    let total = steps.iter().filter_map(|step| step.total_bytes).max().unwrap();
    assert!(total >= 6 * MEGABYTE as u64);
    assert_eq!(steps.last().unwrap().stage, Stage::Done);
    let most = 5 * (took.as_secs() as usize + 1) + 4;
    assert!(steps.len() <= most, "{} steps in {took:?}", steps.len());
}

#[tokio::test]
async fn however_many_wait_the_engine_is_asked_once_and_one_who_leaves_disturbs_nobody() {
    let Some(stage) = Scene::set(3 * MEGABYTE, 3 * MEGABYTE as u64, false).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("engine.sock");
    let forwarder = Forwarder::start(&socket);
    let finder = finder_of(&format!("unix://{}", socket.display()));
    let engine = finder.find().await.engine().unwrap().clone();
    let leaver = CancellationToken::new();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (engine, name) = (engine.clone(), stage.name.clone());
        let cancel = if number == 7 { leaver.clone() } else { CancellationToken::new() };
        tasks.spawn(
            async move { (number, engine.ensure_image(&name, &ProgressSink::ignore(), &cancel).await) },
        );
    }
    stage.gate.passes(200_000).await;
    leaver.cancel();
    let ended = bounded(tasks.join_all()).await;
    stage.clean().await;
    for (number, outcome) in &ended {
        match outcome {
            Ok(_) => assert_ne!(*number, 7),
            Err(error) => assert_eq!((*number, error.code()), (7, "image_cancelled")),
        }
    }
    assert_eq!(forwarder.count("/images/create"), 1);
    forwarder.stop().await;
}

#[tokio::test]
async fn when_the_last_waiter_leaves_the_engine_stops_downloading() {
    let Some(stage) = Scene::set(40 * MEGABYTE, MEGABYTE as u64, false).await else { return };
    let cancel = CancellationToken::new();
    let waiter = tokio::spawn({
        let (engine, name, cancel) = (stage.engine.clone(), stage.name.clone(), cancel.clone());
        async move { engine.ensure_image(&name, &ProgressSink::ignore(), &cancel).await }
    });
    stage.gate.passes(300_000).await;
    cancel.cancel();
    assert_eq!(bounded(waiter).await.unwrap().unwrap_err().code(), "image_cancelled");
    bounded(stage.gate.empty()).await;
    assert!(stage.gate.passed() < 20 * MEGABYTE as u64);
    assert!(stage.engine.api().inspect_image(&stage.name).await.unwrap().is_none());
}

#[tokio::test]
async fn a_waiter_that_is_dropped_counts_as_gone() {
    let Some(stage) = Scene::set(40 * MEGABYTE, MEGABYTE as u64, false).await else { return };
    let (sink, cancel) = (ProgressSink::ignore(), CancellationToken::new());
    {
        let pull = stage.engine.ensure_image(&stage.name, &sink, &cancel);
        tokio::select! { _ = pull => panic!("too fast"), () = stage.gate.passes(300_000) => {} }
    }
    bounded(stage.gate.empty()).await;
    assert!(stage.engine.api().inspect_image(&stage.name).await.unwrap().is_none());
}

#[tokio::test]
async fn a_registry_that_goes_away_is_told_and_the_download_continues_when_it_is_back() {
    let Some(stage) = Scene::set(6 * MEGABYTE, 3 * MEGABYTE as u64, false).await else { return };
    let (sink, mut steps, _lines) = ProgressSink::channel();
    let waiter = tokio::spawn({
        let (engine, name) = (stage.engine.clone(), stage.name.clone());
        async move { engine.ensure_image(&name, &sink, &CancellationToken::new()).await }
    });
    bounded(steps.wait_for(|step| step.done_bytes > 500_000)).await.unwrap();
    stage.gate.shut();
    bounded(steps.wait_for(|step| step.retrying.is_some())).await.unwrap();
    stage.gate.reopen();
    let image = bounded(waiter).await.unwrap();
    stage.clean().await;
    assert!(image.is_ok(), "{image:?}");
}

#[tokio::test]
async fn an_image_that_is_there_is_taken_without_any_registry() {
    let Some(engine) = testing::engine().await else { return };
    let name = format!("{}/test/{}:1", free_address().await, word());
    import(&engine, &name, b"local", &engine.info().arch).await;
    let (sink, steps, _lines) = ProgressSink::channel();
    let image = bounded(engine.ensure_image(&name, &sink, &CancellationToken::new())).await;
    engine.api().remove_image(&name).await.unwrap();
    let image = image.unwrap();
    assert_eq!((image.digest.as_deref(), image.pin()), (None, image.id.as_str()));
    assert_eq!(steps.borrow().stage, Stage::Waiting, "nothing was downloaded");
}

#[tokio::test]
async fn an_image_for_another_processor_is_refused_by_name() {
    let Some(engine) = testing::engine().await else { return };
    let other = if engine.info().arch == "arm64" { "amd64" } else { "arm64" };
    let name = format!("test/{}:1", word());
    import(&engine, &name, b"other", other).await;
    let outcome =
        bounded(engine.ensure_image(&name, &ProgressSink::ignore(), &CancellationToken::new())).await;
    engine.api().remove_image(&name).await.unwrap();
    match outcome.unwrap_err() {
        PullError::Architecture { have, want, .. } => {
            assert_eq!((have.as_str(), want), (other, engine.info().arch.clone()));
        }
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn an_image_that_no_registry_has_is_missing() {
    let Some(stage) = Scene::set(1000, MEGABYTE as u64, false).await else { return };
    for name in [format!("{}x", stage.name), format!("{}/test/nothing:1", stage.gate.address)] {
        let outcome =
            bounded(stage.engine.ensure_image(&name, &ProgressSink::ignore(), &CancellationToken::new()))
                .await;
        assert_eq!(outcome.unwrap_err().code(), "image_missing", "{name}");
    }
}

#[tokio::test]
async fn a_registry_that_nobody_runs_does_not_answer() {
    let Some(engine) = testing::engine().await else { return };
    let name = format!("{}/test/x:1", free_address().await);
    let error = bounded(engine.ensure_image(&name, &ProgressSink::ignore(), &CancellationToken::new()))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "image_registry_unreachable", "{error}");
    assert!(error.can_pass());
}

#[tokio::test]
async fn a_closed_registry_wants_a_sign_in_and_takes_the_one_of_dockers_settings() {
    let Some(stage) = Scene::set(1000, MEGABYTE as u64, true).await else { return };
    let home = tempfile::tempdir().unwrap();
    let engine_with = |auth: Option<String>| {
        let docker = home.path().join(".docker");
        std::fs::create_dir_all(&docker).unwrap();
        let auths = match auth {
            Some(auth) => serde_json::json!({"auths": {stage.gate.address.to_string(): {"auth": auth}}}),
            None => serde_json::json!({}),
        };
        std::fs::write(docker.join("config.json"), auths.to_string()).unwrap();
        let surroundings = Surroundings::new(home.path().to_path_buf(), None, Vec::new());
        Finder::new(FinderOptions {
            endpoint: Some(format!("unix://{}", testing::SOCKET)),
            surroundings,
            last_engine: None,
        })
    };
    let pull = async |finder: Finder| {
        let engine = finder.find().await.engine().unwrap().clone();
        bounded(engine.ensure_image(&stage.name, &ProgressSink::ignore(), &CancellationToken::new())).await
    };
    let standard = base64::engine::general_purpose::STANDARD;
    assert_eq!(pull(engine_with(None)).await.unwrap_err().code(), "image_sign_in");
    let wrong = standard.encode(format!("{USER}:wrong"));
    assert_eq!(pull(engine_with(Some(wrong))).await.unwrap_err().code(), "image_sign_in");
    let right = standard.encode(format!("{USER}:{PASSWORD}"));
    let image = pull(engine_with(Some(right))).await;
    stage.clean().await;
    assert!(image.is_ok(), "{image:?}");
}

#[tokio::test]
async fn what_is_no_name_never_reaches_the_engine() {
    let Some(engine) = testing::engine().await else { return };
    let error = engine.ensure_image("Not A Name", &ProgressSink::ignore(), &CancellationToken::new()).await;
    assert_eq!(error.unwrap_err().code(), "image_name_invalid");
}
