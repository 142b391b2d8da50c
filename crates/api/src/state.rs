//! What every route sees: the core, and the rules in force at the doors.

use crate::{
    doors::{Keys, browser::BrowserDoor, redirect},
    router::Pages,
};
use arc_swap::ArcSwap;
use mcpproxy_config::Config;
use mcpproxy_core::Core;
use std::sync::Arc;

/// The router's only state.
pub struct ApiState {
    core: Core,
    version: &'static str,
    policy: ArcSwap<DoorPolicy>,
    browser: Arc<BrowserDoor>,
    pages: Option<Pages>,
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
        redirect::clear(&core.paths().data_dir);
        Self { core, version, policy, browser: Arc::default(), pages: None }
    }

    /// The same with pages at `/ui/`.
    #[must_use]
    pub fn with_pages(self, pages: Pages) -> Self {
        Self { pages: Some(pages), ..self }
    }

    /// The pages at `/ui/`.
    pub(crate) const fn pages(&self) -> Option<Pages> {
        self.pages
    }

    /// Codes and tokens of browsers.
    pub(crate) const fn browser(&self) -> &Arc<BrowserDoor> {
        &self.browser
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
        if !known.keys.has_admin_of(&fresh.keys) {
            self.browser.close();
        }
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
