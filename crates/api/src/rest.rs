//! REST: each route turns a request into a command or a snapshot into a shape, and nothing else.

mod activity;
mod browser;
mod clients;
mod config;
mod control;
mod docker;
mod figures;
mod import;
mod log_lines;
mod logs;
mod preview;
mod references;
mod servers;
mod status;
mod switches;
mod telemetry;
mod tools;

use crate::{events, state::ApiState};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// All REST routes with their documentation.
pub(crate) fn routes() -> OpenApiRouter<Arc<ApiState>> {
    OpenApiRouter::new()
        .routes(routes!(status::status))
        .routes(routes!(status::info))
        .routes(routes!(status::routing))
        .routes(routes!(status::diagnostics))
        .routes(routes!(status::doctor))
        .routes(routes!(servers::list, servers::add))
        .routes(routes!(servers::show, servers::patch, servers::remove))
        .routes(routes!(servers::explain))
        .routes(routes!(servers::undo_remove))
        .routes(routes!(preview::preview))
        .routes(routes!(preview::parse))
        .routes(routes!(preview::security))
        .routes(routes!(servers::tools))
        .routes(routes!(switches::enable))
        .routes(routes!(switches::disable))
        .routes(routes!(switches::restart))
        .routes(routes!(switches::isolation))
        .routes(routes!(switches::quarantine))
        .routes(routes!(switches::unquarantine))
        .routes(routes!(switches::cancel))
        .routes(routes!(switches::restart_all))
        .routes(routes!(switches::enable_all))
        .routes(routes!(switches::disable_all))
        .routes(routes!(logs::server_logs))
        .routes(routes!(logs::main_log))
        .routes(routes!(log_lines::lines))
        .routes(routes!(control::pause))
        .routes(routes!(control::resume))
        .routes(routes!(control::wish))
        .routes(routes!(docker::status))
        .routes(routes!(docker::check))
        .routes(routes!(docker::isolation))
        .routes(routes!(tools::list))
        .routes(routes!(tools::call))
        .routes(routes!(tools::search))
        .routes(routes!(clients::list))
        .routes(routes!(clients::look))
        .routes(routes!(clients::preview))
        .routes(routes!(clients::connect))
        .routes(routes!(clients::disconnect))
        .routes(routes!(clients::undo))
        .routes(routes!(clients::keys, clients::add_key))
        .routes(routes!(clients::revoke_key))
        .routes(routes!(import::list, import::import))
        .routes(routes!(config::show, config::patch))
        .routes(routes!(config::validate))
        .routes(routes!(config::reload))
        .routes(routes!(figures::figures))
        .routes(routes!(telemetry::show, telemetry::agree))
        .routes(routes!(telemetry::payload))
        .routes(routes!(activity::list))
        .routes(routes!(activity::summary))
        .routes(routes!(activity::export))
        .routes(routes!(activity::show))
        .routes(routes!(browser::code))
        .routes(routes!(events::changes))
        .routes(routes!(events::events))
}

/// The routes that need no key: a browser that comes with a code has none yet.
pub(crate) fn open_routes() -> OpenApiRouter<Arc<ApiState>> {
    OpenApiRouter::new().routes(routes!(browser::enter, browser::leave))
}
