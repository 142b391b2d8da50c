//! Preparing containers that really run, with scripts that say what installers say.
#![cfg(unix)]
use std::path::PathBuf;

use super::*;
use crate::engine::testing::{self, PATIENCE, finder_of, word};
use crate::plan::{self, Network, Role};
use crate::policy::Policy;
use crate::spec::Text;
use crate::testing as world;

/// The smallest image with a shell.
const IMAGE: &str = "alpine:3.18";
/// The bundle of this computer, which a network that inspects TLS makes necessary.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// Says that the work is done.
const DONE: &str =
    r#"printf '{"name":"pkg","version":"1.2","entry":["/mcpproxy/bin/x"]}' > /mcpproxy/mcpproxy.json"#;

/// An engine, an instance of its own, and its image.
struct Scene {
    engine: Engine,
    instance: String,
    image: Image,
}

impl Scene {
    async fn set() -> Option<Self> {
        let engine = testing::engine().await?;
        let image =
            engine.ensure_image(IMAGE, &ProgressSink::ignore(), &CancellationToken::new()).await.unwrap();
        Some(Self { engine, instance: format!("test-{}", word()), image })
    }

    /// What a person's line becomes, on this computer and engine.
    fn planned(&self, line: &str, policy: &Policy) -> Plan {
        let mut facts = world::facts();
        facts.engine = self.engine.info().into();
        facts.instance.clone_from(&self.instance);
        facts.certificates = Some(CERTIFICATES.into()).filter(|path: &PathBuf| path.exists());
        plan::plan(&world::server(line), policy, &facts).unwrap()
    }

    /// The plan of a server whose installer is a script of the test, without a network.
    fn plan(&self, server: &str, key: &str, script: &str) -> Plan {
        let mut plan = self.planned("npx pkg", &Policy::default());
        plan.server = server.to_owned();
        plan.prepared_key = Some(key.to_owned());
        plan.certificates = None;
        let container = plan.containers.iter_mut().find(|container| container.role == Role::Prepare).unwrap();
        container.image = IMAGE.to_owned();
        container.argv = ["/bin/sh", "-c", script].map(Text::plain).to_vec();
        container.network = Network::None;
        container.labels = labels(&self.instance, server, "prepare");
        plan
    }

    async fn prepare(&self, plan: &Plan) -> Result<Prepared, PrepareError> {
        self.prepare_with(plan, &ProgressSink::ignore(), &CancellationToken::new()).await
    }

    async fn prepare_with(
        &self,
        plan: &Plan,
        sink: &ProgressSink,
        cancel: &CancellationToken,
    ) -> Result<Prepared, PrepareError> {
        let work = self.engine.prepare(plan, &self.image, sink, cancel);
        tokio::time::timeout(PATIENCE, work).await.unwrap().map(Option::unwrap)
    }

    async fn volumes(&self) -> Vec<String> {
        let label = format!("{INSTANCE_LABEL}={}", self.instance);
        let found = self.engine.api().list_volumes(&[label]).await.unwrap();
        found.into_iter().map(|volume| volume.name).collect()
    }

    async fn containers(&self) -> usize {
        let label = format!("{INSTANCE_LABEL}={}", self.instance);
        self.engine.api().list(&[label]).await.unwrap().len()
    }

    async fn nothing_runs(&self) {
        testing::until("no container is left", async || self.containers().await == 0).await;
    }

    async fn clean(self) {
        self.nothing_runs().await;
        for volume in self.volumes().await {
            self.engine.api().remove_volume(&volume).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_server_is_prepared_once_and_then_found_prepared_even_by_a_new_process() {
    let Some(scene) = Scene::set().await else { return };
    let plan = scene.plan("git", "k1", DONE);
    let first = scene.prepare(&plan).await.unwrap();
    assert_eq!((first.name.as_str(), first.version.as_str(), first.reused), ("pkg", "1.2", false));
    assert_eq!(first.entry, ["/mcpproxy/bin/x"]);
    assert!(scene.prepare(&plan).await.unwrap().reused);
    let finder = finder_of(&format!("unix://{}", testing::SOCKET));
    let later = Scene {
        engine: finder.find().await.engine().unwrap().clone(),
        instance: scene.instance.clone(),
        image: scene.image.clone(),
    };
    let again = later.prepare(&plan).await.unwrap();
    assert_eq!((again.reused, &again.volume, &again.entry), (true, &first.volume, &first.entry));
    scene.nothing_runs().await;
    scene.clean().await;
}

#[tokio::test]
async fn another_key_makes_another_volume_and_the_old_one_goes() {
    let Some(scene) = Scene::set().await else { return };
    let old = scene.prepare(&scene.plan("git", "k1", DONE)).await.unwrap();
    let new = scene.prepare(&scene.plan("git", "k2", DONE)).await.unwrap();
    assert_ne!(old.volume, new.volume);
    assert_eq!(scene.volumes().await, [new.volume]);
    scene.clean().await;
}

#[tokio::test]
async fn two_servers_with_the_same_package_share_nothing() {
    let Some(scene) = Scene::set().await else { return };
    let one = scene.prepare(&scene.plan("one", "k", DONE)).await.unwrap();
    let two = scene.prepare(&scene.plan("two", "k", DONE)).await.unwrap();
    assert_ne!(one.volume, two.volume);
    assert_eq!(scene.volumes().await.len(), 2, "preparing one does not remove the other's");
    scene.clean().await;
}

#[tokio::test]
async fn output_comes_line_by_line_while_it_is_written() {
    let Some(scene) = Scene::set().await else { return };
    let (sink, steps, mut lines) = ProgressSink::channel();
    let script = format!("echo begun; echo err >&2; read -r never < /mcpproxy/wait 2>/dev/null; {DONE}");
    scene.prepare_with(&scene.plan("git", "k", &script), &sink, &CancellationToken::new()).await.unwrap();
    let mut seen = Vec::new();
    while let Ok(line) = lines.try_recv() {
        seen.push(line);
    }
    assert!(seen.contains(&"begun".to_owned()) && seen.contains(&"err".to_owned()), "{seen:?}");
    assert_eq!((steps.borrow().stage, steps.borrow().subject.as_str()), (Stage::Done, "pkg"));
    scene.clean().await;
}

#[tokio::test]
async fn a_failed_installer_tells_why_and_leaves_nothing_to_build_upon() {
    let Some(scene) = Scene::set().await else { return };
    let failing = "touch /mcpproxy/half; echo 'npm error code E404' >&2; exit 1";
    let error = scene.prepare(&scene.plan("git", "k", failing)).await.unwrap_err();
    assert_eq!((error.code(), error.can_pass()), ("package_not_found", false));
    assert_eq!(error.output, ["npm error code E404"]);
    assert_eq!(scene.volumes().await, Vec::<String>::new());
    let script = format!("test ! -e /mcpproxy/half && {DONE}");
    assert!(!scene.prepare(&scene.plan("git", "k", &script)).await.unwrap().reused);
    scene.clean().await;
}

#[tokio::test]
async fn an_installer_that_leaves_no_account_is_not_taken_for_done() {
    let Some(scene) = Scene::set().await else { return };
    let error = scene.prepare(&scene.plan("git", "k", "true")).await.unwrap_err();
    assert_eq!(error.code(), "package_no_result");
    scene.clean().await;
}

#[tokio::test]
async fn a_volume_that_an_interrupted_run_left_is_begun_anew() {
    let Some(scene) = Scene::set().await else { return };
    let plan = scene.plan("git", "k", &format!("test ! -e /mcpproxy/half && {DONE}"));
    let half = scene.plan("git", "k", "touch /mcpproxy/half");
    let key = volume::key("k", scene.image.pin());
    let name = volume::name("git", &scene.instance, &key);
    scene.engine.api().create_volume(&name, volume::labels("git", &scene.instance, &key)).await.unwrap();
    let work = Work {
        plan: &half,
        container: half.prepare_container().unwrap(),
        image: &scene.image,
        instance: &scene.instance,
        package: "pkg".to_owned(),
        key,
        volume: name.clone(),
    };
    scene.engine.run_to_end(&work, &ProgressSink::ignore(), &CancellationToken::new()).await.unwrap();
    let prepared = scene.prepare(&plan).await.unwrap();
    assert_eq!((prepared.reused, prepared.volume), (false, name));
    scene.clean().await;
}

#[tokio::test]
async fn a_volume_of_that_name_with_another_key_is_not_trusted() {
    let Some(scene) = Scene::set().await else { return };
    let key = volume::key("k", scene.image.pin());
    let name = volume::name("git", &scene.instance, &key);
    let foreign = volume::labels("git", &scene.instance, "another");
    scene.engine.api().create_volume(&name, foreign).await.unwrap();
    assert!(!scene.prepare(&scene.plan("git", "k", DONE)).await.unwrap().reused);
    scene.clean().await;
}

#[tokio::test]
async fn many_who_want_the_same_server_prepare_it_once() {
    let Some(scene) = Scene::set().await else { return };
    let plan = scene.plan("git", "k", DONE);
    let all = futures_util::future::join_all((0..6).map(|_| scene.prepare(&plan))).await;
    let fresh = all.iter().filter(|prepared| !prepared.as_ref().unwrap().reused).count();
    assert_eq!(fresh, 1);
    scene.clean().await;
}

#[tokio::test]
async fn cancelling_ends_the_container_and_the_next_attempt_starts_at_once() {
    let Some(scene) = Scene::set().await else { return };
    let (sink, mut steps, _lines) = ProgressSink::channel();
    let cancel = CancellationToken::new();
    let plan = scene.plan("git", "k", "echo begun; trap '' TERM; while :; do sleep 1; done");
    let (outcome, ()) = tokio::join!(scene.prepare_with(&plan, &sink, &cancel), async {
        let begun = steps.wait_for(|step| step.line.as_deref() == Some("begun"));
        tokio::time::timeout(PATIENCE, begun).await.unwrap().unwrap();
        cancel.cancel();
    });
    assert_eq!(outcome.unwrap_err().code(), "package_cancelled");
    assert!(!scene.prepare(&scene.plan("git", "k", DONE)).await.unwrap().reused);
    scene.clean().await;
}

#[tokio::test]
async fn dropping_the_future_ends_the_container_too() {
    let Some(scene) = Scene::set().await else { return };
    let (sink, mut steps, _lines) = ProgressSink::channel();
    let plan = scene.plan("git", "k", "echo begun; while :; do sleep 1; done");
    {
        let cancel = CancellationToken::new();
        let work = scene.prepare_with(&plan, &sink, &cancel);
        let begun = async {
            let begun = steps.wait_for(|step| step.line.as_deref() == Some("begun"));
            tokio::time::timeout(PATIENCE, begun).await.unwrap().unwrap();
        };
        tokio::select! { _ = work => panic!("it never ends"), () = begun => {} }
    }
    scene.nothing_runs().await;
    scene.clean().await;
}

#[tokio::test]
async fn an_installer_that_needs_too_much_memory_is_told_so() {
    let Some(scene) = Scene::set().await else { return };
    let mut plan = scene.plan("git", "k", "head -c 200m /dev/zero | tail -c 200m > /dev/null; exit $?");
    for container in &mut plan.containers {
        container.limits.memory = 16 << 20;
        container.limits.memory_swap = 16 << 20;
    }
    let error = scene.prepare(&plan).await.unwrap_err();
    assert_eq!(error.code(), "package_out_of_memory", "{error} {:?}", error.output);
    scene.clean().await;
}

#[tokio::test]
async fn a_plan_without_packages_has_nothing_to_prepare() {
    let Some(scene) = Scene::set().await else { return };
    let mut plan = scene.plan("git", "k", DONE);
    plan.prepared_key = None;
    let cancel = CancellationToken::new();
    let nothing = scene.engine.prepare(&plan, &scene.image, &ProgressSink::ignore(), &cancel).await.unwrap();
    assert_eq!(nothing, None);
    assert!(scene.volumes().await.is_empty());
}

/// npm tries again for minutes.
const NO_RETRIES: (&str, &str) = ("npm_config_fetch_retries", "0");

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Prepares what a person's line asks for, from the real index.
async fn from_index(line: &str, policy: &Policy) -> Option<(Scene, Result<Prepared, PrepareError>)> {
    let mut scene = Scene::set().await?;
    let plan = scene.planned(line, policy);
    let image = &plan.prepare_container().unwrap().image;
    let (sink, cancel) = (ProgressSink::ignore(), CancellationToken::new());
    scene.image = scene.engine.ensure_image(image, &sink, &cancel).await.unwrap();
    let work = scene.engine.prepare(&plan, &scene.image, &sink, &cancel);
    let outcome = tokio::time::timeout(PATIENCE * 5, work).await.unwrap().map(Option::unwrap);
    Some((scene, outcome))
}

#[tokio::test]
async fn a_package_from_npm_is_ready_with_its_command() {
    let line = "npx -y @modelcontextprotocol/server-memory";
    let Some((scene, outcome)) = from_index(line, &Policy::default()).await else { return };
    let prepared = outcome.unwrap();
    assert_eq!(prepared.name, "@modelcontextprotocol/server-memory");
    assert_eq!(prepared.entry[0], "node");
    assert!(prepared.entry.last().unwrap().starts_with("/mcpproxy/app/node_modules/"), "{prepared:?}");
    scene.clean().await;
}

#[tokio::test]
async fn a_tool_from_pypi_is_ready_with_its_command() {
    let Some((scene, outcome)) = from_index("uvx mcp-server-time", &Policy::default()).await else { return };
    let prepared = outcome.unwrap();
    assert_eq!(
        (prepared.name.as_str(), prepared.entry),
        ("mcp-server-time", vec!["/mcpproxy/bin/mcp-server-time".to_owned()])
    );
    assert!(!prepared.version.is_empty());
    scene.clean().await;
}

#[tokio::test]
async fn a_package_that_no_index_has_is_told_as_such() {
    for line in ["npx -y @mcpproxy-no-such-scope/nothing", "uvx mcpproxy-there-is-no-such-package"] {
        let Some((scene, outcome)) = from_index(line, &Policy::default()).await else { return };
        let error = outcome.unwrap_err();
        assert_eq!(error.code(), "package_not_found", "{error}\n{}", error.output.join("\n"));
        scene.clean().await;
    }
}

#[tokio::test]
async fn a_version_that_no_index_has_is_told_as_such() {
    for line in ["npx -y @modelcontextprotocol/server-memory@99.99.99", "uvx mcp-server-time==99.99.99"] {
        let Some((scene, outcome)) = from_index(line, &Policy::default()).await else { return };
        let error = outcome.unwrap_err();
        assert_eq!(error.code(), "package_version_not_found", "{error}\n{}", error.output.join("\n"));
        scene.clean().await;
    }
}

#[tokio::test]
async fn a_package_that_must_be_built_is_not_built_unasked() {
    // It was only ever published as source.
    let Some((scene, outcome)) = from_index("uvx docopt==0.6.2", &Policy::default()).await else { return };
    let error = outcome.unwrap_err();
    assert_eq!(error.code(), "package_scripts_needed", "{error}\n{}", error.output.join("\n"));
    scene.clean().await;
}

#[tokio::test]
async fn an_index_that_does_not_answer_is_told_as_such() {
    let nobody = "http://127.0.0.1:9";
    for (line, variable) in [("npx -y zod", "npm_config_registry"), ("uvx mcp-server-time", "UV_INDEX_URL")] {
        let neutral_env = [
            (variable, nobody),
            ("PIP_INDEX_URL", nobody),
            ("PIP_RETRIES", "1"),
            ("UV_HTTP_RETRIES", "0"),
            NO_RETRIES,
        ]
        .map(owned)
        .to_vec();
        let policy = Policy { neutral_env, ..Policy::default() };
        let Some((scene, outcome)) = from_index(line, &policy).await else { return };
        let error = outcome.unwrap_err();
        assert_eq!(error.code(), "package_network", "{error}\n{}", error.output.join("\n"));
        assert!(error.can_pass());
        scene.clean().await;
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_told_as_such() {
    let Some(scene) = Scene::set().await else { return };
    // Without the bundle of this computer; a network that does not inspect TLS lets the installer through.
    let policy = Policy { neutral_env: vec![owned(NO_RETRIES)], ..Policy::default() };
    let mut plan = scene.planned("npx -y @modelcontextprotocol/server-memory", &policy);
    plan.certificates = None;
    for container in &mut plan.containers {
        container.neutral_env.retain(|(name, _)| name != "NODE_EXTRA_CA_CERTS");
    }
    let (sink, cancel) = (ProgressSink::ignore(), CancellationToken::new());
    let image = scene.engine.ensure_image(&plan.containers[0].image, &sink, &cancel).await.unwrap();
    if let Err(error) = scene.engine.prepare(&plan, &image, &sink, &cancel).await {
        assert_eq!(error.code(), "package_certificate", "{error}\n{}", error.output.join("\n"));
    }
    scene.clean().await;
}
