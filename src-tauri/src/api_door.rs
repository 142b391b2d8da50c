//! The pages' door: two commands that put a request into the router of the same process.
//!
//! No port and no key are involved. The request enters as from the person's own socket, which makes it an
//! administrator's; only this window may call the commands, and only for paths of the API.

use crate::{desktop_routes, face::Face, stage::Stage};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, header},
};
use http_body_util::{BodyExt as _, Limited};
use mcpproxy_api::doors::Door;
use serde_json::{Value, json};
use std::time::Duration;
use tauri::{AppHandle, State, ipc};
use tokio::time::timeout;
use tower::ServiceExt as _;

/// Largest answer that is handed to the page.
const LONGEST: usize = 32 << 20;
/// Longest time that an answer may take; a long poll ends well before.
const PATIENCE: Duration = Duration::from_secs(90);

/// Reads: `GET path`.
#[tauri::command]
pub(crate) async fn api_read(
    app: AppHandle,
    face: State<'_, Face>,
    path: String,
) -> Result<ipc::Response, String> {
    let router = router(&app, &face);
    Ok(answer(router, Method::GET, &path, None).await)
}

/// Changes: any other method, with a body.
#[tauri::command]
pub(crate) async fn api_write(
    app: AppHandle,
    face: State<'_, Face>,
    method: String,
    path: String,
    body: Option<Value>,
) -> Result<ipc::Response, String> {
    let method = method.parse::<Method>().map_err(|error| error.to_string())?;
    let router = router(&app, &face);
    Ok(answer(router, method, &path, body).await)
}

/// The window's router: the core's with what only the application knows, or what there is without a core.
fn router(app: &AppHandle, face: &Face) -> Router {
    let own = desktop_routes::router(app.clone(), face.clone());
    match &*face.stage.borrow() {
        Stage::Running { router, .. } => own.fallback_service(router.clone()),
        other => own.merge(desktop_routes::without_core(other)),
    }
}

async fn answer(router: Router, method: Method, path: &str, body: Option<Value>) -> ipc::Response {
    let result = match request(method, path, body) {
        Ok(request) => timeout(PATIENCE, carry(router, request))
            .await
            .unwrap_or_else(|_| Err("no answer in time".into())),
        Err(refusal) => Err(refusal),
    };
    ipc::Response::new(match result {
        Ok((status, body)) => format!(r#"{{"status":{status},"body":{body}}}"#),
        Err(error) => {
            json!({"status": 400, "body": {"success": false, "code": "invalid_request", "error": error}})
                .to_string()
        }
    })
}

fn request(method: Method, path: &str, body: Option<Value>) -> Result<Request<Body>, String> {
    if !(path.starts_with("/api/v1/") || path.starts_with("/desktop/") || path == "/openapi.json") {
        return Err(format!("The window may not ask for {path}."));
    }
    let mut builder = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
    if body.is_some() {
        builder = builder.header(header::CONTENT_TYPE, "application/json");
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let mut request = builder.body(body).map_err(|error| error.to_string())?;
    request.extensions_mut().insert(ConnectInfo(Door::Socket));
    Ok(request)
}

/// The status, and the body as JSON text.
async fn carry(router: Router, request: Request<Body>) -> Result<(u16, String), String> {
    let response = router.oneshot(request).await.map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    let body =
        Limited::new(response.into_body(), LONGEST).collect().await.map_err(|error| error.to_string())?;
    let bytes = body.to_bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
    Ok((status, if is_json { text } else { Value::String(text).to_string() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::{get, post};

    async fn asked(router: Router, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let (status, text) = carry(router, request(method, path, body).unwrap()).await.unwrap();
        (status, serde_json::from_str(&text).unwrap())
    }

    #[tokio::test]
    async fn a_request_comes_in_as_the_owners_own_and_its_answer_goes_back() {
        let who =
            |ConnectInfo(door): ConnectInfo<Door>| async move { matches!(door, Door::Socket).to_string() };
        let router = Router::new().route("/api/v1/who", get(who));
        assert_eq!(asked(router.clone(), Method::GET, "/api/v1/who", None).await, (200, json!(true)));
        assert_eq!(asked(router, Method::GET, "/api/v1/none", None).await.0, 404);
    }

    #[tokio::test]
    async fn a_body_arrives_as_json_and_plain_text_comes_back_as_text() {
        let echo = |body: axum::Json<Value>| async move { format!("got {}", body.0["a"]) };
        let router = Router::new().route("/api/v1/echo", post(echo));
        let (status, body) = asked(router, Method::POST, "/api/v1/echo", Some(json!({"a": 1}))).await;
        assert_eq!((status, body), (200, json!("got 1")));
    }

    #[test]
    fn only_the_api_can_be_asked_for() {
        for path in ["/mcp", "/events", "http://example.com/api/v1/status", "/ui/", "/../api/v1/"] {
            assert!(request(Method::GET, path, None).is_err(), "{path}");
        }
        assert!(request(Method::GET, "/api/v1/servers/a%20b?x=1", None).is_ok());
    }
}
