//! What a plan takes from this computer at the moment of a start.
use mcpproxy_secrets::Sources;

use super::*;

fn planner(environment: watch::Receiver<Arc<Environment>>) -> Planner {
    Planner {
        sources: Arc::new(Sources::new([])),
        environment,
        system: System {
            os: facts::Os::Linux,
            uid: 1000,
            gid: 1000,
            home: "/home/me".to_owned(),
            own_folders: Vec::new(),
        },
        instance: "i".to_owned(),
        engine: watch::channel(None).1,
    }
}

#[test]
fn a_late_answer_of_the_login_shell_counts_at_the_next_start() {
    let of = |variables: &[(String, String)]| Arc::new(Environment::of_process(variables));
    let (publish, environment) = watch::channel(of(&[]));
    let planner = planner(environment);
    let spec = ServerSpec {
        name: "s".to_owned(),
        command: "uvx".to_owned(),
        args: vec![mcpproxy_isolation::spec::Text::plain("mcp-server-time")],
        env: Vec::new(),
        working_dir: None,
    };
    let proxy = || {
        let plan = planner.draw(&spec, &Policy::default(), EngineFacts::default()).unwrap();
        let container = plan.server_container().unwrap().clone();
        container.neutral_env.iter().any(|(name, _)| name == "HTTPS_PROXY")
    };
    assert!(!proxy());
    publish.send_replace(of(&[("HTTPS_PROXY".to_owned(), "http://proxy.example.com:3128".to_owned())]));
    assert!(proxy());
}
