//! `config`: the file itself, without a running instance.

use super::{End, with_schema};
use crate::{
    args::ConfigWord,
    output::{Glyph, Screen, plain},
    place::Place,
};
use anyhow::Result;
use serde_json::json;

pub(crate) fn run(place: &Place, screen: &Screen, word: ConfigWord) -> Result<End> {
    match word {
        ConfigWord::Path => {
            let path = place.paths.config.display().to_string();
            if screen.json {
                screen.object(&with_schema("config-path", json!({"path": path})))?;
            } else {
                screen.line(path)?;
            }
            Ok(End::Fine)
        }
        ConfigWord::Check { file } => {
            let mut settings = place.settings.clone();
            settings.config = file.or(settings.config);
            let path = mcpproxy_core::Paths::config_file(&settings);
            match mcpproxy_core::read_config(&settings) {
                Ok(config) => {
                    let servers = config.servers.len();
                    let warnings = mcpproxy_core::config_warnings(&settings)?;
                    if screen.json {
                        let value =
                            json!({"valid": true, "path": path, "servers": servers, "warnings": warnings});
                        screen.object(&with_schema("config-check", value))?;
                    } else {
                        screen.line(format!("{} {}: {servers} servers.", screen.tick(), path.display()))?;
                        for warning in &warnings {
                            screen.line(format!("{} {}", screen.glyph(Glyph::Warn), plain(warning)))?;
                        }
                    }
                    Ok(End::Fine)
                }
                Err(error) => {
                    if screen.json {
                        let value = json!({"valid": false, "path": path, "code": error.code(), "message": error.to_string()});
                        screen.object(&with_schema("config-check", value))?;
                        return Ok(End::Wrong);
                    }
                    Err(anyhow::Error::from(error).context(path.display().to_string()))
                }
            }
        }
    }
}
