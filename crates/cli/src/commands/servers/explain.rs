//! `servers explain`: what a server can reach, in plain sentences, from the plan that runs it.

use crate::{
    commands::{End, escaped, with_schema},
    output::{Screen, plain},
    place::Place,
};
use anyhow::Result;
use mcpproxy_api_types::Explanation;
use serde_json::json;

/// Headings in the order in which they are read.
const HEADS: [(&str, &str); 8] = [
    ("files", "FILES"),
    ("network", "NETWORK"),
    ("secrets", "SECRETS"),
    ("limits", "LIMITS"),
    ("identity", "USER"),
    ("image", "IMAGE"),
    ("relaxed", "WEAKER"),
    ("warning", "NOTES"),
];

pub(super) async fn run(place: &Place, screen: &Screen, name: &str) -> Result<End> {
    let explained: Explanation =
        place.client.get(&format!("/api/v1/servers/{}/explain", escaped(name))).await?;
    let end = if explained.refusal.is_some() { End::Wrong } else { End::Fine };
    if screen.json {
        screen.object(&with_schema("explanation", json!(explained)))?;
        return Ok(end);
    }
    if let Some(refusal) = &explained.refusal {
        screen.line(plain(refusal))?;
    }
    for (kind, head) in HEADS {
        let mut label = head;
        for line in explained.lines.iter().filter(|line| line.kind == kind) {
            screen.line(format!("{label:<8} {}", plain(&line.text)))?;
            label = "";
        }
    }
    if !explained.docker_run.is_empty() {
        screen.line(format!(
            "\nAs docker run, for comparison (values hidden; the package lies in a volume that this line does not \
             mount):\n  docker {}",
            quoted(&explained.docker_run)
        ))?;
    }
    Ok(end)
}

/// Arguments as they can be pasted into a shell.
fn quoted(args: &[String]) -> String {
    let quote = |arg: &String| {
        let safe = |c: char| c.is_ascii_alphanumeric() || "-_=./:@,+*".contains(c);
        if !arg.is_empty() && arg.chars().all(safe) {
            arg.clone()
        } else {
            format!("'{}'", arg.replace('\'', r"'\''"))
        }
    };
    args.iter().map(quote).map(|arg| plain(&arg).into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_can_be_pasted() {
        let args = ["run", "-e", "TOKEN=***", "a b", "it's", ""].map(str::to_owned);
        assert_eq!(quoted(&args), r"run -e TOKEN=*** 'a b' 'it'\''s' ''");
    }
}
