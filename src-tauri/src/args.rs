//! The few arguments of the application; everything else belongs to the `mcpproxy` command.

use mcpproxy_core::Wish;
use std::{ffi::OsString, path::PathBuf, time::Duration};

/// How long a hidden window keeps its memory.
const FREE_AFTER: Duration = Duration::from_secs(60);

/// What a start was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Args {
    /// Tray only, as at login.
    pub(crate) hidden: bool,
    /// Do this and leave, when the application runs already; a start that finds none begins with it.
    pub(crate) wish: Wish,
    pub(crate) config: Option<PathBuf>,
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) log_dir: Option<PathBuf>,
    pub(crate) listen: Option<String>,
    /// How long a hidden window keeps its memory; only debug builds can be told.
    pub(crate) free_after: Duration,
}

/// What the command line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    Start(Box<Args>),
    /// `--help` or `--version`: say this and end well.
    Say(String),
    /// Something else: say this and end badly.
    Wrong(String),
}

const HELP: &str = "\
mcpproxy-desktop [OPTIONS]

The desktop application: a tray icon, and a window when asked. It runs the servers itself; the `mcpproxy` command
controls it. Without a display use `mcpproxy serve`.

  --hidden             only the tray, no window (as at login)
  --open-logs          open the folder of logs
  --quit               end the application that runs
  --config FILE        another configuration file
  --data-dir FOLDER    another data folder
  --log-dir FOLDER     another folder for logs
  --listen ADDRESS     another address, host:port
  --help, --version

Example
  mcpproxy-desktop --hidden
";

/// Reads the arguments.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Asked {
    let mut args = Args {
        hidden: false,
        wish: Wish::Show,
        config: None,
        data_dir: None,
        log_dir: None,
        listen: None,
        free_after: FREE_AFTER,
    };
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy().into_owned();
        let (name, joined) = match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(OsString::from(value))),
            None => (text, None),
        };
        let mut value = || joined.clone().or_else(|| rest.next()).ok_or(format!("{name} needs a value."));
        let read = match name.as_str() {
            "--hidden" => {
                (args.hidden, args.wish) = (true, Wish::Hidden);
                Ok(())
            }
            "--open-logs" => {
                args.wish = Wish::OpenLogs;
                Ok(())
            }
            "--quit" => {
                args.wish = Wish::Quit;
                Ok(())
            }
            "--config" => value().map(|value| args.config = Some(value.into())),
            "--data-dir" => value().map(|value| args.data_dir = Some(value.into())),
            "--log-dir" => value().map(|value| args.log_dir = Some(value.into())),
            "--listen" => value().map(|value| args.listen = Some(value.to_string_lossy().into_owned())),
            "--free-after" if cfg!(debug_assertions) => {
                value().and_then(|value| seconds(&value)).map(|after| args.free_after = after)
            }
            "--help" | "-h" => return Asked::Say(HELP.to_owned()),
            "--version" | "-V" => {
                return Asked::Say(format!("mcpproxy-desktop {}\n", env!("CARGO_PKG_VERSION")));
            }
            _ => Err(format!("There is no option {name}.")),
        };
        if let Err(problem) = read {
            return Asked::Wrong(format!("{problem}\n\n{HELP}"));
        }
    }
    Asked::Start(Box::new(args))
}

fn seconds(value: &OsString) -> Result<Duration, String> {
    let text = value.to_string_lossy();
    text.parse().map(Duration::from_secs).map_err(|_| format!("{text} is not a number of seconds."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Asked {
        parse(words.iter().map(OsString::from))
    }

    fn started(words: &[&str]) -> Args {
        match read(words) {
            Asked::Start(args) => *args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_plain_start_opens_the_window() {
        let args = started(&[]);
        assert_eq!((args.hidden, args.wish), (false, Wish::Show));
    }

    #[test]
    fn a_start_at_login_wants_nothing_that_is_seen() {
        let args = started(&["--hidden", "--data-dir=/d", "--config", "/c"]);
        assert_eq!((args.hidden, args.wish), (true, Wish::Hidden));
        assert_eq!((args.data_dir, args.config), (Some("/d".into()), Some("/c".into())));
    }

    #[test]
    fn what_is_not_known_is_refused_with_the_help() {
        let Asked::Wrong(told) = read(&["--tray"]) else { panic!() };
        assert!(told.contains("--tray") && told.contains("--hidden"));
        assert!(matches!(read(&["--listen"]), Asked::Wrong(_)));
        assert!(matches!(read(&["--version"]), Asked::Say(_)));
    }
}
