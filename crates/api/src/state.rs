//! What every route sees: the core, and the rules in force at the doors.

use crate::doors::Keys;
use arc_swap::ArcSwap;
use mcpproxy_config::Config;
use mcpproxy_core::Core;
use std::sync::Arc;

/// The router's only state.
pub struct ApiState {
    core: Core,
    version: &'static str,
    policy: ArcSwap<DoorPolicy>,
}

/// The rules at the doors, computed from the configuration that is in use at this moment.
#[derive(Debug)]
pub struct DoorPolicy {
    /// The configuration it was computed from.
    config: Arc<Config>,
    /// Keys and whose they are.
    pub keys: Keys,
    /// Whether `/mcp` needs a key over TCP.
    pub require_mcp_auth: bool,
    /// Further hosts and origins that may be used.
    pub trusted_hosts: Vec<String>,
}

impl ApiState {
    /// State over a running core.
    pub fn new(core: Core, version: &'static str) -> Self {
        let policy = ArcSwap::from_pointee(DoorPolicy::new(&core));
        Self { core, version, policy }
    }

    /// The core behind the router.
    pub fn core(&self) -> &Core {
        &self.core
    }

    /// Version of the program.
    pub fn version(&self) -> &'static str {
        self.version
    }

    /// The rules in force now; computed once for each configuration, since every request asks.
    pub fn policy(&self) -> Arc<DoorPolicy> {
        let known = self.policy.load();
        if Arc::ptr_eq(&known.config, &self.core.config()) {
            return Arc::clone(&known);
        }
        let fresh = Arc::new(DoorPolicy::new(&self.core));
        self.policy.store(Arc::clone(&fresh));
        fresh
    }
}

impl DoorPolicy {
    fn new(core: &Core) -> Self {
        let config = core.config();
        let clients = config.keys.iter().map(|client| (client.name.clone(), client.key.clone())).collect();
        let admin = core.api_key().map(|key| key.expose().to_owned()).unwrap_or_default();
        Self {
            keys: Keys::new(admin, clients),
            require_mcp_auth: config.require_mcp_auth,
            trusted_hosts: config.trusted_hosts.clone(),
            config,
        }
    }
}
