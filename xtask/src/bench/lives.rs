//! Starting, idling and stopping: one server, and thirty.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::build::Built;
use super::engine::{Contained, Engine};
use super::figures::{Table, Times};
use super::line::Direct;
use super::proxy::{PREFIX, Proxy};

const MANY: usize = 30;

/// From the start of the program to the first answer.
pub(super) fn start(built: &Built, quick: bool, table: &mut Table) -> Result<()> {
    let (mut host, mut pipe) = (Times::default(), Times::default());
    for _ in 0..if quick { 2 } else { 15 } {
        pipe.push(timed(|| Direct::start(&built.echo)?.line()?.call(16))?);
        let began = Instant::now();
        let mut proxy = Proxy::start(built, 1, false)?;
        proxy.listed(1)?.call(&format!("{PREFIX}0__echo"), 16)?;
        host.push(began.elapsed());
    }
    table.times("start to first answer, host", host.median(), Some(pipe.median()), "≤ 6 ms");
    let engine = Engine::find()?;
    let (mut ours, mut bare) = (Times::default(), Times::default());
    for _ in 0..if quick { 2 } else { 10 } {
        let began = Instant::now();
        let mut contained = engine.start(&built.echo)?;
        contained.line.ask(r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#)?;
        bare.push(began.elapsed());
        drop(contained);
        let began = Instant::now();
        let mut proxy = Proxy::start(built, 1, true)?;
        proxy.listed(1)?;
        ours.push(began.elapsed());
    }
    table.times("isolated start, configuration to tools", ours.median(), Some(bare.median()), "≤ 1.1 × bare");
    Ok(())
}

/// Memory, idle time, start and stop, with one and with thirty servers.
pub(super) fn many(built: &Built, quick: bool, table: &mut Table) -> Result<()> {
    for (servers, target) in [(1, "≤ 15 MB"), (MANY, "≤ 20 MB")] {
        let mut proxy = Proxy::start(built, servers, false)?;
        drop(proxy.listed(servers)?);
        idle(&proxy, quick, &format!("{servers} servers on the host"), target, table)?;
    }
    let engine = Engine::find()?;
    let (mut ours, mut bare) = (Times::default(), Times::default());
    let (mut stop, mut removal) = (Times::default(), Times::default());
    for round in 0..if quick { 1 } else { 3 } {
        let (start, end) = thirty_bare(&engine, built)?;
        bare.push(start);
        removal.push(end);
        let began = Instant::now();
        let mut proxy = Proxy::start(built, MANY, true)?;
        drop(proxy.listed(MANY)?);
        ours.push(began.elapsed());
        if round == 0 {
            idle(&proxy, quick, "30 isolated servers", "≤ 20 MB", table)?;
        }
        stop.push(gone(proxy, &engine)?);
    }
    table.times(
        "30 isolated servers, start to all tools",
        ours.median(),
        Some(bare.median()),
        "≤ 1.15 × bare",
    );
    table.times(
        "30 isolated servers, stop, none left",
        stop.median(),
        Some(removal.median()),
        "≤ 1.2 × bare",
    );
    Ok(())
}

/// Stops the proxy, and waits until none of its containers is left.
fn gone(proxy: Proxy, engine: &Engine) -> Result<Duration> {
    let began = Instant::now();
    proxy.stop()?;
    loop {
        let left = engine.count(&format!("/mcpproxy-{PREFIX}"))?;
        match left {
            0 => return Ok(began.elapsed()),
            _ if began.elapsed() > Duration::from_secs(30) => bail!("{left} containers were left behind"),
            _ => thread::sleep(Duration::from_millis(2)),
        }
    }
}

fn idle(proxy: &Proxy, quick: bool, name: &str, target: &str, table: &mut Table) -> Result<()> {
    let span = Duration::from_secs(if quick { 2 } else { 20 });
    // What starting left to do is not idling, and threads that were needed for it end after ten seconds.
    thread::sleep(if quick { span } else { Duration::from_secs(12) });
    let cpu = proxy.cpu()?;
    thread::sleep(span);
    let share = proxy.cpu()?.saturating_sub(cpu).as_secs_f64() / span.as_secs_f64() * 100.0;
    table.row(&format!("memory, {name}"), &format!("{:.1} MB", proxy.memory()?), None, None, target);
    table.row(&format!("idle, {name}"), &format!("{share:.3} % of a core"), None, None, "≤ 0.05 %");
    Ok(())
}

/// Thirty containers by the bare API, side by side: their start, and their removal.
fn thirty_bare(engine: &Engine, built: &Built) -> Result<(Duration, Duration)> {
    let began = Instant::now();
    let running: Vec<Contained> = side_by_side(0..MANY, |_| {
        let mut contained = engine.start(&built.echo)?;
        contained.line.ask(r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#)?;
        Ok(contained)
    })?;
    let start = began.elapsed();
    let began = Instant::now();
    side_by_side(&running, |contained| engine.remove(&contained.id))?;
    Ok((start, began.elapsed()))
}

fn side_by_side<I: Send, T: Send>(
    items: impl IntoIterator<Item = I>,
    work: impl Fn(I) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    thread::scope(|scope| {
        let workers: Vec<_> = items.into_iter().map(|item| scope.spawn(|| work(item))).collect();
        workers.into_iter().map(|worker| worker.join().ok().context("a worker panicked")?).collect()
    })
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}
