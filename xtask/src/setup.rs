//! Brings what a fresh machine lacks, says what it brings and why, and is quick when nothing is missing.

pub(crate) mod engine;
pub(crate) mod images;
pub(crate) mod packages;
pub(crate) mod toolchain;
pub(crate) mod tools;
pub(crate) mod user;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::commands::{command, quiet};

/// Who a missing piece is needed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Running the product without a window.
    Run,
    /// Building and running the application with its window.
    Desktop,
    /// Running its suites, which need all of this.
    Test,
    /// Making its packages.
    Dist,
}

impl Purpose {
    /// Whether what `other` needs is needed for this as well.
    pub(crate) fn needs(self, other: Self) -> bool {
        match self {
            Self::Run => other == Self::Run,
            Self::Desktop => matches!(other, Self::Run | Self::Desktop),
            Self::Test => other != Self::Dist,
            // An engine is for running, not for packing.
            Self::Dist => matches!(other, Self::Desktop | Self::Dist),
        }
    }
}

/// What `cargo xtask setup` does: all that running and testing need.
pub(crate) fn everything() -> Result<ExitCode> {
    toolchain::ensure()?;
    for_tests()?;
    println!("Everything that run and test need is here.");
    Ok(ExitCode::SUCCESS)
}

/// What `cargo xtask images` does: an engine, and the images that are missing.
pub(crate) fn images_only() -> Result<ExitCode> {
    packages::ensure(Purpose::Test)?;
    engine::ensure()?;
    images::ensure()?;
    Ok(ExitCode::SUCCESS)
}

/// What the suites need beside the toolchain: packages, an engine that answers, images, an ordinary user.
pub(crate) fn for_tests() -> Result<()> {
    packages::ensure(Purpose::Test)?;
    if !engine::ensure()? {
        bail!("the suites need a container engine that answers; see `docker version`");
    }
    images::ensure()?;
    user::ensure()
}

/// Whether this process may change the system.
pub(crate) fn is_root() -> bool {
    cfg!(unix) && quiet(&mut command("id", ["-u"])).is_ok_and(|id| id == "0")
}

/// Whether packages come by `apt-get` here.
pub(crate) fn is_debian() -> bool {
    std::path::Path::new("/etc/debian_version").exists()
}
