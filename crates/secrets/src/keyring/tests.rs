//! Against a real keyring: run with `MCPPROXY_TEST_KEYRING=1` in a session that has an unlocked one.

use super::*;
use crate::{Reference, Source as _, Sources, resolve};

fn keyring(service: &'static str) -> Option<Keyring> {
    let wanted = std::env::var("MCPPROXY_TEST_KEYRING").is_ok_and(|value| value == "1");
    wanted.then(|| Keyring::open_for(service).unwrap())
}

#[test]
fn a_secret_is_kept_listed_and_forgotten_by_the_system() {
    let Some(keyring) = keyring("mcpproxy-test-life") else { return };
    for name in keyring.list().unwrap() {
        keyring.delete(&name).unwrap();
    }
    assert_eq!(keyring.get("github").unwrap(), None);
    keyring.set("github", &Secret::new("first")).unwrap();
    keyring.set("github", &Secret::new("größer\n\"x\"")).unwrap();
    keyring.set("another", &Secret::new("2")).unwrap();
    assert_eq!(keyring.list().unwrap(), ["another", "github"]);
    let again = Keyring::open_for("mcpproxy-test-life").unwrap();
    assert_eq!(again.get("github").unwrap(), Some(Secret::new("größer\n\"x\"")));
    assert!(again.delete("github").unwrap());
    assert!(!again.delete("github").unwrap());
    assert_eq!(keyring.get("github").unwrap(), None);
    assert_eq!(keyring.list().unwrap(), ["another"]);
    keyring.delete("another").unwrap();
}

#[test]
fn a_reference_resolves_from_the_system() {
    let Some(keyring) = keyring("mcpproxy-test-reference") else { return };
    keyring.set("token", &Secret::new("s3cret")).unwrap();
    let sources = Sources::new([]).with_store(std::sync::Arc::new(keyring));
    assert_eq!(resolve("Bearer ${keyring:token}", &sources).unwrap(), Secret::new("Bearer s3cret"));
    let missing = sources.get(&Reference::Keyring("absent".to_owned())).unwrap_err();
    assert_eq!(missing.code(), "secret_missing");
}

#[test]
fn many_threads_may_ask_at_once() {
    let Some(keyring) = keyring("mcpproxy-test-threads") else { return };
    std::thread::scope(|scope| {
        for index in 0..8 {
            let keyring = &keyring;
            scope.spawn(move || keyring.set(&format!("n{index}"), &Secret::new("v")).unwrap());
        }
    });
    let names = keyring.list().unwrap();
    assert!(names.iter().all(|name| keyring.delete(name).unwrap()));
    assert_eq!(names.len(), 8);
}

#[test]
fn a_request_that_was_given_up_is_not_done_later() {
    let (queue, requests) = sync_channel(QUEUE);
    let (reply, answer) = sync_channel(1);
    let work = Work::List(reply);
    queue.send(Request { work, until: Instant::now() }).unwrap();
    drop(queue);
    let worker = Worker { store: keyring_core::mock::Store::new().unwrap(), service: SERVICE };
    serve(&worker, &requests);
    assert!(answer.recv().is_err());
}

#[test]
fn values_that_an_earlier_program_encoded_are_read() {
    let secret = decoded(Zeroizing::new("go-keyring-base64:aHVudGVyMg==".to_owned())).unwrap();
    assert_eq!(secret, Secret::new("hunter2"));
    assert!(decoded(Zeroizing::new("go-keyring-base64:%".to_owned())).is_err());
}
