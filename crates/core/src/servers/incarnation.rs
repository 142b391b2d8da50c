//! One incarnation of a server: from the plan to the end of its process. Whatever happens, when `run` returns,
//! nothing of it is left: no process, no container, no place in the gateway.
mod connect;
mod local;
mod remote;

use std::sync::Arc;

use mcpproxy_gateway::Gateway;
use mcpproxy_isolation::engine::Engine;
use mcpproxy_login_env::Environment;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::{
    Lane,
    blueprint::{Blueprint, Target},
    failure::Trouble,
    life::Step,
    planner::Planner,
};
use crate::{Identity, Logs, PreparationView, board::Board, pause::Hold};

/// What every incarnation works with.
pub(crate) struct Context {
    pub board: Arc<Board>,
    /// What a pause of everything asks of servers.
    pub hold: watch::Receiver<Hold>,
    pub planner: Arc<Planner>,
    pub gateway: Gateway,
    pub logs: Logs,
    pub lane: Lane,
    pub engine: watch::Receiver<Option<Engine>>,
    pub environment: watch::Receiver<Arc<Environment>>,
    pub activity: crate::Activity,
    pub gauge: crate::figures::Gauge,
    pub data_dir: std::path::PathBuf,
    pub version: String,
}

/// What an incarnation tells while it lives.
#[derive(Debug)]
pub(super) enum Report {
    /// It came further.
    Step(Step),
    /// A download or an installation came further.
    Progress(PreparationView),
    /// The plan is made.
    Planned { runtime: String, image: Option<String>, relaxed: Vec<String> },
    /// Its container runs.
    Container { id: String, name: Option<String> },
    /// It answers.
    Ready(Identity),
    /// So many tools.
    Tools(usize),
}

/// One incarnation.
pub(super) struct Incarnation {
    pub context: Arc<Context>,
    pub blueprint: Arc<Blueprint>,
    /// Ends it.
    pub cancel: CancellationToken,
    /// Ends the download or installation only.
    pub skip: CancellationToken,
    pub reports: mpsc::Sender<Report>,
}

impl Incarnation {
    /// Lives until the process ends or it is cancelled.
    pub(super) async fn run(self) -> Trouble {
        let lived = match self.unpaused().await {
            Err(trouble) => Err(trouble),
            Ok(()) => match &self.blueprint.target {
                Target::Container(process, policy) => self.container(process, policy).await,
                Target::Host(process) => self.host(process).await,
                Target::OwnContainer(process) => self.own_container(process).await,
                Target::Remote(endpoint) => self.remote(endpoint).await,
            },
        };
        let trouble = match lived {
            Ok(ended) => ended,
            Err(trouble) => trouble,
        };
        if self.cancel.is_cancelled() { Trouble { failure: None, ..trouble } } else { trouble }
    }

    pub(super) fn name(&self) -> &str {
        &self.blueprint.name
    }

    /// Waits while everything is paused: nothing starts then.
    async fn unpaused(&self) -> Result<(), Trouble> {
        let mut hold = self.context.hold.clone();
        if *hold.borrow_and_update() == Hold::Off {
            return Ok(());
        }
        self.tell(Report::Step(Step::WaitingForResume)).await;
        self.unless_cancelled(async {
            // Its sender lives as long as the steward, which outlives every server.
            let _ = hold.wait_for(|hold| *hold == Hold::Off).await;
            Ok(())
        })
        .await?;
        self.tell(Report::Step(Step::Preparing)).await;
        Ok(())
    }

    /// Tells the supervisor; it outlives every incarnation, so that nobody listening means the end of both.
    async fn tell(&self, report: Report) {
        let _ = self.reports.send(report).await;
    }

    /// Runs `work` unless the incarnation is cancelled first. Only for work that may be dropped anywhere.
    async fn unless_cancelled<T>(
        &self,
        work: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        tokio::select! {
            done = work => done,
            () = self.cancel.cancelled() => Err(Trouble::asked()),
        }
    }
}
