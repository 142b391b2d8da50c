//! `cargo xtask run`: everything between a fresh checkout and a running proxy.

use std::process::ExitCode;

use anyhow::Result;

use crate::commands::{cargo, command, run as finish};
use crate::pages;
use crate::setup::{Purpose, engine, images, is_root, packages, toolchain};
use crate::workspace;

/// Sets up, builds and runs with the arguments that follow `--`: the application where a display is and nothing else is
/// asked for, else `mcpproxy serve`.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    let arguments = arguments.strip_prefix(&["--".to_owned()][..]).unwrap_or(arguments);
    let window = has_display() && arguments.first().is_none_or(|word| word.starts_with('-'));
    packages::ensure(if window { Purpose::Desktop } else { Purpose::Run })?;
    toolchain::ensure()?;
    if engine::ensure()? {
        offer_stand_ins();
    } else {
        println!("Going on without an engine: isolated servers wait until one answers.");
    }
    let status = if window {
        pages::ensure()?;
        println!("Building mcpproxy and mcpproxy-desktop");
        finish(&mut cargo(["build", "--package", "mcpproxy-cli", "--package", "mcpproxy-desktop"]))?;
        println!("\n{}", how_to_connect(&address(arguments), true));
        command(&workspace::desktop_program().to_string_lossy(), arguments).status()?
    } else {
        println!("Building mcpproxy");
        finish(&mut cargo(["build", "--package", "mcpproxy-cli"]))?;
        println!("\n{}", how_to_connect(&address(arguments), false));
        let arguments = arguments.strip_prefix(&["serve".to_owned()][..]).unwrap_or(arguments);
        command(&workspace::program().to_string_lossy(), ["serve"]).args(arguments).status()?
    };
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Whether a window can be shown.
fn has_display() -> bool {
    let named = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || named("DISPLAY") || named("WAYLAND_DISPLAY")
}

/// The product pulls images by itself; only where that cannot work is there something to say.
fn offer_stand_ins() {
    let missing = images::missing_names();
    if missing.is_empty() || images::docker_hub_answers() {
        return;
    }
    let how =
        if is_root() { "`cargo xtask images` makes" } else { "`cargo xtask images`, run as root, makes" };
    println!("Docker Hub cannot be reached and {} not here: {how} stand-ins.", missing.join(", "));
}

fn address(arguments: &[String]) -> String {
    let given = arguments.iter().enumerate().find_map(|(at, argument)| match argument.as_str() {
        "--listen" => arguments.get(at + 1).cloned(),
        other => other.strip_prefix("--listen=").map(str::to_owned),
    });
    match given {
        Some(port) if port.starts_with(':') => format!("127.0.0.1{port}"),
        Some(address) => address,
        None => "127.0.0.1:8080".to_owned(),
    }
}

fn how_to_connect(address: &str, window: bool) -> String {
    let face = if window {
        "The application opens its window and shows its icon in the tray."
    } else {
        "This runs in the terminal, without tray and window (a display is needed for them)."
    };
    format!(
        "{face} Ctrl-C stops it.

Connect your client to  http://{address}/mcp  (the key is `api_key` in the configuration file)
  Claude Code      claude mcp add --transport http mcpproxy http://{address}/mcp --header \"Authorization: Bearer KEY\"
  Cursor           ~/.cursor/mcp.json   {{\"mcpServers\": {{\"mcpproxy\": {{\"url\": \"http://{address}/mcp\", \"headers\": {{\"Authorization\": \"Bearer KEY\"}}}}}}}}
  VS Code          code --add-mcp '{{\"name\":\"mcpproxy\",\"type\":\"http\",\"url\":\"http://{address}/mcp\",\"headers\":{{\"Authorization\":\"Bearer KEY\"}}}}'
  Claude Desktop   claude_desktop_config.json   {{\"mcpServers\": {{\"mcpproxy\": {{\"command\": \"{program}\", \"args\": [\"stdio\"]}}}}}}
",
        program = workspace::program().display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_one_that_serve_is_told() {
        let of = |arguments: &[&str]| {
            address(&arguments.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(of(&[]), "127.0.0.1:8080");
        assert_eq!(of(&["--listen", "127.0.0.1:9000"]), "127.0.0.1:9000");
        assert_eq!(of(&["--listen=:9000"]), "127.0.0.1:9000");
    }

    #[test]
    fn each_common_client_gets_a_line_with_the_address() {
        let text = how_to_connect("127.0.0.1:9000", false);
        for client in ["Claude Code", "Cursor", "VS Code", "Claude Desktop"] {
            assert!(text.contains(client), "{client} is missing");
        }
        assert_eq!(text.matches("http://127.0.0.1:9000/mcp").count(), 4);
    }
}
