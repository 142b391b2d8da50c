//! `open`: the pages in a browser, the folder of the logs, the configuration file.
//!
//! The browser is given a file that only its owner can read and that carries a code for one use: neither code nor key
//! stands in a command line, where other users could read it.

use super::{End, with_schema};
use crate::{
    args::{OpenArgs, OpenWhat},
    opener,
    output::{Screen, plain},
    place::Place,
};
use anyhow::{Context, Result, bail};
use http::{Method, StatusCode};
use mcpproxy_api_types::UiCode;
use serde_json::json;
use std::path::Path;

pub(crate) async fn run(place: &Place, screen: &Screen, args: OpenArgs) -> Result<End> {
    match args.what {
        OpenWhat::Ui => ui(place, screen, args.print).await,
        OpenWhat::Logs => {
            let folder = place.logs().path().to_owned();
            std::fs::create_dir_all(&folder)
                .with_context(|| format!("The folder {} cannot be made", folder.display()))?;
            path(place, screen, "logs", &folder).await
        }
        OpenWhat::Config => {
            let file = &place.paths.config;
            if !file.exists() {
                bail!("There is no {} yet. The first start writes it: mcpproxy serve", file.display());
            }
            path(place, screen, "config", file).await
        }
    }
}

/// Opens a file or folder, or says where it lies.
async fn path(place: &Place, screen: &Screen, what: &str, path: &Path) -> Result<End> {
    let opened = opener::open(path, can_show(place)).await;
    if screen.json {
        screen.object(&with_schema("open", json!({"what": what, "path": path, "opened": opened})))?;
    } else if opened {
        screen.line(format!("Opened {}.", path.display()))?;
    } else {
        screen.line(format!("Nothing here can open it. It lies at: {}", path.display()))?;
    }
    Ok(End::Fine)
}

async fn ui(place: &Place, screen: &Screen, print: bool) -> Result<End> {
    if !place.client.is_local() {
        bail!("The pages open on the computer where MCPProxy runs. Run mcpproxy open there.");
    }
    let pages = place.client.request(Method::GET, "/ui/", None).await?.status();
    if pages == StatusCode::NOT_FOUND {
        bail!(
            "The MCPProxy that runs here was built without pages. Everything works in the terminal: mcpproxy --help"
        );
    }
    let code: UiCode = place.client.post("/api/v1/ui/code", None::<&()>).await?;
    let opened = !print && opener::open(Path::new(&code.file), can_show(place)).await;
    if screen.json {
        let mut value = json!({"what": "ui", "address": code.address, "file": code.file, "opened": opened,
            "expires_seconds": code.expires_seconds});
        if print {
            value["url"] = json!(code.url);
        }
        screen.object(&with_schema("open", value))?;
    } else if print {
        screen.line(plain(&code.url))?;
    } else if opened {
        screen.line(format!("Opened {} in your browser.", plain(&code.address)))?;
    } else {
        screen.line(format!(
            "No browser can be opened here. Within {} seconds open this file in one: {}\nOr print an address that works \
             once: mcpproxy open --print",
            code.expires_seconds,
            plain(&code.file)
        ))?;
    }
    Ok(End::Fine)
}

fn can_show(place: &Place) -> bool {
    opener::has_display(|name| place.settings.variable(name).map(str::to_owned))
}
