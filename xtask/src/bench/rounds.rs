//! One call at a time: what the proxy adds to it, on the host and in a container.

use std::time::Instant;

use anyhow::Result;

use super::build::Built;
use super::engine::Engine;
use super::figures::{Table, Times};
use super::line::Direct;
use super::proxy::{PREFIX, Proxy};

/// Turns that each side takes.
const TURNS: usize = 10;

/// The size of an answer, its name, and the targets on the host and in a container.
struct Size {
    bytes: usize,
    name: &'static str,
    host: (&'static str, &'static str),
    container: (&'static str, &'static str),
}

const SIZES: [Size; 2] = [
    Size {
        bytes: 1_000, name: "1 KB", host: ("≤ 110 µs", "≤ 200 µs"), container: ("≤ 160 µs", "≤ 300 µs")
    },
    Size { bytes: 100_000, name: "100 KB", host: ("≤ 0.8 ms", ""), container: ("≤ 1.4 ms", "") },
];

pub(super) fn calls(built: &Built, quick: bool, table: &mut Table) -> Result<()> {
    let tool = format!("{PREFIX}0__echo");
    for isolated in [false, true] {
        let mut proxy = Proxy::start(built, 1, isolated)?;
        let mut client = proxy.listed(1)?;
        let mut direct = Direct::start(&built.echo)?;
        let mut contained = if isolated { Some(Engine::find()?.start(&built.echo)?) } else { None };
        for size in &SIZES {
            let calls = if quick { 20 } else { 40_000_000 / (size.bytes + 40_000) };
            let (mut ours, mut bare) = (Times::default(), Times::default());
            // The first turn warms both up and does not count.
            for turn in 0..=TURNS {
                for _ in 0..calls / TURNS + 1 {
                    let start = Instant::now();
                    match &mut contained {
                        Some(contained) => contained.line.call(size.bytes)?,
                        None => direct.line()?.call(size.bytes)?,
                    }
                    if turn > 0 {
                        bare.push(start.elapsed());
                    }
                }
                for _ in 0..calls / TURNS + 1 {
                    let start = Instant::now();
                    client.call(&tool, size.bytes)?;
                    if turn > 0 {
                        ours.push(start.elapsed());
                    }
                }
            }
            let place = if isolated { "container" } else { "host" };
            let targets = if isolated { size.container } else { size.host };
            table.times(
                &format!("call, {place}, {}, p50", size.name),
                ours.median(),
                Some(bare.median()),
                targets.0,
            );
            let p99 = (ours.percentile(0.99), bare.percentile(0.99));
            table.times(&format!("call, {place}, {}, p99", size.name), p99.0, Some(p99.1), targets.1);
            let added = ours.median().saturating_sub(bare.median());
            table.times(&format!("added to a call, {place}, {}", size.name), added, None, "");
        }
    }
    Ok(())
}
