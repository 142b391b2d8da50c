//! The configuration file: reading, checking, changing and saving it.
//!
//! The file belongs to the person who wrote it. It is therefore kept as text, and an edit touches only the
//! bytes it has to: order, comments, layout and keys of other programs stay as they are. What the rest of the
//! product sees is [`Config`], a checked value in which every default is filled in.

mod diff;
mod document;
mod duration;
mod edit;
mod error;
mod file;
pub mod jsonc;
mod known;
mod model;
mod position;
mod quantity;
mod read;
mod starter;
mod warning;

pub use diff::{ChangeKind, Changes, Global, ServerChange, diff};
pub use document::Document;
pub use duration::{format_duration, parse_duration};
pub use error::{ConfigError, Mistake};
pub use model::{
    ActivityConfig, CaCertificates, ClientKey, Config, IsolationConfig, LoggingConfig, Protocol, RoutingMode,
    ServerConfig, ServerIsolation, ShellEnvironment, Transport, documented_images,
};
pub use position::Position;
pub use quantity::{parse_cpus, parse_size};
pub use starter::Starter;
pub use warning::{Warning, WarningKind};
