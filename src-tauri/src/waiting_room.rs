//! The local door while there is no core to open it: a second start must still find somebody who takes its wish.

use mcpproxy_core::Wish;
use std::path::Path;
use tokio::sync::mpsc;

/// Takes wishes at the socket until it is dropped. Without a socket a second start is told that nobody answers.
pub(crate) async fn open(socket: &Path, wishes: mpsc::Sender<Wish>) {
    if let Err(error) = platform::serve(socket, wishes).await {
        tracing::warn!(%error, "a second start will not be heard");
    }
    std::future::pending::<()>().await;
}

#[cfg(unix)]
mod platform {
    use super::{Path, Wish, mpsc};
    use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
    use serde::Deserialize;
    use std::{fs, io, os::unix::fs::PermissionsExt as _};
    use tokio::net::UnixListener;

    #[derive(Deserialize)]
    struct Body {
        wish: String,
    }

    /// The data folder is the owner's alone and locked by this process, so a file that is there is a leftover.
    pub(super) async fn serve(socket: &Path, wishes: mpsc::Sender<Wish>) -> io::Result<()> {
        match fs::remove_file(socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(socket)?;
        fs::set_permissions(socket, fs::Permissions::from_mode(0o600))?;
        axum::serve(listener, router(wishes)).await
    }

    fn router(wishes: mpsc::Sender<Wish>) -> Router {
        Router::new().route("/api/v1/wish", post(take)).with_state(wishes)
    }

    async fn take(State(wishes): State<mpsc::Sender<Wish>>, Json(body): Json<Body>) -> StatusCode {
        match Wish::from_word(&body.wish) {
            Some(wish) if wishes.try_send(wish).is_ok() => StatusCode::ACCEPTED,
            Some(_) => StatusCode::SERVICE_UNAVAILABLE,
            None => StatusCode::BAD_REQUEST,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::handover::{Handed, hand_over};
        use mcpproxy_core::Holder;

        #[tokio::test]
        async fn a_second_start_is_heard_though_no_core_runs() {
            let folder = tempfile::tempdir().unwrap();
            let (sender, mut wishes) = mpsc::channel(1);
            let socket = folder.path().join(mcpproxy_api::SOCKET_NAME);
            let room = socket.clone();
            let task = tokio::spawn(async move { serve(&room, sender).await });
            let place = folder.path().to_owned();
            let handed = tokio::task::spawn_blocking(move || {
                while !place.join(mcpproxy_api::SOCKET_NAME).exists() {
                    std::thread::yield_now();
                }
                let holder = Holder { pid: 7, kind: "app".into(), address: None, version: "1".into() };
                hand_over(&place, &holder, Wish::Show)
            });
            assert_eq!(handed.await.unwrap(), Handed::Taken);
            assert_eq!(wishes.recv().await, Some(Wish::Show));
            task.abort();
        }
    }
}

#[cfg(not(unix))]
mod platform {
    use super::{Path, Wish, mpsc};
    use std::io;

    pub(super) async fn serve(_socket: &Path, _wishes: mpsc::Sender<Wish>) -> io::Result<()> {
        std::future::ready(Err(io::Error::from(io::ErrorKind::Unsupported))).await
    }
}
