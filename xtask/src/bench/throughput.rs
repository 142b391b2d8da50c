//! Calls a second, by one client and by many, and what a call costs the proxy.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::build::Built;
use super::client::Client;
use super::engine::Engine;
use super::figures::Table;
use super::line::Direct;
use super::proxy::{PREFIX, Proxy};

const SIZE: usize = 1_000;

pub(super) fn measure(built: &Built, quick: bool, table: &mut Table) -> Result<()> {
    let span = Duration::from_millis(if quick { 300 } else { 4_000 });
    for isolated in [false, true] {
        let mut proxy = Proxy::start(built, 1, isolated)?;
        drop(proxy.listed(1)?);
        for clients in [1, 32] {
            let bare = bare(built, isolated, clients, if quick { 2_000 } else { 40_000 })?;
            let (rate, cpu) = ours(&proxy, clients, span)?;
            let place = if isolated { "container" } else { "host" };
            let target = match (isolated, clients) {
                (false, 32) => "≥ 45,800/s",
                (true, 32) => "≥ 22,400/s",
                _ => "",
            };
            let name = format!("calls a second, {place}, {clients} clients");
            table.row(
                &name,
                &format!("{rate:.0}/s"),
                Some(&format!("{bare:.0}/s")),
                Some(rate / bare),
                target,
            );
            if clients == 32 {
                let name = format!("processor time a call, {place}, {clients} clients");
                table.times(&name, cpu, None, "≤ 25 µs");
            }
        }
    }
    Ok(())
}

/// What the server itself gives, with as many calls under way.
fn bare(built: &Built, isolated: bool, under_way: usize, calls: usize) -> Result<f64> {
    let run = |stream: &mut dyn FnMut(usize) -> Result<()>| -> Result<f64> {
        stream(calls / 10)?;
        let start = Instant::now();
        stream(calls)?;
        Ok(f64::from(u32::try_from(calls)?) / start.elapsed().as_secs_f64())
    };
    if isolated {
        let mut contained = Engine::find()?.start(&built.echo)?;
        return run(&mut |calls| contained.line.stream(under_way, calls, SIZE));
    }
    let mut direct = Direct::start(&built.echo)?;
    run(&mut |calls| direct.line()?.stream(under_way, calls, SIZE))
}

/// The rate through the proxy, and its processor time a call.
fn ours(proxy: &Proxy, clients: usize, span: Duration) -> Result<(f64, Duration)> {
    let tool = format!("{PREFIX}0__echo");
    let (done, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let mut sessions = Vec::new();
    for _ in 0..clients {
        let mut client = Client::open(proxy.address, "/mcp/all")?;
        client.call(&tool, SIZE)?;
        sessions.push(client);
    }
    let (cpu, start) = (proxy.cpu()?, Instant::now());
    thread::scope(|scope| -> Result<()> {
        let workers: Vec<_> = sessions
            .into_iter()
            .map(|mut client| {
                let (done, over, tool) = (&done, &over, &tool);
                scope.spawn(move || -> Result<()> {
                    while !over.load(Ordering::Relaxed) {
                        client.call(tool, SIZE)?;
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(())
                })
            })
            .collect();
        thread::sleep(span);
        over.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.join().ok().context("a client panicked")??;
        }
        Ok(())
    })?;
    let calls = u32::try_from(done.load(Ordering::Relaxed))?.max(1);
    let rate = f64::from(calls) / start.elapsed().as_secs_f64();
    Ok((rate, proxy.cpu()?.saturating_sub(cpu) / calls))
}
