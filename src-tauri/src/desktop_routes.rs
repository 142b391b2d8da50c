//! What only the application knows, as routes beside the core's: for the window alone, never on a socket.

use crate::{
    autostart, clicks, crash, dialog,
    face::Face,
    stage::{Problem, Stage},
};
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{any, get, post, put},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tauri::AppHandle;

type Seen = State<(AppHandle, Face)>;

/// The routes.
pub(crate) fn router(app: AppHandle, face: Face) -> Router {
    Router::new()
        .route("/desktop/state", get(state))
        .route("/desktop/autostart", put(set_autostart))
        .route("/desktop/open", post(open))
        .route("/desktop/pick-folder", post(pick_folder))
        .route("/desktop/painted", post(painted))
        .route("/desktop/retry", post(retry))
        .route("/desktop/crash", post(crash_action))
        .with_state((app, face))
}

/// What the pages get while there is no core to ask: why, in the frame of every answer.
pub(crate) fn without_core(stage: &Stage) -> Router {
    let (code, sentence) = match stage {
        Stage::Failed(Problem { code, reason }) => (code.clone(), reason.clone()),
        Stage::Quitting => ("shutting_down".to_owned(), say("shutting_down")),
        Stage::Starting | Stage::Running { .. } => ("starting".to_owned(), say("desktop_starting")),
    };
    let body =
        json!({"success": false, "code": code, "error": sentence, "request_id": "", "stage": stage.word()});
    let answer = move || async move { (StatusCode::SERVICE_UNAVAILABLE, Json(body)) };
    Router::new().route("/api/v1/{*rest}", any(answer))
}

async fn state(State((_, face)): Seen) -> Json<Value> {
    let stage = face.stage.borrow().clone();
    let problem = match &stage {
        Stage::Failed(problem) => Some(json!({"code": problem.code, "sentence": problem.reason})),
        _ => None,
    };
    let own = face.clone();
    let autostart = tokio::task::spawn_blocking(move || autostart::view(&own)).await.unwrap_or(Value::Null);
    let crash = face.crash.borrow().as_ref().map(crash::Crash::view);
    done(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "stage": stage.word(),
        "problem": problem,
        "tray": face.tray.borrow().unwrap_or(true),
        "autostart": autostart,
        "logs_dir": face.paths.log_dir.display().to_string(),
        "config_path": face.paths.config.display().to_string(),
        "previous_crash": crash,
    }))
}

#[derive(Deserialize)]
struct Switch {
    on: bool,
}

async fn set_autostart(State((_, face)): Seen, Json(Switch { on }): Json<Switch>) -> Response {
    let own = face.clone();
    match tokio::task::spawn_blocking(move || autostart::set(&own, on)).await {
        Ok(Ok(())) => {
            let own = face.clone();
            let view =
                tokio::task::spawn_blocking(move || autostart::view(&own)).await.unwrap_or(Value::Null);
            done(view).into_response()
        }
        Ok(Err((code, sentence))) => refused(StatusCode::CONFLICT, code, &sentence),
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "internal", &say("internal")),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
enum What {
    Logs,
    Config,
    Url { url: String },
}

async fn open(State((app, face)): Seen, Json(what): Json<What>) -> Response {
    let opened = match what {
        What::Logs => clicks::open_logs(&face).await,
        What::Config => clicks::open_file(&face.paths.config).await,
        What::Url { url } => clicks::open_url(&app, &url).await,
    };
    match opened {
        Ok(()) => done(json!({})).into_response(),
        Err(sentence) => refused(StatusCode::CONFLICT, "open_failed", &sentence),
    }
}

async fn pick_folder(State((app, _)): Seen) -> Json<Value> {
    done(json!({"path": dialog::pick_folder(&app).await}))
}

async fn painted(State((_, face)): Seen) -> Json<Value> {
    face.painted.send_modify(|times| *times += 1);
    done(json!({}))
}

async fn retry(State((_, face)): Seen) -> Json<Value> {
    clicks::try_again(&face);
    done(json!({}))
}

#[derive(Deserialize)]
struct CrashAction {
    open: bool,
}

/// The report is opened, or the matter is closed.
async fn crash_action(State((_, face)): Seen, Json(CrashAction { open }): Json<CrashAction>) -> Response {
    match clicks::crash_report(&face, open).await {
        Ok(()) => done(json!({})).into_response(),
        Err(sentence) => refused(StatusCode::CONFLICT, "open_failed", &sentence),
    }
}

fn say(code: &str) -> String {
    mcpproxy_messages::render(code, &[])
}

fn done(data: Value) -> Json<Value> {
    Json(json!({"success": true, "data": data}))
}

fn refused(status: StatusCode, code: &str, sentence: &str) -> Response {
    (status, Json(json!({"success": false, "code": code, "error": sentence, "request_id": ""})))
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, http::Request};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn a_start_that_failed_answers_every_question_with_its_reason() {
        let problem = Problem { code: "port_in_use".into(), reason: "127.0.0.1:8080 is used.".into() };
        let router = without_core(&Stage::Failed(problem));
        for path in ["/api/v1/status", "/api/v1/servers/a/logs"] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            let body = response.into_body().collect().await.unwrap().to_bytes();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!((&body["code"], &body["stage"]), (&json!("port_in_use"), &json!("failed")));
            assert_eq!(body["error"], "127.0.0.1:8080 is used.");
        }
    }
}
