//! Asking the login shell on Linux and macOS.

mod ask;
mod shell;
mod spawn;
mod user;

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use crate::environment::Origin;
use crate::{CaptureError, CaptureOptions, Environment, Mode, allow, cache};
use ask::Question;
use shell::Style;
use user::User;

/// Set by whoever already prepared our environment.
const ALREADY_RESOLVED: &str = "MCPPROXY_ENV_RESOLVED";
/// Set while a shell is asked; start-up files that start us must not ask again.
pub(crate) const RESOLVING: &str = "MCPPROXY_RESOLVING_ENVIRONMENT";
/// Right after boot everything is slow.
const BOOT_TIME: Duration = Duration::from_secs(120);

pub(crate) async fn capture(options: &CaptureOptions) -> Result<Environment, CaptureError> {
    check_needed(options)?;
    let (shell, home) = shell_and_home(options)?;
    let key = cache::Key::new(&shell, &home, &options.version);
    match ask_twice(options, shell, home).await {
        Ok(answer) => {
            if let Some(folder) = &options.cache_dir {
                cache::store(folder, &key, &answer);
            }
            let wanted = |name: &String| options.wanted.contains(name);
            let wanted =
                answer.iter().filter(|(name, _)| wanted(name)).map(|(n, v)| (n.clone(), v.clone())).collect();
            Ok(allow::merge(answer, wanted, &options.process, &options.bundle_dirs, Origin::Shell))
        }
        // Better an old answer than none: the start-up files may be what broke just now.
        Err(error) => match options.cache_dir.as_ref().and_then(|folder| cache::load(folder, None)) {
            Some(answer) => {
                tracing::warn!(code = error.code(), error = %error, "the login shell's earlier answer is used");
                Ok(from_cache(options, answer))
            }
            None => Err(error),
        },
    }
}

pub(crate) fn cached(options: &CaptureOptions) -> Option<Environment> {
    check_needed(options).ok()?;
    let (shell, home) = shell_and_home(options).ok()?;
    let key = cache::Key::new(&shell, &home, &options.version);
    let answer = cache::load(options.cache_dir.as_ref()?, Some(&key))?;
    Some(from_cache(options, answer))
}

fn from_cache(options: &CaptureOptions, answer: BTreeMap<String, String>) -> Environment {
    allow::merge(answer, BTreeMap::new(), &options.process, &options.bundle_dirs, Origin::Cache)
}

fn check_needed(options: &CaptureOptions) -> Result<(), CaptureError> {
    let from_terminal = || std::io::stdin().is_terminal() || std::io::stderr().is_terminal();
    let resolved = |name| options.variable(name).is_some_and(|value| value == "1");
    let needed = match options.mode {
        Mode::Never => false,
        Mode::Always => true,
        Mode::Auto => !from_terminal(),
    };
    if !needed || resolved(ALREADY_RESOLVED) || resolved(RESOLVING) {
        return Err(CaptureError::NotNeeded);
    }
    if rustix::process::geteuid().is_root() && !options.allow_root {
        return Err(CaptureError::Root);
    }
    Ok(())
}

fn shell_and_home(options: &CaptureOptions) -> Result<(PathBuf, PathBuf), CaptureError> {
    let user = User::current();
    let home = options.home.clone().or_else(|| user.as_ref().map(|user| user.home.clone()));
    let home = home.or_else(|| options.variable("HOME").map(PathBuf::from)).ok_or(CaptureError::NoShell)?;
    let shell = match &options.shell {
        Some(shell) => shell::trusted(shell.clone())?,
        None => shell::choose(user.map(|user| user.shell), options.variable("SHELL"))?,
    };
    Ok((shell, home))
}

async fn ask_twice(
    options: &CaptureOptions,
    shell: PathBuf,
    home: PathBuf,
) -> Result<BTreeMap<String, String>, CaptureError> {
    let deadline = if just_booted() { options.deadline * 2 } else { options.deadline };
    let question = Question { options, shell: &shell, home: &home };
    let style = Style::of(&shell);
    let first = match question.ask(&style, true, deadline).await {
        Ok(answer) => return Ok(answer),
        Err(error) => error,
    };
    tracing::debug!(code = first.code(), shell = %shell.display(), "the login shell is asked again without -i");
    match first {
        error @ (CaptureError::NoAnswer { .. } | CaptureError::TimedOut { .. }) => {
            // The first failure is the one to report: it came from the files the person works with.
            question.ask(&style, false, options.retry_deadline).await.map_err(|_| error)
        }
        error => Err(error),
    }
}

/// Whether the system started a moment ago; only where it can be read without a privilege.
fn just_booted() -> bool {
    let uptime = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
    let seconds = uptime.split('.').next().and_then(|seconds| seconds.parse().ok());
    seconds.is_some_and(|seconds| Duration::from_secs(seconds) < BOOT_TIME)
}
