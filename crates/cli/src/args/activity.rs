//! Arguments of `activity` and `telemetry`.

use super::Switch;
use clap::{Args, Subcommand};

/// Arguments of `activity`.
#[derive(Debug, Args)]
pub(crate) struct ActivityArgs {
    #[command(subcommand)]
    pub(crate) word: Option<ActivityWord>,
    #[command(flatten)]
    pub(crate) list: ActivityListArgs,
}

/// Words below `activity`.
#[derive(Debug, Subcommand)]
pub(crate) enum ActivityWord {
    /// List calls and events, the newest last
    List(ActivityListArgs),
    /// Show all that is kept of one record
    Show {
        /// Its id, or the last characters of it
        id: String,
    },
    /// Count calls: today, or in a longer time
    Summary {
        /// today, 1h, 24h, 7d or 30d
        #[arg(short, long, default_value = "today", value_name = "TIME")]
        period: String,
    },
    /// Write up to 10,000 records as JSON lines or CSV to standard output
    Export {
        /// json or csv
        #[arg(short, long, default_value = "json", value_parser = ["json", "csv"])]
        format: String,
        /// With arguments and responses
        #[arg(long)]
        bodies: bool,
        #[command(flatten)]
        filter: ActivityFilterArgs,
    },
}

/// Which records.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ActivityListArgs {
    /// Go on with new records until interrupted
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Number of records
    #[arg(short = 'n', long, default_value_t = 20, value_name = "NUMBER")]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) filter: ActivityFilterArgs,
}

/// What a record must be like.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ActivityFilterArgs {
    /// Only this server's
    #[arg(short, long, value_name = "NAME")]
    pub(crate) server: Option<String>,
    /// Only this tool's
    #[arg(long, value_name = "NAME")]
    pub(crate) tool: Option<String>,
    /// Only this client's
    #[arg(long, value_name = "NAME")]
    pub(crate) client: Option<String>,
    /// Only what failed or was blocked
    #[arg(long, conflicts_with = "status")]
    pub(crate) failed: bool,
    /// Only with this end: success, error, blocked, rejected or cancelled
    #[arg(long, value_name = "END")]
    pub(crate) status: Option<String>,
    /// Only this kind, such as tool_call; calls stands for all calls
    #[arg(short = 't', long = "type", value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// Only where these words occur
    #[arg(long, value_name = "WORDS")]
    pub(crate) text: Option<String>,
}

/// Words below `telemetry`.
#[derive(Debug, Subcommand)]
pub(crate) enum TelemetryWord {
    /// Show all that would be sent
    #[command(visible_alias = "show-payload")]
    Show,
    /// Say whether it is on
    Status,
    /// Agree to it
    #[command(visible_alias = "enable")]
    On,
    /// Refuse it
    #[command(visible_alias = "disable")]
    Off,
}

impl TelemetryWord {
    /// The wish, if there is one.
    pub(crate) const fn wish(&self) -> Option<Switch> {
        match self {
            Self::On => Some(Switch::On),
            Self::Off => Some(Switch::Off),
            Self::Show | Self::Status => None,
        }
    }
}
