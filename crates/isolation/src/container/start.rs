//! The start of one container, in the one order that loses nothing: create, attach, wait, start, preamble, ready.
//!
//! Attached before it starts, so that no output is lost; the exit is ordered before there can be one; and nothing of the
//! server runs before the preamble is read, which closes the gap of engines that confirm an attach too early.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mcpproxy_shim::report::{Cause, MARK, Nonce};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;
use zeroize::Zeroizing;

use super::body::{self, Volumes};
use super::error::reason;
use super::link::{Known, Link};
use super::watch::{REMOVAL_LIMIT, Watch, removed};
use super::{StartError, name, preamble};
use crate::engine::{ContainerCreateBody, Created, Engine, EngineError, Wait};
use crate::freeze::Freezer;
use crate::plan::{Container, MountSource, labels};
use crate::running::{ContainerId, ExitWatch, Running, Stderr, Stdin, Stdout, Stop};
use crate::spec::Text;

/// How long PID 1 may take from its preamble to the server's first instruction. It is a matter of milliseconds; a
/// machine that starts thirty servers at once may need more.
const READY_LIMIT: Duration = Duration::from_secs(20);
/// How often another name is tried when one is taken.
const NAMES: usize = 5;
/// The step at which the engine executes PID 1.
const STARTING: &str = "starting it";

type Streams = (Stdin, Stdout, Stderr);

/// One container to run, with all that the plan alone does not know.
#[derive(Debug)]
pub struct Job<'a> {
    /// The server's name in the configuration.
    pub server: &'a str,
    /// The id of this instance of the program; the container's own labels carry it too.
    pub instance: &'a str,
    /// The container, from the plan.
    pub container: &'a Container,
    /// What the container executes.
    pub argv: &'a [Text],
    /// The image as the engine knows it, pinned by its digest if it has one.
    pub image: &'a str,
    /// The folders that the image declares as volumes.
    pub image_volumes: &'a [String],
    /// The volume with the server's packages.
    pub packages: Option<&'a str>,
    /// The bundle of certificates on this computer.
    pub certificates: Option<&'a Path>,
}

impl Engine {
    /// Starts one container and returns when its server's program is executed.
    ///
    /// # Errors
    /// After an error nothing is left of the container.
    ///
    /// # Cancel safety
    /// Dropping the future ends what was started: a container without its connection ends by itself, one that was not
    /// started yet is removed in the background, or by the reaper.
    pub async fn run(&self, job: Job<'_>) -> Result<Running, StartError> {
        let nonce = nonce();
        let opening = preamble::write(job.argv, &job.container.env, &job.container.cwd, &nonce)?;
        let body = self.body(&job).await?;
        let (name, created) = self.create(job.server, body).await?;
        let started = Instant::now();
        let unstarted = Unstarted::new(self, &created);
        let (link, streams, wait) = match self.bring_up(&job, &created, nonce, opening).await {
            Ok(up) => up,
            Err(error) => {
                if matches!(error, StartError::Engine { step: STARTING, .. }) {
                    // Whatever the reason was, the next start does not take PID 1 on trust.
                    self.distrust_program().await;
                }
                unstarted.remove().await;
                return Err(error);
            }
        };
        unstarted.started();
        tracing::debug!(server = job.server, container = %name, "server runs in its container");
        let (orders, received) = mpsc::channel(1);
        let (exited, exit) = ExitWatch::channel();
        let (freezer, freezes) = Freezer::channel();
        let watch = Watch::new(self.clone(), created.clone(), Arc::clone(&link), started, exited);
        let watcher = AbortOnDropHandle::new(tokio::spawn(watch.run(wait, received, freezes)));
        let (stdin, stdout, stderr) = streams;
        Ok(Running {
            stdin,
            stdout,
            stderr,
            container: Some(ContainerId::new(created)),
            own_container: None,
            pid: None,
            name: Some(name),
            exit: exit.clone(),
            freezer,
            stop: Stop::new(orders, exit, watcher),
        })
    }

    /// From a created container to a server whose program is executed.
    async fn bring_up(
        &self,
        job: &Job<'_>,
        id: &str,
        nonce: Nonce,
        opening: Zeroizing<Vec<u8>>,
    ) -> Result<(Arc<Link>, Streams, Wait), StartError> {
        let (link, streams, wait) = self.connect_and_start(id, nonce).await?;
        let told = tokio::time::timeout(READY_LIMIT, async {
            link.send(&opening).await.map_err(EngineError::lost)?;
            Ok(link.ready().await)
        });
        let known = match told.await {
            Ok(Ok(known)) => known,
            Ok(Err(source)) => return Err(StartError::Engine { step: "speaking to it", source }),
            Err(_) => return Err(StartError::Silent { seconds: READY_LIMIT.as_secs() }),
        };
        if !known.ready && (known.exit.is_some() || known.ended) {
            return Err(failure(job, known, wait).await);
        }
        Ok((link, streams, wait))
    }

    async fn body(&self, job: &Job<'_>) -> Result<ContainerCreateBody, StartError> {
        let certificates = async {
            match job.certificates {
                Some(bundle) => self.deliver_certificates(job.image, job.instance, bundle).await.map(Some),
                None => Ok(None),
            }
        };
        let ((), (), program, certificates) = tokio::try_join!(
            self.refuse_disguised_binds(job.container),
            self.create_state(job),
            self.deliver_program(job.image, job.instance),
            certificates,
        )?;
        let volumes = Volumes {
            program: &program,
            certificates: certificates.as_deref(),
            packages: job.packages,
            of_image: job.image_volumes,
        };
        let mut body = body::of(job.container, &volumes).ok_or(StartError::Unprepared)?;
        body.image = Some(job.image.to_owned());
        Ok(body)
    }

    /// A named volume may be a folder of the host by its options; the policy for folders would never have seen it.
    async fn refuse_disguised_binds(&self, container: &Container) -> Result<(), StartError> {
        for mount in &container.mounts {
            let MountSource::Volume(name) = &mount.source else { continue };
            let volume =
                self.api().inspect_volume(name).await.map_err(StartError::at("looking at its volumes"))?;
            let options = volume.map(|volume| volume.options).unwrap_or_default();
            if options.contains_key("device")
                || options.get("o").is_some_and(|options| options.contains("bind"))
            {
                return Err(StartError::VolumeBinds { name: name.clone() });
            }
        }
        Ok(())
    }

    /// The server's own data get a volume with our labels; one that is there stays as it is.
    async fn create_state(&self, job: &Job<'_>) -> Result<(), StartError> {
        for mount in &job.container.mounts {
            if let MountSource::State(name) = &mount.source {
                let labels = labels(job.instance, job.server, "state").into_iter().collect();
                self.api()
                    .create_volume(name, labels)
                    .await
                    .map_err(StartError::at("creating its volume"))?;
            }
        }
        Ok(())
    }

    async fn create(&self, server: &str, body: ContainerCreateBody) -> Result<(String, String), StartError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let name = name::of_server(server);
            match self.create_whole(name.clone(), body.clone()).await {
                Ok(created) => {
                    for warning in created.warnings {
                        tracing::warn!(server, warning, "the engine warns about the container");
                    }
                    return Ok((name, created.id));
                }
                // Whoever has that name keeps it.
                Err(EngineError::NameTaken { .. }) if tries < NAMES => {}
                Err(source) => return Err(StartError::Engine { step: "creating it", source }),
            }
        }
    }

    /// Creates a container even if the caller gives up meanwhile, since else nobody would know of it; then it is removed.
    pub(crate) async fn create_whole(
        &self,
        name: String,
        body: ContainerCreateBody,
    ) -> Result<Created, EngineError> {
        let engine = self.clone();
        let (sender, receiver) = oneshot::channel();
        tokio::spawn(async move {
            let result = engine.api().create(&name, None, body).await;
            if let Err(Ok(created)) = sender.send(result) {
                drop(Unstarted::new(&engine, &created.id));
            }
        });
        receiver.await.unwrap_or_else(|_| Err(EngineError::lost("the request was given up")))
    }

    async fn connect_and_start(
        &self,
        id: &str,
        nonce: Nonce,
    ) -> Result<(Arc<Link>, Streams, Wait), StartError> {
        let upgraded = self.attach(id).await.map_err(StartError::at("attaching to it"))?;
        let (link, input, output, errors) = Link::new(upgraded, nonce);
        let wait = self.wait(id).await.map_err(StartError::at("watching it"))?;
        self.api().start(id).await.map_err(StartError::at(STARTING))?;
        Ok((link, (Stdin::Container(input), Stdout::Container(output), Stderr::Container(errors)), wait))
    }
}

fn nonce() -> Nonce {
    let mut random = [0; MARK];
    // A failing generator leaves zeros: reports could then be forged, which would cost no more than a wrong exit code.
    let _ = getrandom::fill(&mut random);
    Nonce::from_random(random)
}

/// Why a container that was started runs no server.
async fn failure(job: &Job<'_>, known: Known, wait: Wait) -> StartError {
    let errno = known.exit.and_then(|exit| exit.errno).unwrap_or(0);
    match known.exit.map(|exit| exit.cause) {
        Some(Cause::Exec) => StartError::Exec {
            program: job.argv.first().map_or("", Text::shown).to_owned(),
            image: job.container.image.clone(),
            errno,
            reason: reason(errno),
        },
        Some(Cause::Directory) => {
            StartError::Directory { path: job.container.cwd.clone(), errno, reason: reason(errno) }
        }
        _ => {
            let code = tokio::time::timeout(Duration::from_secs(2), wait.exit()).await;
            StartError::Ended { code: code.ok().and_then(Result::ok) }
        }
    }
}

/// A container that shall not stay. Dropping this, as giving up does, removes it in the background.
pub(crate) struct Unstarted {
    engine: Engine,
    id: Option<String>,
}

impl Unstarted {
    pub(crate) fn new(engine: &Engine, id: &str) -> Unstarted {
        Unstarted { engine: engine.clone(), id: Some(id.to_owned()) }
    }

    /// It stays: its server runs.
    fn started(mut self) {
        self.id = None;
    }

    /// Removes it and waits for that.
    pub(crate) async fn remove(mut self) {
        if let Some(id) = &self.id {
            discard(&self.engine, id).await;
            self.id = None;
        }
    }
}

impl Drop for Unstarted {
    fn drop(&mut self) {
        let (Some(id), Ok(runtime)) = (self.id.take(), tokio::runtime::Handle::try_current()) else { return };
        let engine = self.engine.clone();
        runtime.spawn(async move { discard(&engine, &id).await });
    }
}

async fn discard(engine: &Engine, id: &str) {
    match engine.api().remove(id).await {
        Ok(()) => {}
        // Already on its way out by itself: gone is gone only when the engine has finished.
        Err(EngineError::Conflict { .. }) => {
            if tokio::time::timeout(REMOVAL_LIMIT, removed(engine, id)).await != Ok(true) {
                tracing::debug!(container = id, "a container that did not start is left to the reaper");
            }
        }
        Err(error) => tracing::debug!(%error, "a container that did not start is left to the reaper"),
    }
}
