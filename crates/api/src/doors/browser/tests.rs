use super::*;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::time::advance;

/// Stands for the file that carries a code.
struct Carrier(Arc<AtomicBool>);

impl Drop for Carrier {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn door() -> Arc<BrowserDoor> {
    Arc::default()
}

fn bearer(token: &str) -> HeaderMap {
    HeaderMap::from_iter([(http::header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap())])
}

#[tokio::test(start_paused = true)]
async fn a_code_opens_once_and_takes_its_file_with_it() {
    let (door, removed) = (door(), Arc::new(AtomicBool::new(false)));
    door.issue("code".into(), Box::new(Carrier(Arc::clone(&removed))));
    assert!(!removed.load(Ordering::Relaxed));
    assert_eq!(door.exchange("code", "token"), Ok(()));
    assert!(removed.load(Ordering::Relaxed));
    assert!(door.opens(&bearer("token")));
    assert_eq!(door.exchange("code", "other"), Err(Refusal::Wrong));
    assert!(!door.opens(&bearer("other")));
}

#[tokio::test(start_paused = true)]
async fn a_code_is_good_for_a_minute_and_its_file_goes_by_itself() {
    let (door, removed) = (door(), Arc::new(AtomicBool::new(false)));
    door.issue("code".into(), Box::new(Carrier(Arc::clone(&removed))));
    advance(CODE_LIFE - Duration::from_secs(1)).await;
    tokio::task::yield_now().await;
    assert!(!removed.load(Ordering::Relaxed));
    advance(Duration::from_secs(1)).await;
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    assert!(removed.load(Ordering::Relaxed));
    assert_eq!(door.exchange("code", "token"), Err(Refusal::Wrong));
}

#[tokio::test(start_paused = true)]
async fn a_token_lives_while_it_is_used_and_half_a_day_longer() {
    let door = door();
    door.issue("code".into(), Box::new(()));
    door.exchange("code", "token").unwrap();
    for _ in 0..4 {
        advance(IDLE - Duration::from_secs(1)).await;
        assert!(door.opens(&bearer("token")));
    }
    advance(IDLE).await;
    assert!(!door.opens(&bearer("token")));
}

#[tokio::test(start_paused = true)]
async fn who_guesses_is_kept_out_for_a_minute_even_with_the_right_code() {
    let door = door();
    door.issue("code".into(), Box::new(()));
    for guess in 0..TRIES {
        assert_eq!(door.exchange(&format!("guess {guess}"), "t"), Err(Refusal::Wrong));
    }
    assert_eq!(door.exchange("code", "t"), Err(Refusal::TooMany));
    assert!(!door.opens(&bearer("t")));
    advance(TRIES_WITHIN).await;
    door.issue("new".into(), Box::new(()));
    assert_eq!(door.exchange("new", "t"), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn neither_part_nor_surplus_nor_emptiness_is_a_code_or_a_token() {
    let door = door();
    door.issue("code".into(), Box::new(()));
    for wrong in ["", "cod", "codee", "CODE", "code ", "\0"] {
        assert_eq!(door.exchange(wrong, "token"), Err(Refusal::Wrong), "{wrong}");
    }
    door.exchange("code", "token").unwrap();
    for wrong in ["", "toke", "tokenn", "TOKEN"] {
        assert!(!door.opens(&bearer(wrong)), "{wrong}");
    }
    assert!(!door.opens(&HeaderMap::new()));
}

#[tokio::test(start_paused = true)]
async fn the_number_of_codes_and_tokens_is_bounded() {
    let door = door();
    for turn in 0..3 * TOKENS {
        door.issue(format!("code {turn}"), Box::new(()));
        door.exchange(&format!("code {turn}"), &format!("token {turn}")).unwrap();
    }
    assert!(!door.opens(&bearer("token 0")));
    assert!(door.opens(&bearer(&format!("token {}", 3 * TOKENS - 1))));
    for turn in 0..3 * CODES {
        door.issue(format!("late {turn}"), Box::new(()));
    }
    let held = door.held();
    assert_eq!((held.codes.len(), held.tokens.len()), (CODES, TOKENS));
}

#[tokio::test(start_paused = true)]
async fn leaving_and_closing_end_what_was_open() {
    let door = door();
    for name in ["a", "b"] {
        door.issue(name.into(), Box::new(()));
        door.exchange(name, name).unwrap();
    }
    door.leave(&bearer("a"));
    assert!(!door.opens(&bearer("a")) && door.opens(&bearer("b")));
    door.issue("c".into(), Box::new(()));
    door.close();
    assert!(!door.opens(&bearer("b")));
    assert_eq!(door.exchange("c", "c"), Err(Refusal::Wrong));
}

#[test]
fn secrets_are_long_and_never_the_same() {
    let (one, other) = (secret().unwrap(), secret().unwrap());
    assert_eq!((one.len(), other.len()), (64, 64));
    assert_ne!(one, other);
    assert!(one.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[tokio::test]
async fn nothing_of_a_secret_shows_in_debug_output() {
    let door = door();
    door.issue("very secret".into(), Box::new(()));
    assert!(!format!("{door:?}").contains("very"));
}
