//! The OpenAPI document, made from the routes themselves.

use crate::rest;
use utoipa::{
    OpenApi,
    openapi::{
        ComponentsBuilder,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(title = "MCPProxy", description = "REST API of MCPProxy. MCP itself is at /mcp.", license(name = "MIT")),
    security(("key" = []), ("bearer" = []))
)]
struct Head;

/// The document of everything under `/api/v1` and `/events`.
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, routes) = rest::routes().merge(rest::open_routes()).split_for_parts();
    let mut document = Head::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    document.merge(routes);
    let mut components = ComponentsBuilder::from(document.components.take().unwrap_or_default());
    components = components
        .security_scheme("key", SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key"))))
        .security_scheme(
            "bearer",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        );
    document.components = Some(components.build());
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_the_routes_that_scripts_use() {
        let document = serde_json::to_value(document()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        for path in [
            "/api/v1/status",
            "/api/v1/servers",
            "/api/v1/servers/{id}",
            "/api/v1/servers/{id}/enable",
            "/api/v1/servers/{id}/isolation",
            "/api/v1/servers/{id}/logs",
            "/api/v1/docker/status",
            "/api/v1/changes",
            "/events",
        ] {
            assert!(paths.contains_key(path), "{path} is missing");
        }
    }

    #[test]
    fn each_operation_has_a_summary_and_an_answer() {
        let document = serde_json::to_value(document()).unwrap();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                assert!(operation["summary"].is_string(), "{method} {path} has no summary");
                assert!(operation["responses"]["200"].is_object(), "{method} {path} has no answer");
            }
        }
    }
}
