//! What of the configuration concerns the gateway.
use mcpproxy_config::{Config, RoutingMode};
use mcpproxy_gateway::Options;

/// The gateway's settings.
pub(crate) fn options(config: &Config, version: &str) -> Options {
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    Options {
        routing_mode: match config.routing_mode {
            None => mcpproxy_gateway::RoutingMode::Auto,
            Some(RoutingMode::Direct) => mcpproxy_gateway::RoutingMode::Direct,
            // Code execution is not offered yet; searching and calling is what its tools stand on too.
            Some(RoutingMode::RetrieveTools | RoutingMode::CodeExecution) => {
                mcpproxy_gateway::RoutingMode::RetrieveTools
            }
        },
        tools_limit: number(config.tools_limit.into()),
        tool_response_limit: number(config.tool_response_limit),
        call_timeout: Some(config.call_tool_timeout),
        management: !config.disable_management,
        instructions: config.instructions.clone(),
        version: version.to_owned(),
        ..Options::default()
    }
}
