//! Which engine counts: the address that a person chose, or the first usual place that answers.
//!
//! A chosen address that fails is reported and never replaced in silence: images, volumes and labels live in one
//! engine. Only the usual places race, and the order of the table decides, not the speed of an answer.
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use futures_util::future::join_all;

use super::candidates::{self, Candidate};
use super::context::{self, ContextError};
use super::endpoint::{Endpoint, EndpointError};
use super::info::Product;
use super::probe::{Found, probe};
use super::state::{EngineState, EngineStatus, Source, Tried};
use super::surroundings::Surroundings;

/// What a finder starts from.
#[derive(Debug, Clone)]
pub struct FinderOptions {
    /// The address of the configuration: a URL, or `context:NAME`.
    pub endpoint: Option<String>,
    /// The computer.
    pub surroundings: Surroundings,
    /// The engine that was used last, preferred among usual places.
    pub last_engine: Option<String>,
}

/// Finds the engine.
#[derive(Debug, Clone)]
pub struct Finder {
    endpoint: Option<String>,
    last_engine: Option<String>,
    surroundings: Arc<Surroundings>,
}

/// The address that counts, as far as it can be told without asking anybody.
#[derive(Debug, Clone, PartialEq)]
enum Choice {
    Chosen { source: Source, endpoint: Endpoint },
    Unusable { source: Source, error: EndpointError },
    Broken { source: Source, error: ContextError },
    Usual,
}

/// The files that decide the choice, as last seen; a difference means that it is to be made again.
pub(crate) type Fingerprint = Vec<(PathBuf, Option<(SystemTime, u64)>)>;

impl Finder {
    /// A finder; nothing is looked at yet.
    pub fn new(options: FinderOptions) -> Self {
        let FinderOptions { endpoint, surroundings, last_engine } = options;
        Self { endpoint, last_engine, surroundings: Arc::new(surroundings) }
    }

    /// The computer it looks at.
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Remembers the engine that is in use.
    pub(crate) fn prefer(&mut self, id: &str) {
        self.last_engine = Some(id.to_owned());
    }

    /// Looks at everything once, side by side and bounded.
    pub async fn find(&self) -> EngineStatus {
        let (source, state, endpoint) = match self.choice() {
            Choice::Usual => return self.find_usual().await,
            Choice::Chosen { source, endpoint } => {
                let state = match probe(&endpoint, product_of(&source), &self.surroundings).await {
                    Found::State(state) => state,
                    Found::Absent { .. } => {
                        EngineState::ChosenAbsent { source: source.clone(), endpoint: endpoint.clone() }
                    }
                };
                (source, state, Some(endpoint))
            }
            Choice::Unusable { source, error } => {
                (source.clone(), EngineState::AddressUnusable { source, error }, None)
            }
            Choice::Broken { source, error } => (source, EngineState::ContextBroken(error), None),
        };
        let address = match (&endpoint, &state) {
            (Some(endpoint), _) => endpoint.to_string(),
            (None, EngineState::AddressUnusable { error, .. }) => error.address().to_owned(),
            (None, _) => String::new(),
        };
        let mut tried = vec![Tried {
            endpoint: address,
            source: source.to_string(),
            result: state.code(),
            detail: state.arguments().into_iter().map(|(_, value)| value).next_back().unwrap_or_default(),
        }];
        if state.engine().is_none() {
            // What else answers is offered to the person, and not used.
            let others = self.look_at_usual().await;
            tried.extend(
                others
                    .iter()
                    .filter(|(_, found)| is_something(found))
                    .map(|(place, found)| describe(place, found)),
            );
        }
        EngineStatus { state, endpoint, source: Some(source), tried }
    }

    async fn find_usual(&self) -> EngineStatus {
        let looks = self.look_at_usual().await;
        let tried = looks.iter().map(|(place, found)| describe(place, found)).collect();
        let preferred = |state: &EngineState| {
            state.engine().is_some_and(|engine| Some(&engine.info().id) == self.last_engine.as_ref())
        };
        let mut best: Option<(Candidate, EngineState)> = None;
        let mut stale: Option<Candidate> = None;
        for (place, found) in looks {
            match found {
                Found::State(state) => {
                    let better = best.as_ref().is_none_or(|(_, kept)| {
                        state.weight() < kept.weight() || (preferred(&state) && !preferred(kept))
                    });
                    if better {
                        best = Some((place, state));
                    }
                }
                Found::Absent { stale: true, .. } if stale.is_none() => stale = Some(place),
                Found::Absent { .. } => {}
            }
        }
        let (state, place) = match best {
            Some((place, state)) => (state, Some(place)),
            None => self.nobody(stale),
        };
        let source = place.as_ref().map(|place| Source::Usual(place.product));
        EngineStatus { state, endpoint: place.map(|place| place.endpoint), source, tried }
    }

    /// The state when nothing listens anywhere: what is installed, or was until its socket was left behind.
    fn nobody(&self, stale: Option<Candidate>) -> (EngineState, Option<Candidate>) {
        let around = &self.surroundings;
        if let Some(place) = stale {
            let start = candidates::start_of(around, place.product, place.rootless);
            return (EngineState::NotRunning { product: place.product, start }, Some(place));
        }
        match candidates::installed(around).into_iter().next() {
            Some(found) => (EngineState::NotRunning { product: found.product, start: found.start }, None),
            None => (EngineState::NotInstalled, None),
        }
    }

    async fn look_at_usual(&self) -> Vec<(Candidate, Found)> {
        let places = candidates::usual(&self.surroundings);
        join_all(places.into_iter().map(|place| async move {
            let found = probe(&place.endpoint, Some(place.product), &self.surroundings).await;
            (place, found)
        }))
        .await
    }

    /// Decides by configuration, `DOCKER_HOST` and context, in that order.
    fn choice(&self) -> Choice {
        let around = &self.surroundings;
        let tls = around.variable("DOCKER_TLS_VERIFY").or(around.variable("DOCKER_TLS")).is_some();
        if let Some(wanted) = self.endpoint.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            return match wanted.strip_prefix("context:") {
                Some("default") => Choice::Usual,
                Some(name) => self.by_context(name),
                None => by_address(Source::Configuration, wanted, false),
            };
        }
        if let Some(host) = around.variable("DOCKER_HOST") {
            return by_address(Source::DockerHost, host, tls);
        }
        match context::current(around) {
            Some(name) => self.by_context(&name),
            None => Choice::Usual,
        }
    }

    fn by_context(&self, name: &str) -> Choice {
        let source = Source::Context(name.to_owned());
        match context::endpoint(&self.surroundings, name) {
            Ok(endpoint) => Choice::Chosen { source, endpoint },
            Err(ContextError::Endpoint { error, .. }) => Choice::Unusable { source, error },
            Err(error) => Choice::Broken { source, error },
        }
    }

    /// The state of the files that decide the choice.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let around = &self.surroundings;
        let mut files = vec![context::settings_file(around)];
        let named = self.endpoint.as_deref().and_then(|text| text.strip_prefix("context:"));
        if let Some(name) = named.map(str::to_owned).or_else(|| context::current(around)) {
            files.push(context::meta_file(around, &name));
        }
        files
            .into_iter()
            .map(|path| {
                let seen = std::fs::metadata(&path).ok();
                let seen = seen.and_then(|meta| Some((meta.modified().ok()?, meta.len())));
                (path, seen)
            })
            .collect()
    }
}

fn by_address(source: Source, address: &str, tls: bool) -> Choice {
    match Endpoint::parse(address, tls) {
        Ok(endpoint) => Choice::Chosen { source, endpoint },
        Err(error) => Choice::Unusable { source, error },
    }
}

/// Contexts that products make carry their names.
fn product_of(source: &Source) -> Option<Product> {
    let Source::Context(name) = source else { return None };
    match name.as_str() {
        "desktop-linux" => Some(Product::DockerDesktop),
        "orbstack" => Some(Product::OrbStack),
        "rancher-desktop" => Some(Product::RancherDesktop),
        name if name == "colima" || name.starts_with("colima-") => Some(Product::Colima),
        name if name.starts_with("lima-") => Some(Product::Lima),
        _ => None,
    }
}

fn is_something(found: &Found) -> bool {
    matches!(found, Found::State(_))
}

fn describe(place: &Candidate, found: &Found) -> Tried {
    let (result, detail) = match found {
        Found::State(state) => {
            (state.code(), state.arguments().into_iter().map(|(_, value)| value).next().unwrap_or_default())
        }
        Found::Absent { detail, .. } => ("engine_absent", detail.clone()),
    };
    Tried {
        endpoint: place.endpoint.to_string(),
        source: Source::Usual(place.product).to_string(),
        result,
        detail,
    }
}

#[cfg(test)]
mod tests;
