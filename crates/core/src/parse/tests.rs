use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> Parsed {
    parse(text, "/home/me", |name| name == "taken")
}

fn one(text: &str) -> ParsedServer {
    let parsed = parsed(text);
    assert_eq!((parsed.servers.len(), parsed.problems.len()), (1, 0), "{text}: {parsed:#?}");
    parsed.servers[0].clone()
}

fn code(text: &str) -> &'static str {
    let parsed = parsed(text);
    assert!(parsed.servers.is_empty(), "{text}: {parsed:#?}");
    parsed.problems[0].code
}

#[test]
fn command_lines_of_all_launchers_are_taken_as_they_stand() {
    for (text, name, command, args) in [
        (
            "npx -y @modelcontextprotocol/server-github",
            "github",
            "npx",
            json!(["-y", "@modelcontextprotocol/server-github"]),
        ),
        (
            "uvx mcp-server-time --local-timezone=Asia/Tokyo",
            "time",
            "uvx",
            json!(["mcp-server-time", "--local-timezone=Asia/Tokyo"]),
        ),
        (
            "$ uvx --from git+https://github.com/oraios/serena serena-mcp-server",
            "serena",
            "uvx",
            json!(["--from", "git+https://github.com/oraios/serena", "serena-mcp-server"]),
        ),
        ("npx @upstash/context7-mcp@latest", "context7", "npx", json!(["@upstash/context7-mcp@latest"])),
        ("python -m mcp_server_fetch", "fetch", "python", json!(["-m", "mcp_server_fetch"])),
        (
            "cmd /c npx -y @playwright/mcp@latest",
            "playwright",
            "cmd",
            json!(["/c", "npx", "-y", "@playwright/mcp@latest"]),
        ),
        (
            "node C:\\tools\\weather\\build\\index.js",
            "weather",
            "node",
            json!(["C:\\tools\\weather\\build\\index.js"]),
        ),
        ("/opt/my-server --port 3", "my", "/opt/my-server", json!(["--port", "3"])),
        (
            "npx -y @modelcontextprotocol/server-filesystem ~/code \"/a b\"",
            "filesystem",
            "npx",
            json!(["-y", "@modelcontextprotocol/server-filesystem", "/home/me/code", "/a b"]),
        ),
        (
            "docker run -i --rm -e GITHUB_TOKEN=x1 ghcr.io/github/github-mcp-server",
            "github",
            "docker",
            json!(["run", "-i", "--rm", "-e", "GITHUB_TOKEN=x1", "ghcr.io/github/github-mcp-server"]),
        ),
    ] {
        let server = one(text);
        assert_eq!(
            (server.name.as_str(), &server.entry["command"], &server.entry["args"]),
            (name, &json!(command), &args)
        );
        assert_eq!(server.entry["enabled"], true);
    }
}

#[test]
fn variables_in_front_become_its_environment() {
    let server = one("GITHUB_TOKEN=ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa DEBUG=1 npx -y x-mcp");
    assert_eq!(server.entry["env"]["DEBUG"], "1");
    assert_eq!(server.secrets, ["GITHUB_TOKEN"]);
    let server = one("env A=\"$HOME/x\" uvx some-thing --token ${TOKEN} '$NOT'");
    assert_eq!(server.entry["env"]["A"], "${env:HOME}/x");
    assert_eq!(server.entry["args"], json!(["some-thing", "--token", "${env:TOKEN}", "$NOT"]));
    assert_eq!(server.references, ["${env:HOME}", "${env:TOKEN}"]);
}

#[test]
fn what_docker_would_take_from_the_shell_is_missing() {
    let server = one("docker run --rm -i -e GITHUB_TOKEN --env=OTHER -e SET=1 mcp/github:latest");
    assert_eq!(
        (server.name.as_str(), server.missing),
        ("github", vec!["GITHUB_TOKEN".to_owned(), "OTHER".to_owned()])
    );
}

#[test]
fn placeholders_are_missing_values_and_no_values() {
    let server = one("claude mcp add github -e GITHUB_TOKEN=YOUR_TOKEN -e MODE=fast -- npx -y server-github");
    assert_eq!(server.missing, ["GITHUB_TOKEN"]);
    assert_eq!(server.entry["env"], json!({"MODE": "fast"}));
    let server = one("claude mcp add x --env KEY=<your api key> -- npx x");
    assert_eq!(server.missing, ["KEY"]);
}

#[test]
fn lines_that_add_to_a_client_mean_the_server_behind_them() {
    for text in [
        "claude mcp add github --scope user --env A=1 -- npx -y server-github --flag",
        "claude mcp add -s project -e A=1 github -- npx -y server-github --flag",
        "claude mcp add --transport stdio github --env A=1 -- npx -y server-github --flag",
        "codex mcp add github --env A=1 -- npx -y server-github --flag",
        "gemini mcp add -e A=1 github npx -y server-github --flag",
        "mcpproxy servers add github --env A=1 -- npx -y server-github --flag",
        "claude mcp add \\\n  github \\\n  --env A=1 \\\n  -- npx -y server-github --flag",
        "claude mcp add github —env A=1 -- npx -y server-github --flag",
    ] {
        let server = one(text);
        assert_eq!(server.name, "github", "{text}");
        assert_eq!(server.entry["command"], "npx", "{text}");
        assert_eq!(server.entry["args"], json!(["-y", "server-github", "--flag"]), "{text}");
        assert_eq!(server.entry["env"], json!({"A": "1"}), "{text}");
    }
    let remote = one(
        "claude mcp add --transport http linear https://mcp.linear.app/mcp --header \"Authorization: Bearer abcdefgh12345678\"",
    );
    assert_eq!(remote.entry["url"], "https://mcp.linear.app/mcp");
    assert_eq!(remote.secrets, ["Authorization"]);
    let sse = one("claude mcp add --transport sse asana https://mcp.asana.com/sse");
    assert_eq!((sse.name.as_str(), &sse.entry["protocol"]), ("asana", &json!("sse")));
    let json = one(r#"claude mcp add-json weather '{"type":"stdio","command":"/x","args":["y"]}' -s user"#);
    assert_eq!((json.name.as_str(), &json.entry["args"]), ("weather", &json!(["y"])));
    let code = one(r#"code --add-mcp '{"name":"pw","command":"npx","args":["@playwright/mcp"]}'"#);
    assert_eq!(code.name, "pw");
}

#[test]
fn json_of_every_client_is_read() {
    for text in [
        r#"{"mcpServers": {"a": {"command": "npx", "args": ["x"]}}}"#,
        r#"{"mcpServers": [{"name": "a", "command": "npx", "args": ["x"]}]}"#,
        r#"{"servers": {"a": {"type": "stdio", "command": "npx", "args": ["x"]}}, "inputs": []}"#,
        r#"{"mcp": {"servers": {"a": {"command": "npx", "args": ["x"]}}}}"#,
        r#"{"mcp": {"a": {"type": "local", "command": ["npx", "x"]}}}"#,
        r#"{"context_servers": {"a": {"command": {"path": "npx", "args": ["x"]}}}}"#,
        r#"{"a": {"command": "npx", "args": ["x"]}}"#,
        r#"{"name": "a", "command": "npx", "args": ["x"]}"#,
        r#"[{"name": "a", "command": "npx", "args": ["x"]}]"#,
        "\"a\": {\n  // mine\n  \"command\": \"npx\",\n  \"args\": [\"x\"],\n},",
        "```json\n{\"mcpServers\": {\"a\": {\"command\": \"npx\", \"args\": [\"x\"]}}}\n```",
    ] {
        let server = one(text);
        assert_eq!(
            (server.name.as_str(), &server.entry["command"], &server.entry["args"]),
            ("a", &json!("npx"), &json!(["x"])),
            "{text}"
        );
    }
    assert_eq!(
        one(r#"{"command": "uvx", "args": ["mcp-server-time"]}"#).name,
        "time",
        "a single one without a name"
    );
    let off = one(r#"{"mcpServers": {"a": {"url": "https://x.dev/mcp", "disabled": true}}}"#);
    assert_eq!((&off.entry["enabled"], &off.entry["url"]), (&json!(false), &json!("https://x.dev/mcp")));
}

#[test]
fn words_that_another_client_would_fill_in_are_named() {
    let text = r#"{"servers": {"a": {"command": "npx", "args": ["${workspaceFolder}", "${API_URL}"],
        "env": {"KEY": "${input:key}", "OTHER": "${env:OTHER}"}}}}"#;
    let server = one(text);
    assert_eq!(server.missing, ["KEY"]);
    assert_eq!(server.references, ["${env:API_URL}", "${env:OTHER}"]);
    assert_eq!(server.problems, [ParseProblem::about("paste_unknown_word", "${workspaceFolder}")]);
}

#[test]
fn several_servers_get_names_of_their_own() {
    let text = "npx -y server-taken\nnpx -y @a/server-github\nuvx server-github # the other\n";
    let names: Vec<String> = parsed(text).servers.into_iter().map(|server| server.name).collect();
    assert_eq!(names, ["taken-2", "github", "github-2"]);
}

#[test]
fn an_address_is_a_server_elsewhere() {
    for (text, name) in [
        ("https://mcp.linear.app/mcp", "linear"),
        ("https://api.githubcopilot.com/mcp/", "githubcopilot"),
        ("http://localhost:3000/sse", "localhost"),
        ("http://127.0.0.1:3000/mcp", "127-0-0-1"),
    ] {
        let server = one(text);
        assert_eq!((server.name.as_str(), &server.entry["url"]), (name, &json!(text)));
    }
}

#[test]
fn what_cannot_be_understood_is_said_with_its_place() {
    assert_eq!(code("  \n "), "paste_empty");
    assert_eq!(code("npx -y 'server"), "paste_quote_open");
    assert_eq!(code("npx x | tee log"), "paste_shell");
    assert_eq!(code("npx x && echo done"), "paste_shell");
    assert_eq!(code("npx x $(cat token)"), "paste_substitution");
    assert_eq!(code("claude mcp list"), "paste_not_a_server");
    assert_eq!(code("cd /tmp"), "paste_not_a_server");
    assert_eq!(code("{\"theme\": \"dark\"}"), "paste_no_server");
    assert_eq!(code("claude mcp add-json x '{\"command\": '"), "paste_json");
    let broken = parsed("{\n  \"mcpServers\": {\n    \"a\": {\"command\": \"npx\" \"args\": []}\n  }\n}");
    assert_eq!((broken.problems[0].code, broken.problems[0].line), ("paste_json", Some(3)));
    let open = parsed("uvx a\nnpx \"b c");
    assert_eq!((open.problems[0].line, open.problems[0].column), (Some(2), Some(5)));
    assert_eq!(code(&"x".repeat(LONGEST + 1)), "paste_too_long");
}

/// As a careful person would quote it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

proptest! {
    #[test]
    fn whatever_is_quoted_comes_out_as_it_was(words in prop::collection::vec("[^‘’\r\n]{0,20}", 1..6)) {
        let line: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let commands = shell::commands(&line.join(" "), "/home/me").unwrap();
        prop_assert_eq!(commands, vec![words]);
    }

    #[test]
    fn no_text_does_harm_and_each_server_can_be_named(text in ".{0,200}") {
        for server in parsed(&text).servers {
            prop_assert!(!server.name.is_empty());
            prop_assert!(server.name.chars().all(|sign| sign.is_ascii_alphanumeric() || "_-".contains(sign)));
            prop_assert_eq!(server.entry["name"].as_str(), Some(server.name.as_str()));
        }
    }

    #[test]
    fn no_json_does_harm(text in r#"[\[\]{}":,a-z0-9 $\\]{0,120}"#) {
        parsed(&text);
        parsed(&format!("{{{text}"));
    }
}
