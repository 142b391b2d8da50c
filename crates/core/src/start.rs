//! From settings to a running core: folders, lock, first file, and then everything in the order it is needed.
mod environment;
mod first_run;
mod folder;
mod lock;
mod paths;

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use jiff::Timestamp;
use mcpproxy_config::{Config, Document};
use mcpproxy_gateway::Gateway;
use mcpproxy_isolation::{
    engine::{EngineWatch, Finder, FinderOptions, Surroundings},
    facts::{Os, System},
};
use mcpproxy_login_env::Environment;
use mcpproxy_secrets::Sources;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

pub use lock::Holder;
pub use paths::Paths;

use crate::{
    Activity, Core, EngineView, FileView, Level, Logs, Phase, Settings, StartError,
    activity::Recording,
    board::Board,
    control::Desk,
    core::{Inner, start_listen},
    engine::EngineDesk,
    figures::Gauge,
    logs::LogOptions,
    servers::{Context, Lane, own_containers, planner::Planner},
    steward::{self, FileWatch, Steward, Wish},
};
use lock::{InstanceLock, LockError};

/// Everything that can refuse a start has been done; nothing runs yet.
pub struct Opened {
    settings: Settings,
    paths: Paths,
    document: Document,
    instance: String,
    lock: InstanceLock,
    finder: FinderSource,
    logs: Logs,
    writer: crate::logs::Writer,
}

/// Opens folders, lock, configuration and logs.
///
/// # Errors
/// When the configuration is broken, another instance holds the folder, or the folder cannot be used.
pub async fn open(settings: Settings) -> Result<Opened, StartError> {
    let file = Paths::config_file(&settings);
    let broken = |error| StartError::Config { path: file.clone(), error };
    let known = match Document::load(&file) {
        Err(mcpproxy_config::ConfigError::NotFound { .. }) => Document::defaults(),
        loaded => loaded.map_err(broken)?,
    };
    let paths = Paths::resolve(&settings, file.clone(), known.config());
    folder::prepare(&paths.data_dir)?;
    let lock = take_lock(&paths, &settings)?;
    let instance = folder::instance(&paths.data_dir)?;
    let finder = FinderSource::new(&settings);
    let listen = settings.listen.as_deref();
    let first = finder.finder(known.config().isolation.endpoint.clone());
    let mut document = first_run::load_or_create(&paths.config, listen, &first).await.map_err(broken)?;
    if settings.api_key.is_none() && settings.variable("MCPPROXY_API_KEY").is_none() {
        first_run::ensure_key(&mut document, &paths.config).map_err(broken)?;
    }
    let (logs, writer) = Logs::open(log_options(&settings, &paths, document.config()));
    Ok(Opened { settings, paths, document, instance, lock, finder, logs, writer })
}

/// Opens and runs.
///
/// # Errors
/// As [`open`].
pub async fn start(settings: Settings) -> Result<Core, StartError> {
    Ok(open(settings).await?.run().await)
}

impl Opened {
    /// The address to listen on, so that a busy port is noticed before anything runs.
    pub fn listen(&self) -> String {
        start_listen(&self.settings, self.document.config())
    }

    /// Where everything lies.
    pub const fn paths(&self) -> &Paths {
        &self.paths
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        self.document.config()
    }

    /// The logs, whose subscriber the program installs before it runs the core.
    pub const fn logs(&self) -> &Logs {
        &self.logs
    }

    /// Starts the engine's watch, the gateway and the servers. Returns once every server is known: what is slow
    /// reports through snapshots.
    pub async fn run(self) -> Core {
        let Self { settings, paths, document, instance, lock, finder, logs, writer } = self;
        tracing::info!(version = settings.version, instance, config = %paths.config.display(), "MCPProxy starts");
        let environment = environment::Source::new(&settings, &paths, &document).capture().await;
        let finder = finder.with(&environment.borrow().now());
        let config = document.config();
        let listen = start_listen(&settings, config);
        let board = Arc::new(Board::new(engine_view(config), file_view(&paths), listen));
        let watch = EngineWatch::spawn(finder.finder(config.isolation.endpoint.clone()));
        let engine = engine_desk(&watch, &board, &instance, &paths, &finder);
        let desk = Desk::default();
        let gateway =
            Gateway::new(steward::gateway_options(config, &settings.version), Arc::new(desk.clone()));
        let (activity, recording) =
            Activity::start(&paths.data_dir, config, given_key(&settings), logs.redactors());
        activity.put(crate::activity::started(&settings.version));
        gateway.record_with(Arc::new(activity.clone()));
        let gauge = Gauge::new();
        let planner = planner(&settings, &paths, &environment, &instance, &engine);
        let (hold, held) = watch::channel(crate::pause::Hold::Off);
        let pause = crate::pause::Pause::new(hold, gateway.clone(), Arc::clone(&board));
        let context = Arc::new(Context {
            board: Arc::clone(&board),
            hold: held,
            planner: Arc::clone(&planner),
            gateway: gateway.clone(),
            logs: logs.clone(),
            lane: Lane::new(),
            engine: engine.current(),
            environment: environment.clone(),
            activity: activity.clone(),
            gauge: gauge.clone(),
            data_dir: paths.data_dir.clone(),
            version: settings.version.clone(),
        });
        let (wishes, inbox) = mpsc::channel(steward::WISHES);
        let (publish, config) = watch::channel(Arc::new(config.clone()));
        let steward = Steward {
            context,
            file: steward::file::File::new(paths.config.clone()),
            document,
            config: publish,
            engine: watch,
            pause,
            removed: steward::removed::Removed::default(),
            exemptions: crate::exemptions::Exemptions::load(&paths.data_dir, Timestamp::now()),
            moved: std::collections::HashSet::new(),
            servers: HashMap::new(),
            leaving: Vec::new(),
            warned: std::collections::HashSet::new(),
            wishes: inbox,
            finder,
        };
        let observer = observers(&activity, &gauge, &board, &engine);
        let files = watch_file(&paths, &wishes);
        let (end, ended) = watch::channel(false);
        let inner = Inner {
            settings,
            paths,
            instance,
            board,
            config,
            gateway,
            clients: crate::clients::Memory::default(),
            logs,
            planner,
            wishes,
            window: crate::wishes::channel(),
            ended,
            activity,
            gauge,
        };
        let core = Core { inner: Arc::new(inner) };
        desk.open(&core);
        let household = Household { lock, writer, _files: files, engine, recording, observer };
        tokio::spawn(household.keep(steward, core.inner.activity.clone(), end));
        // Whoever asks from now on sees every server, if only on its way.
        let _ = core.watch().wait_for(|snapshot| snapshot.phase != Phase::Starting).await;
        core
    }
}

/// Follows the engine, once what an earlier run left in the folder of own containers is forgotten.
fn engine_desk(
    watch: &EngineWatch,
    board: &Arc<Board>,
    instance: &str,
    paths: &Paths,
    finder: &FinderSource,
) -> EngineDesk {
    let docker_path = finder.finder(None).surroundings().program("docker");
    let own = own_containers::folder(&paths.data_dir);
    own_containers::forget(&own);
    EngineDesk::spawn(watch.status(), Arc::clone(board), instance.to_owned(), own, docker_path)
}

/// What turns a server's settings into what runs.
fn planner(
    settings: &Settings,
    paths: &Paths,
    environment: &watch::Receiver<Arc<Environment>>,
    instance: &str,
    engine: &EngineDesk,
) -> Arc<Planner> {
    let known = environment::Known { sources: sources(settings, paths), environment: environment.clone() };
    Arc::new(Planner {
        sources: Arc::new(known),
        environment: environment.clone(),
        system: system(settings, paths),
        instance: instance.to_owned(),
        engine: engine.current(),
    })
}

/// The tasks that watch what happens, for the history and for the figures.
fn observers(activity: &Activity, gauge: &Gauge, board: &Arc<Board>, engine: &EngineDesk) -> JoinSet<()> {
    let mut observers = JoinSet::new();
    observers.spawn(crate::activity::observe(activity.clone(), Arc::clone(board)));
    observers.spawn(gauge.clone().run(board.watch(), engine.current()));
    observers
}

/// What lives as long as the steward.
struct Household {
    lock: InstanceLock,
    writer: crate::logs::Writer,
    _files: Option<FileWatch>,
    engine: EngineDesk,
    recording: Recording,
    /// Ends with the household.
    observer: JoinSet<()>,
}

impl Household {
    /// Runs the steward to its end, which it finds itself at shutdown; `Core::shutdown` waits for it.
    async fn keep(self, steward: Steward, last: Activity, end: watch::Sender<bool>) {
        steward.run().await;
        last.put(crate::activity::ended());
        self.close();
        end.send_replace(true);
    }

    fn close(self) {
        drop(self.engine);
        drop(self.observer);
        self.recording.close();
        tracing::info!("MCPProxy has ended");
        self.writer.close();
        drop(self.lock);
    }
}

/// The variables that decide which engine is used.
const ENGINE_VARIABLES: &[&str] =
    &["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"];

/// What a finder is made from, whenever the configuration names another address.
#[derive(Debug, Clone)]
pub(crate) struct FinderSource {
    surroundings: Surroundings,
}

impl FinderSource {
    fn new(settings: &Settings) -> Self {
        Self { surroundings: Surroundings::new(settings.home.clone(), uid(), settings.environment.clone()) }
    }

    /// The same with what the login shell knows.
    pub(crate) fn with(mut self, environment: &Environment) -> Self {
        let mut variables: Vec<(String, String)> =
            environment.for_child(mcpproxy_login_env::Recipient::EngineTool).into_iter().collect();
        variables.append(&mut self.surroundings.environment);
        self.surroundings.environment = variables;
        self
    }

    /// Whether both look for the engine under the same names.
    pub(crate) fn names_the_engine_of(&self, other: &Self) -> bool {
        ENGINE_VARIABLES
            .iter()
            .all(|name| self.surroundings.variable(name) == other.surroundings.variable(name))
    }

    pub(crate) fn finder(&self, endpoint: Option<String>) -> Finder {
        Finder::new(FinderOptions { endpoint, surroundings: self.surroundings.clone(), last_engine: None })
    }
}

fn watch_file(paths: &Paths, wishes: &mpsc::Sender<Wish>) -> Option<FileWatch> {
    // Weak: the watch must not keep the steward's door open.
    let door = wishes.downgrade();
    let watch = FileWatch::start(&paths.config, move || {
        let door = door.upgrade();
        async move {
            if let Some(door) = door {
                let _ = door.send(Wish::FileChanged).await;
            }
        }
    });
    watch
        .inspect_err(
            |error| tracing::warn!(%error, "the configuration is not watched; ask for a reload instead"),
        )
        .ok()
}

fn take_lock(paths: &Paths, settings: &Settings) -> Result<InstanceLock, StartError> {
    InstanceLock::take(&paths.data_dir, &me(settings, None)).map_err(|error| match error {
        LockError::Held(holder) => StartError::Locked { data_dir: paths.data_dir.clone(), holder },
        LockError::Io(path, error) => StartError::Folder { what: "Locking", path, error },
    })
}

fn me(settings: &Settings, address: Option<SocketAddr>) -> Holder {
    Holder {
        pid: std::process::id(),
        kind: settings.host.word().to_owned(),
        address: address.map(|address| address.to_string()),
        version: settings.version.clone(),
    }
}

/// Writes the bound address into the note of who holds the folder.
pub(crate) fn note_address(paths: &Paths, settings: &Settings, address: SocketAddr) {
    if let Err(error) = lock::renew_note(&paths.data_dir, &me(settings, Some(address))) {
        tracing::warn!(%error, "the address cannot be noted in the data folder");
    }
}

/// The admin key of flag or environment.
fn given_key(settings: &Settings) -> Option<mcpproxy_secrets::Secret> {
    let given = settings.api_key.clone();
    given.or_else(|| settings.variable("MCPPROXY_API_KEY").map(mcpproxy_secrets::Secret::new))
}

fn sources(settings: &Settings, paths: &Paths) -> Sources {
    let given = Sources::new(settings.environment.clone());
    crate::offline::stores(&paths.data_dir).into_iter().fold(given, Sources::with_store)
}

fn system(settings: &Settings, paths: &Paths) -> System {
    let folders =
        [Some(paths.config.as_path()), Some(paths.data_dir.as_path()), Some(paths.log_dir.as_path())];
    System {
        os: Os::current(),
        uid: uid().unwrap_or(0),
        gid: gid(),
        home: settings.home.display().to_string(),
        own_folders: folders.into_iter().flatten().map(|path| path.display().to_string()).collect(),
    }
}

#[cfg(unix)]
pub(crate) fn uid() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

#[cfg(unix)]
fn gid() -> u32 {
    rustix::process::getegid().as_raw()
}

#[cfg(not(unix))]
pub(crate) const fn uid() -> Option<u32> {
    None
}

#[cfg(not(unix))]
const fn gid() -> u32 {
    0
}

fn log_options(settings: &Settings, paths: &Paths, config: &Config) -> LogOptions {
    let logging = &config.logging;
    let level = settings.log_level.as_deref().and_then(Level::parse).or_else(|| Level::parse(&logging.level));
    LogOptions {
        folder: paths.log_dir.clone(),
        level: level.unwrap_or(Level::Info),
        console: logging.enable_console,
        files: settings.log_to_file && logging.enable_file,
        json: logging.json_format,
        max_size: u64::from(logging.max_size_mb) * 1024 * 1024,
        max_backups: usize::try_from(logging.max_backups).unwrap_or(usize::MAX),
    }
}

fn engine_view(config: &Config) -> EngineView {
    EngineView {
        code: "engine_checking",
        fields: Vec::new(),
        available: false,
        endpoint: None,
        source: None,
        version: None,
        docker_path: None,
        isolation_enabled: config.isolation.enabled,
        failures: 0,
        checked_at: None,
        answered_at: None,
    }
}

fn file_view(paths: &Paths) -> FileView {
    FileView {
        path: paths.config.clone(),
        problem: None,
        read_at: Timestamp::now(),
        needs_restart: Vec::new(),
        notes: Vec::new(),
    }
}
