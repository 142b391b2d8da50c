//! What can be typed. Each word has its help and examples here; what it does lies in `commands`.

mod activity;
mod clients;
mod serve;
mod servers;

pub(crate) use activity::{ActivityArgs, ActivityFilterArgs, ActivityListArgs, ActivityWord, TelemetryWord};
pub(crate) use clients::{ClientsWord, ConnectArgs, DisconnectArgs, ImportArgs, KeysWord};
pub(crate) use serve::ServeArgs;
pub(crate) use servers::{AddArgs, LogArgs, NameOrAll, ServersWord};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Runs every MCP server in a hardened container and offers them all behind one endpoint.
#[derive(Debug, Parser)]
#[command(
    name = "mcpproxy",
    version,
    about,
    disable_help_subcommand = true,
    after_help = "Examples:\n  mcpproxy serve\n  mcpproxy servers add time -- uvx mcp-server-time\n  mcpproxy servers \
                  explain time\n  mcpproxy isolate time on\n  mcpproxy logs -f time"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) word: Option<Word>,
}

/// Where help lists the flags that every word takes; the rarer ones stand in `--help` only, not in `-h`.
const EVERYWHERE: &str = "Everywhere";

/// Flags that every word takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Configuration file
    #[arg(short = 'c', long, global = true, value_name = "FILE", help_heading = EVERYWHERE)]
    pub(crate) config: Option<PathBuf>,
    /// Data folder
    #[arg(short = 'd', long, global = true, value_name = "FOLDER", help_heading = EVERYWHERE)]
    pub(crate) data_dir: Option<PathBuf>,
    /// Log level: trace, debug, info, warn or error
    #[arg(long, global = true, value_name = "LEVEL", help_heading = EVERYWHERE, hide_short_help = true)]
    pub(crate) log_level: Option<String>,
    /// Folder of the log files
    #[arg(long, global = true, value_name = "FOLDER", help_heading = EVERYWHERE, hide_short_help = true)]
    pub(crate) log_dir: Option<PathBuf>,
    /// Write log files
    #[arg(long, global = true, num_args = 0..=1, default_missing_value = "true", require_equals = true,
        value_name = "BOOL", action = clap::ArgAction::Set, help_heading = EVERYWHERE, hide_short_help = true)]
    pub(crate) log_to_file: Option<bool>,
    /// Form of the output
    #[arg(short = 'o', long, global = true, value_enum, conflicts_with = "json", value_name = "FORM",
        help_heading = EVERYWHERE, hide_short_help = true)]
    pub(crate) output: Option<Form>,
    /// Print one JSON object instead of text
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(crate) json: bool,
    /// Answer questions with yes
    #[arg(short = 'y', long, global = true, help_heading = EVERYWHERE)]
    pub(crate) yes: bool,
    /// Address of a running instance, such as http://127.0.0.1:8080; needs its key in MCPPROXY_API_KEY
    #[arg(
        long,
        global = true,
        visible_alias = "tray-endpoint",
        env = "MCPPROXY_TRAY_ENDPOINT",
        value_name = "URL",
        help_heading = EVERYWHERE,
        hide_short_help = true
    )]
    pub(crate) endpoint: Option<String>,
}

/// Forms of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Text for people
    Table,
    /// One JSON object
    Json,
}

/// The words.
#[derive(Debug, Subcommand)]
pub(crate) enum Word {
    /// Run in the foreground: start the servers and listen for clients
    #[command(
        after_help = "Examples:\n  mcpproxy serve\n  mcpproxy serve --listen 127.0.0.1:9090\n  mcpproxy serve \
                            --config ./servers.json --data-dir ./data"
    )]
    Serve(ServeArgs),
    /// Bridge a client that speaks only stdio to the running instance; starts one if none runs
    #[command(after_help = "In a client's file:\n  \"command\": \"mcpproxy\", \"args\": [\"stdio\"]")]
    Stdio {
        /// Offer one server as it is, instead of all
        #[arg(long, value_name = "NAME")]
        server: Option<String>,
        /// The client that speaks, as `mcpproxy connect` writes it into its file
        #[arg(long, value_name = "NAME")]
        client: Option<String>,
    },
    /// Show what runs
    #[command(
        after_help = "Examples:\n  mcpproxy status\n  mcpproxy status --show-key\n  mcpproxy status --json | jq .servers"
    )]
    Status {
        /// Show the whole API key
        #[arg(long)]
        show_key: bool,
    },
    /// List, add, change and explain servers
    #[command(subcommand, visible_alias = "server")]
    Servers(ServersWord),
    /// The older spelling of `servers`, with the output of mcpproxy-go
    #[command(subcommand, hide = true)]
    Upstream(ServersWord),
    /// Switch the isolation of one server
    #[command(
        after_help = "Examples:\n  mcpproxy isolate github on\n  mcpproxy isolate github off --for 1h\n  mcpproxy \
                            isolate github off --until-quit --yes\n  mcpproxy isolate --all on\n\nWithout --for or \
                            --until-quit it stays off until you turn it on."
    )]
    Isolate(IsolateArgs),
    /// Hold all servers still; clients stay connected, and what runs has ten seconds to finish
    #[command(
        after_help = "Examples:\n  mcpproxy pause\n  mcpproxy pause --json\n\nServers keep their memory. Go on with: \
                            mcpproxy resume"
    )]
    Pause,
    /// Let all servers go on where they were
    #[command(after_help = "Example:\n  mcpproxy resume")]
    Resume,
    /// List and call tools
    #[command(subcommand)]
    Tools(ToolsWord),
    /// Show the program's log, or a server's
    #[command(after_help = "Examples:\n  mcpproxy logs\n  mcpproxy logs -f github --level warn")]
    Logs(LogArgs),
    /// Open the pages in a browser, the folder of the logs, or the configuration file
    #[command(
        after_help = "Examples:\n  mcpproxy open\n  mcpproxy open logs\n  mcpproxy open --print\n\nThe link to the \
                            pages works once and for a minute."
    )]
    Open(OpenArgs),
    /// Show what was called, by whom, and how it went
    #[command(
        after_help = "Examples:\n  mcpproxy activity\n  mcpproxy activity -f --server github\n  mcpproxy activity \
                      --failed --json\n  mcpproxy activity summary"
    )]
    Activity(Box<ActivityArgs>),
    /// Show the anonymous counters; nothing is sent
    #[command(after_help = "Examples:\n  mcpproxy telemetry\n  mcpproxy telemetry off")]
    Telemetry {
        #[command(subcommand)]
        word: Option<TelemetryWord>,
    },
    /// Look for what is wrong
    #[command(
        after_help = "Examples:\n  mcpproxy doctor\n  mcpproxy doctor --json | jq '.findings[].command'\n\nIt ends \
                            with 1 when something is wrong."
    )]
    Doctor,
    /// Check and find the configuration file
    #[command(subcommand)]
    Config(ConfigWord),
    /// Keep secrets that servers refer to as ${keyring:NAME}
    #[command(subcommand)]
    Secrets(SecretsWord),
    /// Take over the servers of other AI clients
    #[command(
        after_help = "Examples:\n  mcpproxy import --dry-run\n  mcpproxy import --from cursor\n  mcpproxy import github \
                            time --yes\n\nThe clients' files are not changed; `mcpproxy connect` does that."
    )]
    Import(ImportArgs),
    /// List the AI clients of this computer
    #[command(subcommand)]
    Clients(ClientsWord),
    /// Connect an AI client: show the change of its file, keep a copy, write it
    #[command(
        after_help = "Examples:\n  mcpproxy connect claude-code\n  mcpproxy connect cursor --show\n  mcpproxy connect \
                            cursor --keep --yes\n  mcpproxy connect cursor --undo"
    )]
    Connect(ConnectArgs),
    /// Take MCPProxy out of a client's file again
    #[command(after_help = "Examples:\n  mcpproxy disconnect cursor\n  mcpproxy disconnect cursor --show")]
    Disconnect(DisconnectArgs),
    /// Keys of single clients, which open /mcp only
    #[command(subcommand)]
    Keys(KeysWord),
    /// Print a completion script
    #[command(
        after_help = "Example:\n  mcpproxy completions bash > ~/.local/share/bash-completion/completions/mcpproxy"
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the version
    Version,
}

/// Arguments of `open`.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct OpenArgs {
    /// What to open
    #[arg(value_enum, default_value_t = OpenWhat::Ui)]
    pub(crate) what: OpenWhat,
    /// Print the address of the pages instead; it works once and for a minute
    #[arg(long)]
    pub(crate) print: bool,
}

/// What can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OpenWhat {
    /// The pages, in a browser
    Ui,
    /// The folder of the logs
    Logs,
    /// The configuration file
    Config,
}

/// Arguments of `isolate`.
#[derive(Debug, Args)]
pub(crate) struct IsolateArgs {
    /// The server, then on or off (on if left out); with --all only on or off
    #[arg(required = true, num_args = 1..=2, value_names = ["NAME", "on|off"])]
    words: Vec<String>,
    /// The global switch
    #[arg(long)]
    all: bool,
    /// Off for so long only, such as 30m or 1h
    #[arg(long = "for", value_name = "TIME", value_parser = time, conflicts_with_all = ["all", "until_quit"])]
    span: Option<std::time::Duration>,
    /// Off as long as MCPProxy runs
    #[arg(long, conflicts_with = "all")]
    until_quit: bool,
}

fn time(text: &str) -> Result<std::time::Duration, String> {
    let wrong = || format!("{text} is no time. Write 30m, 1h or 8h.");
    let (number, unit) = text.split_at(text.find(|sign: char| !sign.is_ascii_digit()).ok_or_else(wrong)?);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(std::time::Duration::from_secs).ok_or_else(wrong)
}

impl IsolateArgs {
    /// For how long it is to be off, and whether until the program quits.
    pub(crate) const fn end(&self) -> (Option<std::time::Duration>, bool) {
        (self.span, self.until_quit)
    }

    /// The server, or nothing for the global switch, and the wanted position.
    pub(crate) fn meant(&self) -> Result<(Option<&str>, Switch), String> {
        let position =
            |word: &str| Switch::from_str(word, true).map_err(|_| format!("{word} is neither on nor off."));
        match (self.all, self.words.as_slice()) {
            (true, [word]) => Ok((None, position(word)?)),
            (true, _) => Err("With --all only on or off is given: mcpproxy isolate --all on".to_owned()),
            (false, [name]) => Ok((Some(name), Switch::On)),
            (false, [name, word]) => Ok((Some(name), position(word)?)),
            (false, _) => Err("Which server? mcpproxy isolate NAME on".to_owned()),
        }
    }
}

/// Position of a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// In a container
    On,
    /// On the host, with all rights of the person
    Off,
}

/// Words below `tools`.
#[derive(Debug, Subcommand)]
pub(crate) enum ToolsWord {
    /// List the tools of all servers, or of one
    #[command(
        after_help = "Examples:\n  mcpproxy tools list\n  mcpproxy tools list --server github\n  mcpproxy tools list \
                            --search \"create issue\""
    )]
    List {
        /// Only this server's
        #[arg(short, long, value_name = "NAME")]
        server: Option<String>,
        /// Only what fits these words, best first
        #[arg(long, value_name = "WORDS")]
        search: Option<String>,
    },
    /// Call a tool and print its result
    #[command(
        after_help = "Example:\n  mcpproxy tools call time:get_current_time '{\"timezone\":\"Asia/Tokyo\"}'"
    )]
    Call {
        /// server:tool
        tool: String,
        /// Arguments, a JSON object; - reads them from standard input
        #[arg(default_value = "{}", value_name = "JSON")]
        arguments: String,
    },
}

/// Words below `config`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigWord {
    /// Check the file and say what is wrong, by line and column
    #[command(after_help = "Examples:\n  mcpproxy config check\n  mcpproxy config check ./new.json")]
    Check {
        /// The file, if not the one in use
        file: Option<PathBuf>,
    },
    /// Print where the file lies
    #[command(after_help = "Example:\n  $EDITOR \"$(mcpproxy config path)\"")]
    Path,
}

/// Words below `secrets`.
#[derive(Debug, Subcommand)]
pub(crate) enum SecretsWord {
    /// Keep a value; it is asked for, or read from standard input when that is no terminal
    #[command(
        after_help = "Examples:\n  mcpproxy secrets set GITHUB_TOKEN\n  pass github | mcpproxy secrets set \
                            GITHUB_TOKEN\n\nThen write ${keyring:GITHUB_TOKEN} in the server's env."
    )]
    Set {
        /// The secret's name
        name: String,
        /// Take the value from this environment variable
        #[arg(long, value_name = "VARIABLE")]
        from_env: Option<String>,
    },
    /// List the names, never the values
    #[command(after_help = "Example:\n  mcpproxy secrets list")]
    List,
    /// Forget a secret
    #[command(visible_alias = "del", after_help = "Example:\n  mcpproxy secrets delete GITHUB_TOKEN")]
    Delete {
        /// The secret's name
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(line: &[&str]) -> Result<(Option<String>, Switch), String> {
        let cli = Cli::try_parse_from([&["mcpproxy", "isolate"], line].concat())
            .map_err(|error| error.to_string())?;
        let Some(Word::Isolate(args)) = cli.word else { return Err("another word".to_owned()) };
        args.meant().map(|(name, position)| (name.map(str::to_owned), position))
    }

    #[test]
    fn the_switch_goes_where_it_was_said() {
        assert_eq!(meant(&["--all", "off"]), Ok((None, Switch::Off)));
        assert_eq!(meant(&["off", "--all"]), Ok((None, Switch::Off)));
        assert_eq!(meant(&["github", "off"]), Ok((Some("github".to_owned()), Switch::Off)));
        assert_eq!(meant(&["github"]), Ok((Some("github".to_owned()), Switch::On)));
        assert!(meant(&["--all"]).is_err());
        assert!(meant(&["--all", "github", "off"]).is_err());
        assert!(meant(&["github", "of"]).is_err());
    }

    #[test]
    fn a_time_has_a_number_and_a_unit() {
        let seconds = |text: &str| time(text).map(|time| time.as_secs());
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("30m"), Ok(1800));
        assert_eq!(seconds("1h"), Ok(3600));
        assert_eq!(seconds("2d"), Ok(172_800));
        for wrong in
            ["", "h", "1", "-1h", "1.5h", "1h30m", "1 h", "99999999999999999999d", "9999999999999999999d"]
        {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
