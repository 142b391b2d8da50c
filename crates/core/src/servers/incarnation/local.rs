//! An incarnation that is run: in a container of ours, on this computer, or by a command that starts a container.
mod attend;
mod host;
mod prepare;

use std::{sync::Arc, time::Duration};

use mcpproxy_isolation::{
    container::{Job, StartError},
    engine::Engine,
    images::Image,
    launcher::Launch,
    plan::Plan,
    policy::Policy,
    prepare::Prepared,
    running::Running,
};
use mcpproxy_messages::phrases;
use mcpproxy_secrets::Redactor;
use tokio::{sync::OwnedSemaphorePermit, time::Instant};

use super::{Incarnation, Report};
use crate::servers::{
    blueprint::Process,
    failure::{self, Place, Trouble},
    life::{End, Step},
};

impl Incarnation {
    /// Lives in a container. What is slow, downloads and installations, comes before the clock of `timeout` starts.
    pub(super) async fn container(&self, process: &Process, policy: &Policy) -> Result<Trouble, Trouble> {
        let engine = self.context.engine.borrow().clone();
        let engine = engine.ok_or_else(|| Trouble::new(End::EngineLost, "engine_lost", Vec::new(), ""))?;
        let planned = self.context.planner.plan(self.name(), process, policy, &engine);
        let drawn = self.unless_cancelled(planned).await.map_err(|trouble| trouble.named(self.name()))?;
        let (plan, redactor) = (drawn.plan, drawn.redactor);
        if let Launch::OwnContainer(own) = plan.launch {
            return self.run_own_container(own, drawn.spec, redactor, process).await;
        }
        self.context.logs.hide(self.name(), Arc::clone(&redactor));
        self.announce(process, &plan).await;
        let (image, prepared) = self
            .prepare(&engine, &plan, &redactor)
            .await
            .map_err(|trouble| trouble.redacted(&redactor).named(self.name()))?;
        // What was downloaded or installed meanwhile is kept.
        self.unpaused().await?;
        let turn = self.turn().await?;
        self.step(Step::Starting).await;
        let clock = Instant::now();
        let running = self
            .launch(&engine, &plan, prepared.as_ref(), &image)
            .await
            .map_err(|trouble| trouble.redacted(&redactor).named(self.name()))?;
        drop(turn);
        let place = Place {
            command: &process.command,
            image: plan.server_container().map(|container| container.image.as_str()),
            memory: Some(&policy.memory),
        };
        self.attend(running, clock, redactor, place).await
    }

    /// Says what is about to run, in the words that guides tell people to look for.
    async fn announce(&self, process: &Process, plan: &Plan) {
        let server = self.name();
        let image = plan.server_container().map(|container| container.image.clone());
        let runtime = plan.runtime.launcher.clone();
        tracing::info!(original_command = process.command, "{}{server}", phrases::ISOLATION_ENABLED_FOR);
        tracing::info!(runtime_type = runtime, image, "{}", phrases::RUNTIME_DETECTED);
        for note in &plan.notes {
            let args: Vec<(&str, &str)> =
                note.args.iter().map(|(key, value)| (*key, value.as_str())).collect();
            tracing::warn!(code = note.key, "{}", mcpproxy_messages::render(note.key, &args));
        }
        let relaxed = plan.relaxations.iter().map(|relaxation| relaxation.row.name.to_owned()).collect();
        self.tell(Report::Planned { runtime, image, relaxed }).await;
    }

    /// Starts the container. The engine's answer is always awaited, so that a container which comes late is known
    /// and removed.
    async fn launch(
        &self,
        engine: &Engine,
        plan: &Plan,
        prepared: Option<&Prepared>,
        image: &Image,
    ) -> Result<Running, Trouble> {
        let run_args = serde_json::to_string(&plan.docker_run_args).unwrap_or_default();
        let container = plan.server_container().ok_or_else(|| failure::of_start(&StartError::NoContainer))?;
        let argv = plan.server_argv(prepared.map(|prepared| prepared.entry.as_slice()));
        let job = Job {
            server: self.name(),
            instance: &self.context.planner.instance,
            container,
            argv: &argv,
            image: image.pin(),
            image_volumes: &image.volumes,
            packages: prepared.map(|prepared| prepared.volume.as_str()),
            certificates: plan.certificates.as_deref(),
        };
        let mut running = engine.run(job).await.map_err(|error| failure::of_start(&error))?;
        let container = running.name.clone().unwrap_or_default();
        let id = running.container.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default();
        tracing::info!(
            runtime_type = plan.runtime.launcher,
            container_name = container,
            container_id = id,
            docker_run_args = run_args,
            "{}: {} {}",
            phrases::ISOLATION_SUCCESSFUL,
            phrases::ISOLATION_COMPLETED,
            phrases::ISOLATION_CONFIGURED,
        );
        if self.cancel.is_cancelled() {
            running.stop.stop(STOP).await;
            return Err(Trouble::asked());
        }
        self.tell(Report::Container { id, name: running.name.clone() }).await;
        Ok(running)
    }

    /// Waits for a place in the lane of starts.
    async fn turn(&self) -> Result<Option<OwnedSemaphorePermit>, Trouble> {
        if let Some(place) = self.context.lane.try_enter() {
            return Ok(Some(place));
        }
        self.step(Step::WaitingForTurn).await;
        self.unless_cancelled(async { Ok(self.context.lane.enter().await) }).await
    }
}

/// How long the end of a process may take, by all means together.
const STOP: Duration = mcpproxy_isolation::running::STOP_LIMIT;

/// What hides secrets in everything that is told of one incarnation.
type Hide = Arc<Redactor>;
