//! An incarnation on this computer: isolation is off for it, or its command starts a container of its own.
use mcpproxy_isolation::{
    host::{ContainerTool, HostPlan, start_host},
    launcher::OwnContainer,
    spec::{ServerSpec, Text},
};
use mcpproxy_login_env::Recipient;
use mcpproxy_messages::phrases;
use tokio::time::Instant;

use super::{Hide, Incarnation, Report};
use crate::servers::{
    blueprint::Process,
    failure::{self, Place, Trouble},
    life::Step,
    own_containers,
};

impl Incarnation {
    /// Lives on this computer, with the environment of the login shell and nothing else of ours.
    pub(in super::super) async fn host(&self, process: &Process) -> Result<Trouble, Trouble> {
        let command = self.unless_cancelled(self.context.planner.command(self.name(), process)).await;
        let command = command.map_err(|trouble| trouble.named(self.name()))?;
        let plan = self.host_plan(command.spec);
        self.run_on_host(plan, command.redactor, process).await
    }

    /// Lives in a container that its own command starts, with its author's settings.
    pub(in super::super) async fn own_container(&self, process: &Process) -> Result<Trouble, Trouble> {
        let own = self.unless_cancelled(self.context.planner.own_container(self.name(), process)).await;
        let (own, command) = own.map_err(|trouble| trouble.named(self.name()))?;
        self.run_own_container(own, command.spec, command.redactor, process).await
    }

    /// The same once the command is taken apart.
    pub(super) async fn run_own_container(
        &self,
        own: OwnContainer,
        spec: ServerSpec,
        hide: Hide,
        process: &Process,
    ) -> Result<Trouble, Trouble> {
        let endpoint = self.context.engine.borrow().as_ref().map(|engine| engine.info().endpoint.to_string());
        let folder = own_containers::folder(&self.context.data_dir);
        let mut plan = self.host_plan(spec);
        plan.tool = Some(ContainerTool { flags_at: own.flags_at, endpoint, folder });
        plan.program = own.program;
        plan.args = own.args;
        plan.env.extend(own.env);
        tracing::info!(program = plan.program, "{}", phrases::DIRECT_EXEC);
        self.run_on_host(plan, hide, process).await
    }

    fn host_plan(&self, spec: ServerSpec) -> HostPlan {
        let known = self.context.environment.borrow().now().for_child(Recipient::HostServer);
        let known = known.into_iter().map(|(name, value)| (name, Text::plain(value)));
        HostPlan {
            server: spec.name,
            instance: self.context.planner.instance.clone(),
            program: spec.command,
            args: spec.args,
            env: known.chain(spec.env).collect(),
            working_dir: spec.working_dir,
            tool: None,
        }
    }

    async fn run_on_host(&self, plan: HostPlan, hide: Hide, process: &Process) -> Result<Trouble, Trouble> {
        self.context.logs.hide(self.name(), hide.clone());
        let runtime = plan.program.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        self.tell(Report::Planned { runtime, image: None, relaxed: Vec::new() }).await;
        self.step(Step::Starting).await;
        let clock = Instant::now();
        let mut running = start_host(&plan)
            .await
            .map_err(|error| failure::of_start(&error).redacted(&hide).named(self.name()))?;
        if self.cancel.is_cancelled() {
            running.stop.stop(super::STOP).await;
            return Err(Trouble::asked());
        }
        let place = Place { command: &process.command, image: None, memory: None };
        let _measured = self.context.gauge.process(self.name(), running.pid);
        self.attend(running, clock, hide, place).await
    }
}
