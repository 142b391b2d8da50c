//! From a blueprint to what is run: references resolved at this start, the disk looked at, the plan computed. The
//! same way is gone for `explain`, so that what a person reads is what runs.
mod engine;
mod resolve;

use std::{path::PathBuf, sync::Arc};

use mcpproxy_config::{Config, ServerConfig};
use mcpproxy_isolation::{
    engine::Engine,
    explain,
    facts::{self, EngineFacts, Facts, System},
    launcher::{Launch, OwnContainer},
    plan::{self, Plan},
    policy::{Certificates, Policy},
    refusal::Refusal,
    spec::ServerSpec,
};
use mcpproxy_login_env::{Environment, INDEXES};
use mcpproxy_secrets::{Redactor, Secret, Source};
use tokio::sync::watch;

use super::{
    blueprint::{Blueprint, Endpoint, Process, Target},
    failure::Trouble,
};
use crate::{CommandError, Explanation, Sentence};

/// What every plan needs besides the server's own settings.
pub(crate) struct Planner {
    pub sources: Arc<dyn Source>,
    pub environment: watch::Receiver<Arc<Environment>>,
    pub system: System,
    pub instance: String,
    pub engine: watch::Receiver<Option<Engine>>,
}

/// A plan, what it was made for, and what must not be seen of it.
pub(super) struct Drawn {
    pub plan: Plan,
    pub spec: ServerSpec,
    pub redactor: Arc<Redactor>,
}

/// A command for this computer, resolved.
pub(super) struct HostCommand {
    pub spec: ServerSpec,
    pub redactor: Arc<Redactor>,
}

/// An address, resolved.
pub(super) struct Address {
    pub url: String,
    pub headers: Vec<(String, Secret)>,
    pub redactor: Arc<Redactor>,
}

impl Planner {
    /// The plan of an isolated server in this engine.
    pub(super) async fn plan(
        self: &Arc<Self>,
        name: &str,
        process: &Process,
        policy: &Policy,
        engine: &Engine,
    ) -> Result<Drawn, Trouble> {
        let (this, name, process, policy) =
            (Arc::clone(self), name.to_owned(), process.clone(), policy.clone());
        let facts = engine::facts(engine.info());
        blocking(move || {
            let mut resolved = resolve::process(&name, &process, this.sources.as_ref())?;
            let policy = resolve::policy(policy, this.sources.as_ref(), &mut resolved.secrets)?;
            let plan = this.draw(&resolved.spec, &policy, facts).map_err(|refusal| refused(&refusal))?;
            let spec = resolved.spec;
            Ok(Drawn { plan, spec, redactor: Arc::new(Redactor::new(resolved.secrets)) })
        })
        .await
    }

    /// The command of a server that runs on this computer.
    pub(super) async fn command(
        self: &Arc<Self>,
        name: &str,
        process: &Process,
    ) -> Result<HostCommand, Trouble> {
        let (this, name, process) = (Arc::clone(self), name.to_owned(), process.clone());
        blocking(move || {
            let resolved = resolve::process(&name, &process, this.sources.as_ref())?;
            Ok(HostCommand { spec: resolved.spec, redactor: Arc::new(Redactor::new(resolved.secrets)) })
        })
        .await
    }

    /// The command of a server that starts a container itself, taken apart.
    pub(super) async fn own_container(
        self: &Arc<Self>,
        name: &str,
        process: &Process,
    ) -> Result<(OwnContainer, HostCommand), Trouble> {
        let command = self.command(name, process).await?;
        let (this, spec) = (Arc::clone(self), command.spec.clone());
        let own = blocking(move || {
            let plan = this.draw(&spec, &Policy::default(), EngineFacts::default());
            match plan.map_err(|refusal| refused(&refusal))?.launch {
                Launch::OwnContainer(own) => Ok(own),
                Launch::Direct | Launch::Prepared => {
                    Err(Trouble::lasting("command_unclear", vec![("command", spec.command)], ""))
                }
            }
        })
        .await?;
        Ok((own, command))
    }

    /// The address of a remote server.
    pub(super) async fn address(self: &Arc<Self>, endpoint: &Endpoint) -> Result<Address, Trouble> {
        let (this, endpoint) = (Arc::clone(self), endpoint.clone());
        blocking(move || resolve::address(&endpoint, this.sources.as_ref())).await
    }

    /// What a server of a configuration can reach, from the plan that would run it now.
    pub(crate) async fn explain(
        self: &Arc<Self>,
        config: &Config,
        name: &str,
    ) -> Result<Explanation, CommandError> {
        let unknown = || CommandError::UnknownServer { name: name.to_owned() };
        Ok(self.explain_server(config, config.servers.get(name).ok_or_else(unknown)?).await)
    }

    /// The same of an entry as it stands, whatever the configuration says of its name.
    pub(crate) async fn explain_server(
        self: &Arc<Self>,
        config: &Config,
        server: &ServerConfig,
    ) -> Explanation {
        let name = server.name.as_str();
        let blueprint = Blueprint::new(config, server);
        let mut explanation = Explanation {
            server: name.to_owned(),
            placement: blueprint.placement(),
            sentences: Vec::new(),
            docker_run_args: Vec::new(),
            refusal: None,
        };
        match &blueprint.target {
            Target::Remote(_) => explanation.sentences.push(sentence("warning", "explain_remote", name)),
            Target::Host(_) => explanation.sentences.push(sentence("warning", "explain_host", name)),
            Target::OwnContainer(_) => {
                explanation.sentences.push(sentence("warning", "explain_own_container", name))
            }
            Target::Container(process, policy) => {
                self.explain_container(&mut explanation, process, policy).await
            }
        }
        explanation
    }

    async fn explain_container(
        self: &Arc<Self>,
        explanation: &mut Explanation,
        process: &Process,
        policy: &Policy,
    ) {
        let facts = self
            .engine
            .borrow()
            .as_ref()
            .map_or_else(EngineFacts::default, |engine| engine::facts(engine.info()));
        let (this, name, process, policy) =
            (Arc::clone(self), explanation.server.clone(), process.clone(), policy.clone());
        let drawn = blocking(move || {
            // Nothing is started, so that a secret which is not there yet hides nothing from the reader.
            let spec = resolve::unresolved(&name, &process);
            this.draw(&spec, &policy, facts).map_err(|refusal| refused(&refusal))
        })
        .await;
        match drawn {
            Ok(plan) => {
                explanation.sentences = explain::explain(&plan).into_iter().map(Sentence::from).collect();
                explanation.docker_run_args = plan.docker_run_args;
            }
            Err(trouble) => explanation.refusal = trouble.failure.map(Arc::from),
        }
    }

    /// Proxy and index addresses of this computer.
    fn neutral_env(&self) -> Vec<(String, String)> {
        let environment = self.environment.borrow();
        PROXIES
            .iter()
            .chain(INDEXES)
            .filter_map(|name| Some(((*name).to_owned(), environment.get(name)?.to_owned())))
            .collect()
    }

    fn draw(&self, spec: &ServerSpec, policy: &Policy, engine: EngineFacts) -> Result<Plan, Refusal> {
        let policy = &Policy { neutral_env: self.neutral_env(), ..policy.clone() };
        let facts = Facts {
            system: self.system.clone(),
            paths: facts::gather(spec, policy, &self.system, &engine),
            engine,
            instance: self.instance.clone(),
            certificates: self.certificates(&policy.certificates),
        };
        plan::plan(spec, policy, &facts)
    }

    /// The bundle of certificate authorities that containers get.
    fn certificates(&self, wanted: &Certificates) -> Option<PathBuf> {
        match wanted {
            Certificates::None => None,
            Certificates::File(path) => Some(path.clone()),
            Certificates::Auto => {
                let environment = self.environment.borrow();
                let named =
                    ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"].iter().filter_map(|name| environment.get(name));
                named.chain(SYSTEM_BUNDLES.iter().copied()).map(PathBuf::from).find(|path| path.is_file())
            }
        }
    }
}

/// Where systems keep the bundle of authorities they trust.
const SYSTEM_BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// How the network is reached from this computer. With the package indexes, that is what preparing and running need, and
/// no secret of a server.
const PROXIES: &[&str] = &[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
];

/// A refused plan waits for a change of the settings.
fn refused(refusal: &Refusal) -> Trouble {
    Trouble::lasting(refusal.code(), refusal.fields(), refusal.to_string())
}

fn sentence(kind: &'static str, key: &'static str, server: &str) -> Sentence {
    Sentence { kind, key, args: vec![("server", server.to_owned())] }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    let stopped = |error: tokio::task::JoinError| Trouble::passing("internal", Vec::new(), error.to_string());
    tokio::task::spawn_blocking(work).await.map_err(stopped)?
}

#[cfg(test)]
mod tests;
