//! Packages: fetched once into a volume of the server's own, by a container that has network and nothing else, and
//! never shared with another server. What the volume holds is told by a file in it, so that a later start, of this
//! program or of the next one, runs from it without the index.
mod error;
mod output;
mod volume;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use error::{PrepareCause, PrepareError};

use self::output::Output;
use self::volume::Record;
use crate::container::Job;
use crate::engine::{Engine, EngineError};
use crate::images::{Image, ProgressSink, Stage};
use crate::plan::{Container, MountSource, Plan, labels};
use crate::reap::INSTANCE_LABEL;

/// How many servers are prepared at the same time; each may use two gigabytes of memory.
const AT_ONCE: usize = 3;
/// The longest that a preparing container may run.
const LIMIT: Duration = Duration::from_secs(30 * 60);
/// How long it may take to end one that is not wanted any more.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// How long a volume may still be held by a container that is ending, and how often that is looked at.
const LET_GO: Duration = Duration::from_secs(15);
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// Packages that are ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The volume that holds them.
    pub volume: String,
    /// How the server is started; the person's arguments follow.
    pub entry: Vec<String>,
    /// The package that was asked for.
    pub name: String,
    /// The version of it that was found.
    pub version: String,
    /// True when nothing had to be fetched.
    pub reused: bool,
}

/// What an engine's handle remembers of preparing.
#[derive(Debug)]
pub(crate) struct Preparations {
    /// One lock for each volume: a second start of the same server waits and then finds the work done.
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<Record>>>>>,
    slots: Semaphore,
}

impl Default for Preparations {
    fn default() -> Self {
        Self { turns: Mutex::default(), slots: Semaphore::new(AT_ONCE) }
    }
}

impl Preparations {
    fn turn(&self, volume: &str) -> Arc<tokio::sync::Mutex<Option<Record>>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(volume.to_owned()).or_default())
    }
}

/// One server to prepare.
struct Work<'a> {
    plan: &'a Plan,
    container: &'a Container,
    image: &'a Image,
    instance: &'a str,
    package: String,
    /// What the volume's content depends on.
    key: String,
    volume: String,
}

impl Engine {
    /// Prepares a server's packages, or finds them prepared; `None` when its plan has nothing to prepare.
    ///
    /// `image` is the one of the plan's preparing container. Output goes to the sink line by line. Cancelling ends the
    /// container and leaves no half-filled volume in use: what is not finished is begun anew.
    pub async fn prepare(
        &self,
        plan: &Plan,
        image: &Image,
        sink: &ProgressSink,
        cancel: &CancellationToken,
    ) -> Result<Option<Prepared>, PrepareError> {
        let (Some(container), Some(planned)) = (plan.prepare_container(), plan.prepared_key.as_ref()) else {
            return Ok(None);
        };
        let instance = container.labels.get(INSTANCE_LABEL).map_or("", String::as_str);
        let key = volume::key(planned, image.pin());
        let package = plan.runtime.package.clone().unwrap_or_else(|| plan.runtime.launcher.clone());
        let volume = volume::name(&plan.server, instance, &key);
        let work = Work { plan, container, image, instance, package, key, volume };
        let turn = self.preparations().turn(&work.volume);
        let cancelled = || PrepareError::of(&work.package, PrepareCause::Cancelled);
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(cancelled()),
            mut known = turn.lock() => {
                if let Some(record) = self.find_prepared(&work, known.as_ref()).await? {
                    *known = Some(record.clone());
                    return Ok(Some(record.prepared(work.volume, true)));
                }
                *known = None;
                let record = self.install(&work, sink, cancel).await?;
                *known = Some(record.clone());
                Ok(Some(record.prepared(work.volume, false)))
            }
        }
    }

    /// Looks whether the volume is there and finished.
    async fn find_prepared(
        &self,
        work: &Work<'_>,
        known: Option<&Record>,
    ) -> Result<Option<Record>, PrepareError> {
        let failed = |error| PrepareError::of(&work.package, PrepareCause::Engine(error));
        let Some(found) = self.api().inspect_volume(&work.volume).await.map_err(failed)? else {
            return Ok(None);
        };
        // A volume of that name with another key was made by somebody else; its content is not trusted.
        if !volume::is_of(&found, &work.key) {
            return Ok(None);
        }
        if let Some(known) = known {
            return Ok(Some(known.clone()));
        }
        let record = self.read_record(work.image.pin(), work.instance, &work.volume).await.map_err(failed)?;
        if record.is_some() {
            self.remove_old_volumes(&work.plan.server, work.instance, &work.volume).await;
        }
        Ok(record)
    }

    async fn install(
        &self,
        work: &Work<'_>,
        sink: &ProgressSink,
        cancel: &CancellationToken,
    ) -> Result<Record, PrepareError> {
        let fail = |cause| PrepareError::of(&work.package, cause);
        let slots = &self.preparations().slots;
        let _slot = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(fail(PrepareCause::Cancelled)),
            slot = slots.acquire() => slot.ok(),
        };
        sink.stage(Stage::Installing, &work.package);
        tracing::info!(server = work.plan.server, package = work.package, "preparing packages");
        let engine = |error| fail(PrepareCause::Engine(error));
        // Whatever an interrupted run left is not built upon.
        self.clear(&work.volume).await.map_err(engine)?;
        self.api()
            .create_volume(&work.volume, volume::labels(&work.plan.server, work.instance, &work.key))
            .await
            .map_err(engine)?;
        for mount in &work.container.mounts {
            if let MountSource::State(name) = &mount.source {
                let labels = labels(work.instance, &work.plan.server, "state").into_iter().collect();
                self.api().create_volume(name, labels).await.map_err(engine)?;
            }
        }
        let outcome = self.run_to_end(work, sink, cancel).await;
        let record = match outcome {
            Ok(()) => self
                .read_record(work.image.pin(), work.instance, &work.volume)
                .await
                .map_err(engine)
                .and_then(|record| record.ok_or_else(|| fail(PrepareCause::NoResult))),
            Err(error) => Err(error),
        };
        if record.is_ok() {
            self.remove_old_volumes(&work.plan.server, work.instance, &work.volume).await;
            sink.stage(Stage::Done, &work.package);
        } else if let Err(error) = self.clear(&work.volume).await {
            tracing::debug!(%error, volume = work.volume, "an unfinished volume stays until the next attempt");
        }
        record
    }

    async fn run_to_end(
        &self,
        work: &Work<'_>,
        sink: &ProgressSink,
        cancel: &CancellationToken,
    ) -> Result<(), PrepareError> {
        let fail = |cause| PrepareError::of(&work.package, cause);
        let job = Job {
            server: &work.plan.server,
            instance: work.instance,
            container: work.container,
            argv: &work.container.argv,
            image: work.image.pin(),
            image_volumes: &work.image.volumes,
            packages: Some(&work.volume),
            certificates: work.plan.certificates.as_deref(),
        };
        let mut running = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(fail(PrepareCause::Cancelled)),
            started = self.run(job) => started.map_err(|error| fail(PrepareCause::from(error)))?,
        };
        let mut output = Output::new(sink.clone(), work.plan.server.clone());
        let ended = {
            let mut exit = running.exit.clone();
            let finished = async {
                output.drain(&mut running.stdout, &mut running.stderr).await;
                exit.wait().await
            };
            tokio::select! {
                biased;
                () = cancel.cancelled() => Err(PrepareCause::Cancelled),
                exit = finished => Ok(exit),
                () = tokio::time::sleep(LIMIT) => Err(PrepareCause::TimedOut { after: LIMIT }),
            }
        };
        // Ends the container if it still runs, and waits until the engine has let go of the volume.
        running.stop.stop(STOP_LIMIT).await;
        match ended {
            Err(cause) => Err(fail(cause).with_output(output.tail())),
            Ok(exit) if exit.code == Some(0) && !exit.oom => Ok(()),
            Ok(exit) => {
                let cause = error::classify(&output.tail(), &exit, work.container.limits.memory);
                Err(fail(cause).with_output(output.tail()))
            }
        }
    }

    /// Removes what is left of a volume; the container of a run that was just given up may hold it a moment longer.
    async fn clear(&self, volume: &str) -> Result<(), EngineError> {
        let begun = Instant::now();
        loop {
            match self.api().remove_volume(volume).await {
                Err(EngineError::Conflict { .. } | EngineError::NameTaken { .. })
                    if begun.elapsed() < LET_GO =>
                {
                    tokio::time::sleep(ASK_AGAIN).await;
                }
                other => return other,
            }
        }
    }

    /// Removes this server's earlier volumes; one that a server still runs from stays until the next time.
    async fn remove_old_volumes(&self, server: &str, instance: &str, current: &str) {
        let found = match self.api().list_volumes(&volume::filter(server, instance)).await {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!(%error, server, "old volumes stay");
                return;
            }
        };
        for old in found.into_iter().filter(|volume| volume.name != current) {
            match self.api().remove_volume(&old.name).await {
                Ok(()) => tracing::debug!(server, volume = old.name, "an old volume was removed"),
                Err(error) => tracing::debug!(%error, server, volume = old.name, "an old volume stays"),
            }
        }
    }
}

#[cfg(test)]
mod tests;
