//! `secrets`: values go from the person into the keyring and are never printed.

use super::{End, with_schema};
use crate::{
    args::SecretsWord,
    output::Screen,
    place::{self, Place},
};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::io::{BufRead, IsTerminal, Read, Write};

pub(crate) async fn run(place: &Place, screen: &Screen, word: SecretsWord) -> Result<End> {
    let vault = mcpproxy_core::vault(&place.settings);
    match word {
        SecretsWord::Set { name, from_env } => {
            let value = match from_env {
                Some(variable) => match place.settings.variable(&variable) {
                    Some(value) => value.to_owned(),
                    None => bail!("The variable {variable} is not set or empty."),
                },
                None => read_value(&name)?,
            };
            if value.is_empty() {
                bail!("An empty value was given for {name}; nothing was stored.");
            }
            let kept = vault.set(&name, place::secret(&value)).await?;
            if screen.json {
                let reference = format!("${{keyring:{name}}}");
                screen.object(&with_schema(
                    "secret",
                    json!({"name": name, "reference": reference, "kept_in": kept}),
                ))?;
            } else {
                screen.line(format!(
                    "{name} is kept in {kept}. Write ${{keyring:{name}}} where a server needs it."
                ))?;
            }
        }
        SecretsWord::List => {
            let names = vault.list().await?;
            if screen.json {
                screen.object(&with_schema("secrets", json!({"names": names})))?;
            } else if names.is_empty() {
                screen.line("No secrets. Keep one: mcpproxy secrets set NAME")?;
            } else {
                screen.line(names.join("\n"))?;
            }
        }
        SecretsWord::Delete { name } => {
            if !screen.confirm(&format!("Forget {name}?"))? {
                return Ok(End::Wrong);
            }
            vault.delete(&name).await?;
            if !screen.json {
                screen.line(format!("{name} is forgotten."))?;
            }
        }
    }
    Ok(End::Fine)
}

/// Reads a value: typed without being shown, or all of standard input but its last newline.
fn read_value(name: &str) -> Result<String> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        let mut text = String::new();
        stdin.lock().read_to_string(&mut text).context("Standard input cannot be read")?;
        return Ok(text
            .strip_suffix('\n')
            .map_or(text.clone(), |text| text.trim_end_matches('\r').to_owned()));
    }
    write!(std::io::stderr().lock(), "Value of {name} (not shown): ")?;
    let _hidden = Hidden::new();
    let mut line = String::new();
    stdin.lock().read_line(&mut line).context("The value cannot be read")?;
    writeln!(std::io::stderr().lock())?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Keeps the terminal from showing what is typed, for as long as it lives.
struct Hidden {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

impl Hidden {
    #[cfg(unix)]
    fn new() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let stdin = std::io::stdin();
        let before = tcgetattr(&stdin).ok();
        if let Some(mut quiet) = before.clone() {
            quiet.local_modes.remove(LocalModes::ECHO);
            let _ = tcsetattr(&stdin, OptionalActions::Now, &quiet);
        }
        Self { before }
    }

    #[cfg(not(unix))]
    fn new() -> Self {
        Self {}
    }
}

#[cfg(unix)]
impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ =
                rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Now, before);
        }
    }
}
