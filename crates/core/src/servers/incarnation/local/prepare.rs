//! What comes before a start: the image, and the server's packages. It may take minutes, shows how far it is, and can
//! be cancelled without ending the server's life.
use mcpproxy_isolation::{
    engine::Engine,
    images::{Image, Progress, ProgressSink, Stage},
    plan::Plan,
    prepare::Prepared,
};
use tokio::sync::{mpsc, watch};

use super::{Hide, Incarnation};
use crate::{
    PreparationView,
    servers::{
        failure::{self, Trouble},
        incarnation::Report,
    },
};

/// Steps of a percentage that reach the log; the window sees each.
const LOGGED_STEP: u8 = 10;

impl Incarnation {
    /// The image, and the packages where the plan prepares some.
    pub(super) async fn prepare(
        &self,
        engine: &Engine,
        plan: &Plan,
        hide: &Hide,
    ) -> Result<(Image, Option<Prepared>), Trouble> {
        let (sink, steps, lines) = ProgressSink::channel();
        let halt = self.cancel.child_token();
        let work = async {
            let name = plan.server_container().map(|container| container.image.as_str()).unwrap_or_default();
            let image =
                engine.ensure_image(name, &sink, &halt).await.map_err(|error| failure::of_pull(&error))?;
            let prepared = match plan.prepare_container() {
                Some(container) if container.image != name => {
                    let other = engine.ensure_image(&container.image, &sink, &halt).await;
                    let other = other.map_err(|error| failure::of_pull(&error))?;
                    engine.prepare(plan, &other, &sink, &halt).await
                }
                _ => engine.prepare(plan, &image, &sink, &halt).await,
            };
            let prepared = prepared.map_err(|error| failure::of_prepare(&error))?;
            Ok((image, prepared))
        };
        let mut work = std::pin::pin!(work);
        let outcome = tokio::select! {
            outcome = &mut work => outcome,
            () = self.skip.cancelled() => {
                halt.cancel();
                // What it made is taken back before it returns.
                let _ = work.await;
                Err(Trouble::lasting("preparation_cancelled", Vec::new(), ""))
            }
            never = self.show(steps, lines, hide) => match never {},
        };
        if self.cancel.is_cancelled() { Err(Trouble::asked()) } else { outcome }
    }

    /// Shows progress as it comes; it is dropped with the work.
    async fn show(
        &self,
        mut steps: watch::Receiver<Progress>,
        mut lines: mpsc::Receiver<String>,
        hide: &Hide,
    ) -> std::convert::Infallible {
        let mut logged: Option<(String, u8)> = None;
        loop {
            tokio::select! {
                Ok(()) = steps.changed() => {
                    let progress = steps.borrow_and_update().clone();
                    log_step(&progress, &mut logged);
                    self.tell(Report::Progress(view(progress, hide))).await;
                }
                Some(line) = lines.recv() => {
                    let line = crate::logs::printable(&line).into_owned();
                    tracing::info!(output = %hide.redact(&line), "preparing");
                }
                else => return std::future::pending().await,
            }
        }
    }
}

/// A line for each tenth of a download, so that a log shows that it goes on and nothing more.
fn log_step(progress: &Progress, logged: &mut Option<(String, u8)>) {
    if matches!(progress.stage, Stage::Waiting | Stage::Done) {
        return;
    }
    let step = progress.percent.unwrap_or(0) / LOGGED_STEP;
    let now = (format!("{:?} {}", progress.stage, progress.subject), step);
    if logged.as_ref() == Some(&now) {
        return;
    }
    *logged = Some(now);
    tracing::info!(
        subject = progress.subject,
        percent = progress.percent,
        done_bytes = progress.done_bytes,
        total_bytes = progress.total_bytes,
        rate = progress.rate,
        "{}",
        if progress.stage == Stage::Downloading { "pulling image" } else { "installing package" }
    );
}

fn view(progress: Progress, hide: &Hide) -> PreparationView {
    PreparationView {
        stage: match progress.stage {
            Stage::Waiting => "",
            Stage::Downloading => "image",
            Stage::Installing => "package",
            Stage::Done => "done",
        }
        .to_owned(),
        subject: progress.subject,
        done_bytes: Some(progress.done_bytes).filter(|bytes| *bytes > 0),
        total_bytes: progress.total_bytes,
        percent: progress.percent,
        rate: progress.rate,
        eta_seconds: progress.eta.map(|eta| eta.as_secs()),
        line: progress.line.map(|line| hide.redact(&crate::logs::printable(&line)).into_owned()),
    }
}
