//! Phrases that stand literally in logs, because guides tell people to search for them.
//!
//! Two generations of guides differ in their wording; where they do, both are written. They are English in every
//! language, and nothing here may be reworded.

/// Written when a server is about to be isolated; the server's name follows.
pub const ISOLATION_ENABLED_FOR: &str = "Docker isolation enabled for server: ";
/// The same as the newer tools say it, with the name as a field.
pub const ISOLATION_ENABLED: &str = "Docker isolation enabled for server";
/// Written when a server's container runs.
pub const ISOLATION_SUCCESSFUL: &str = "Docker isolation setup successful";
/// The same as the newer tools say it, with `docker_run_args` among its fields.
pub const ISOLATION_COMPLETED: &str = "Docker isolation setup completed";
/// Written to the server's log beside it.
pub const ISOLATION_CONFIGURED: &str = "Docker isolation configured";
/// The field that holds the equal `docker run` line, values masked.
pub const RUN_ARGS_FIELD: &str = "docker_run_args";
/// Written once per server that asks for isolation while the global switch is off.
pub const OPT_IN_IGNORED: &str =
    "per-server docker isolation opt-in ignored: global docker_isolation.enabled is false";
/// Written when a server's own settings decided what runs in which image.
pub const RUNTIME_DETECTED: &str = "Detected runtime type for Docker isolation";
/// Written when a container's id is known.
pub const CONTAINER_CAPTURED: &str = "Docker container ID captured for cleanup";
/// Written before containers left over from an earlier run are removed.
pub const FOUND_EXISTING: &str = "Found existing containers - cleaning up before creating new one";
/// Written when a container has to be killed.
pub const KILLING_CONTAINER: &str = "Killing Docker container during disconnect";
/// Written when a container ended in time.
pub const STOPPED_GRACEFULLY: &str = "Docker container stopped gracefully";
/// Written when a server did not come up and its container is removed.
pub const INITIALIZATION_FAILED: &str = "Initialization failed for Docker command - cleaning up container";
/// Written when the engine goes away.
pub const RECOVERY_STARTED: &str = "Docker became unavailable, starting recovery";
/// Written when the engine is back.
pub const RECOVERY_SUCCESSFUL: &str = "Docker recovery successful";
/// Written when the servers are back as well.
pub const RECOVERY_RECONNECTED: &str = "Successfully reconnected servers after Docker recovery";
/// Written when no watching is needed.
pub const RECOVERY_DISABLED: &str =
    "Docker recovery monitor disabled (docker isolation off or recovery disabled in config)";
/// Written at the end and at the start, when all containers of this instance are removed.
pub const CLEANING_UP_ALL: &str = "Cleaning up all mcpproxy-managed Docker containers";
/// Written when the engine answers.
pub const PROBE_AVAILABLE: &str = "docker daemon probe: available";
/// Written when it does not.
pub const PROBE_UNAVAILABLE: &str = "docker daemon probe: unavailable";
/// Written when an address was found behind which nobody answers.
pub const UNREACHABLE: &str = "Docker daemon appears to be unreachable";
/// Written when a program named docker is started by its absolute path.
pub const DIRECT_EXEC: &str = "Docker spawn: direct-exec of resolved docker binary";
/// The message under which a server's standard error stands in the main log.
pub const STDERR_MAIN: &str = "stderr output";
/// The message under which it stands in the server's log.
pub const STDERR_SERVER: &str = "stderr";
/// The line on standard error when the first configuration was written; the path follows.
pub const CREATED_CONFIG: &str = "INFO: Created default configuration file at ";
/// What stands for the value of a variable in `docker_run_args`.
pub const MASKED_VALUE: &str = "***";
