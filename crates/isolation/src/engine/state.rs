//! What is known of the engine, as states with the data that is true while they last.
//!
//! Each state has a stable code (its sentence's key), the words that fill the sentence, and at most one mend.
use std::fmt;

use super::Engine;
use super::context::ContextError;
use super::endpoint::{Endpoint, EndpointError};
use super::info::{ApiVersion, Product};

/// Where the address of an engine came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `docker_isolation.endpoint` of the configuration.
    Configuration,
    /// The variable `DOCKER_HOST`.
    DockerHost,
    /// A Docker context, by the configuration, `DOCKER_CONTEXT` or Docker's own settings.
    Context(String),
    /// The usual place of a product.
    Usual(Product),
}

impl Source {
    /// True when a person chose it, so that nothing else may take its place.
    pub const fn is_chosen(&self) -> bool {
        !matches!(self, Self::Usual(_))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration => f.write_str("docker_isolation.endpoint"),
            Self::DockerHost => f.write_str("DOCKER_HOST"),
            Self::Context(name) => write!(f, "context {name}"),
            Self::Usual(product) => write!(f, "usual place of {}", product.name()),
        }
    }
}

/// Why an engine that is there does not serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// It takes the connection and says nothing.
    Silent,
    /// Its front answers, its machine is not up yet.
    Starting,
    /// It answers with something else than an engine does.
    Nonsense(String),
}

/// The state of the engine.
#[derive(Debug, Clone)]
pub enum EngineState {
    /// Being looked for.
    Checking,
    /// No engine on this computer.
    NotInstalled,
    /// An engine is installed, nobody listens.
    NotRunning {
        /// Which one.
        product: Product,
        /// The command that starts it.
        start: String,
    },
    /// It runs, this user may not use it.
    NoPermission {
        /// The socket that refused.
        endpoint: Endpoint,
    },
    /// It is older than this program can use.
    TooOld {
        /// Its version.
        version: String,
        /// The API it speaks.
        api: ApiVersion,
    },
    /// It speaks only newer API versions than this program.
    TooNew {
        /// Its version.
        version: String,
        /// The oldest API it speaks.
        api: ApiVersion,
    },
    /// It is there and does not serve.
    NotAnswering {
        /// Where.
        endpoint: Endpoint,
        /// In which way.
        silence: Silence,
    },
    /// It runs Windows containers.
    WrongOs,
    /// A chosen address where nothing listens.
    ChosenAbsent {
        /// Who chose.
        source: Source,
        /// The address.
        endpoint: Endpoint,
    },
    /// A chosen context that cannot be read.
    ContextBroken(ContextError),
    /// A chosen address that this program cannot use.
    AddressUnusable {
        /// Who chose.
        source: Source,
        /// What is wrong.
        error: EndpointError,
    },
    /// It answers and serves.
    Ready(Engine),
}

/// What a person can do about a state: an action's id, and the command that does it where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    /// The action, as buttons know it.
    pub action: &'static str,
    /// The command line, for terminals and for the button.
    pub command: Option<String>,
}

impl EngineState {
    /// The stable code, which is the key of the sentence too.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Checking => "engine_checking",
            Self::NotInstalled => "engine_not_installed",
            Self::NotRunning { .. } => "engine_not_running",
            Self::NoPermission { .. } => "engine_no_permission",
            Self::TooOld { .. } => "engine_too_old",
            Self::TooNew { .. } => "engine_too_new",
            Self::NotAnswering { silence: Silence::Starting, .. } => "engine_starting",
            Self::NotAnswering { .. } => "engine_not_answering",
            Self::WrongOs => "engine_wrong_os",
            Self::ChosenAbsent { .. } => "engine_chosen_absent",
            Self::ContextBroken(_) => "engine_context_broken",
            Self::AddressUnusable { error: EndpointError::NotSupported { .. }, .. } => {
                "engine_address_not_supported"
            }
            Self::AddressUnusable { .. } => "engine_address_invalid",
            Self::Ready(engine) if !engine.info().limits.missing().is_empty() => "engine_ready_limited",
            Self::Ready(engine) if engine.info().remote => "engine_ready_remote",
            Self::Ready(_) => "engine_ready",
        }
    }

    /// What fills the sentence.
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Checking | Self::NotInstalled | Self::WrongOs => Vec::new(),
            Self::NotRunning { product, start } => {
                vec![("product", product.name().to_owned()), ("start", start.clone())]
            }
            Self::NoPermission { endpoint } => vec![("endpoint", place(endpoint))],
            Self::TooOld { version, api } | Self::TooNew { version, api } => {
                vec![("version", version.clone()), ("api", api.to_string())]
            }
            Self::NotAnswering { endpoint, silence } => {
                let detail = match silence {
                    Silence::Silent => "no answer".to_owned(),
                    Silence::Starting => "it is starting".to_owned(),
                    Silence::Nonsense(said) => said.clone(),
                };
                vec![("endpoint", place(endpoint)), ("detail", detail)]
            }
            Self::ChosenAbsent { source, endpoint } => {
                vec![("source", source.to_string()), ("endpoint", place(endpoint))]
            }
            Self::ContextBroken(error) => vec![("detail", error.to_string())],
            Self::AddressUnusable { source, error } => {
                vec![("source", source.to_string()), ("detail", error.to_string())]
            }
            Self::Ready(engine) => {
                let info = engine.info();
                vec![
                    ("product", info.product.name().to_owned()),
                    ("version", info.version.clone()),
                    ("missing", info.limits.missing().join(", ")),
                    ("endpoint", place(&info.endpoint)),
                ]
            }
        }
    }

    /// The one thing that mends it; none where waiting is all there is to do.
    pub fn mend(&self) -> Option<Mend> {
        let plain = |action| Some(Mend { action, command: None });
        match self {
            Self::Checking | Self::Ready(_) => None,
            Self::NotInstalled => plain("get_engine"),
            Self::NotRunning { start, .. } => {
                Some(Mend { action: "start_engine", command: Some(start.clone()) })
            }
            Self::NoPermission { .. } => Some(Mend {
                action: "show_permission_fix",
                command: cfg!(target_os = "linux").then(|| "sudo usermod -aG docker $USER".to_owned()),
            }),
            Self::TooOld { .. } => plain("update_engine"),
            Self::TooNew { .. } => plain("update_mcpproxy"),
            Self::NotAnswering { .. } => plain("check_engine"),
            Self::WrongOs => plain("switch_to_linux_containers"),
            Self::ChosenAbsent { .. } | Self::ContextBroken(_) | Self::AddressUnusable { .. } => {
                plain("choose_engine")
            }
        }
    }

    /// The engine, when it is ready.
    pub const fn engine(&self) -> Option<&Engine> {
        match self {
            Self::Ready(engine) => Some(engine),
            _ => None,
        }
    }

    /// How much a person learns from it, the most telling first; among several failures the best one is shown.
    pub(crate) const fn weight(&self) -> u8 {
        match self {
            Self::Ready(_) => 0,
            Self::NoPermission { .. } => 1,
            Self::NotAnswering { .. } => 2,
            Self::TooOld { .. } | Self::TooNew { .. } => 3,
            Self::WrongOs => 4,
            Self::ChosenAbsent { .. } | Self::ContextBroken(_) | Self::AddressUnusable { .. } => 5,
            Self::NotRunning { .. } => 6,
            Self::NotInstalled | Self::Checking => 7,
        }
    }
}

/// An endpoint as people know it: the path of a socket, the address of anything else.
fn place(endpoint: &Endpoint) -> String {
    endpoint.socket().map_or_else(|| endpoint.to_string(), |path| path.display().to_string())
}

/// One address at which an engine was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The address.
    pub endpoint: String,
    /// Where it came from.
    pub source: String,
    /// The code of what was found there: a state's, or `engine_absent`.
    pub result: &'static str,
    /// More about it, in the system's words.
    pub detail: String,
}

/// The state and how it was found.
#[derive(Debug, Clone)]
pub struct EngineStatus {
    /// The state.
    pub state: EngineState,
    /// The address that counts.
    pub endpoint: Option<Endpoint>,
    /// Where that address came from.
    pub source: Option<Source>,
    /// Every address that was tried.
    pub tried: Vec<Tried>,
}

impl EngineStatus {
    /// The status before the first look.
    pub const fn checking() -> Self {
        Self { state: EngineState::Checking, endpoint: None, source: None, tried: Vec::new() }
    }

    /// The engine, when it is ready.
    pub const fn engine(&self) -> Option<&Engine> {
        self.state.engine()
    }

    /// True when both say the same to a person.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        self.state.code() == other.state.code()
            && self.state.arguments() == other.state.arguments()
            && self.endpoint == other.endpoint
            && self.source == other.source
            && self.engine().map(Engine::info) == other.engine().map(Engine::info)
    }
}
