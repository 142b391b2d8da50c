//! The life by table, and by chance: whatever comes, one incarnation at most, and none left behind.
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const ON: Event = Event::Configured { wish: Wish::On, changed: true, needs_engine: true };
const OFF: Event = Event::Configured { wish: Wish::Off, changed: false, needs_engine: true };

fn life() -> Life {
    Life::new(Backoff::new(7), true)
}

fn play(life: &mut Life, events: &[Event]) -> Vec<Action> {
    let now = Instant::now();
    events.iter().map(|event| life.on(*event, now)).collect()
}

#[tokio::test]
async fn a_server_goes_from_off_to_ready_and_back() {
    let mut life = life();
    let actions = play(&mut life, &[ON, Event::Reached(Step::Starting), Event::Reached(Step::Ready)]);
    assert_eq!(actions, [Action::Begin, Action::Nothing, Action::Nothing]);
    assert_eq!(life.state(), State::Active(Step::Ready));
    assert_eq!(play(&mut life, &[OFF, Event::Ended(End::Asked)]), [Action::Cancel, Action::Nothing]);
    assert_eq!(life.state(), State::Disabled);
}

#[tokio::test]
async fn without_an_engine_a_server_waits_and_then_starts_by_itself() {
    let mut life = Life::new(Backoff::new(7), false);
    play(&mut life, &[ON]);
    assert_eq!(life.state(), State::WaitingForEngine);
    assert_eq!(play(&mut life, &[Event::Engine { up: true }]), [Action::Begin]);
}

#[tokio::test]
async fn a_lost_engine_is_waited_for_whoever_notices_first() {
    let mut life = life();
    play(&mut life, &[ON, Event::Reached(Step::Ready), Event::Engine { up: false }]);
    assert_eq!(life.state(), State::Active(Step::Ready), "its own connection tells");
    play(&mut life, &[Event::Ended(End::EngineLost)]);
    assert_eq!(life.state(), State::WaitingForEngine);

    let mut life = self::life();
    play(&mut life, &[ON, Event::Reached(Step::Ready), Event::Ended(End::EngineLost)]);
    assert!(matches!(life.state(), State::Backoff { .. }), "the engine may be back already");
    play(&mut life, &[Event::Engine { up: false }]);
    assert_eq!(life.state(), State::WaitingForEngine);
}

#[tokio::test]
async fn what_only_a_change_can_mend_waits_for_the_change() {
    let mut life = life();
    play(&mut life, &[ON, Event::Ended(End::Lasting)]);
    assert_eq!(life.state(), State::Failed);
    let same = Event::Configured { wish: Wish::On, changed: false, needs_engine: true };
    assert_eq!(play(&mut life, &[same, Event::Due]), [Action::Nothing; 2]);
    assert_eq!(play(&mut life, &[ON]), [Action::Begin]);
}

#[tokio::test]
async fn a_change_while_the_old_process_ends_starts_the_new_one_once() {
    let mut life = life();
    play(&mut life, &[ON, Event::Reached(Step::Ready)]);
    let actions = play(&mut life, &[Event::Restart, ON, Event::Restart, Event::Ended(End::Asked)]);
    assert_eq!(actions, [Action::Cancel, Action::Nothing, Action::Nothing, Action::Begin]);
}

#[tokio::test]
async fn turning_off_during_a_restart_wins() {
    let mut life = life();
    play(&mut life, &[ON, Event::Restart, OFF]);
    assert_eq!(play(&mut life, &[Event::Ended(End::Asked)]), [Action::Nothing]);
    assert_eq!(life.state(), State::Disabled);
}

#[tokio::test]
async fn turning_off_and_on_again_while_it_ends_starts_it_again() {
    let mut life = life();
    play(&mut life, &[ON, Event::Reached(Step::Ready), OFF]);
    let on = Event::Configured { wish: Wish::On, changed: false, needs_engine: true };
    assert_eq!(play(&mut life, &[on, Event::Ended(End::Asked)]), [Action::Nothing, Action::Begin]);
}

#[tokio::test]
async fn a_held_server_runs_nothing() {
    let mut life = life();
    let held = Event::Configured { wish: Wish::Held, changed: true, needs_engine: false };
    assert_eq!(play(&mut life, &[held, Event::Restart, Event::Retry]), [Action::Nothing; 3]);
    assert_eq!(life.state(), State::Quarantined);
}

#[tokio::test]
async fn a_retry_does_not_disturb_what_works() {
    let mut life = life();
    play(&mut life, &[ON, Event::Reached(Step::Ready)]);
    assert_eq!(play(&mut life, &[Event::Retry]), [Action::Nothing]);
    play(&mut life, &[Event::Ended(End::Passing)]);
    assert_eq!(play(&mut life, &[Event::Retry]), [Action::Begin]);
}

#[tokio::test]
async fn after_a_long_good_run_the_next_try_comes_soon() {
    let mut life = life();
    let mut now = Instant::now();
    life.on(ON, now);
    for _ in 0..9 {
        life.on(Event::Ended(End::Passing), now);
        now = life.due().unwrap();
        life.on(Event::Due, now);
    }
    life.on(Event::Reached(Step::Ready), now);
    now += Duration::from_secs(61);
    life.on(Event::Ended(End::Passing), now);
    assert!(life.due().unwrap() - now <= Duration::from_millis(1500));
}

fn events() -> impl Strategy<Value = Event> {
    let wish = prop_oneof![Just(Wish::Off), Just(Wish::Held), Just(Wish::On)];
    let step = prop_oneof![
        Just(Step::Preparing),
        Just(Step::WaitingForTurn),
        Just(Step::Starting),
        Just(Step::Handshaking),
        Just(Step::Ready)
    ];
    let end = prop_oneof![Just(End::Asked), Just(End::Passing), Just(End::EngineLost), Just(End::Lasting)];
    prop_oneof![
        (wish, any::<bool>(), any::<bool>()).prop_map(|(wish, changed, needs_engine)| Event::Configured {
            wish,
            changed,
            needs_engine
        }),
        Just(Event::Restart),
        Just(Event::Retry),
        any::<bool>().prop_map(|up| Event::Engine { up }),
        step.prop_map(Event::Reached),
        end.prop_map(Event::Ended),
        Just(Event::Due),
    ]
}

proptest! {
    /// The supervisor's view: an incarnation exists from `Begin` to `Ended`, and only then.
    #[test]
    fn there_is_never_a_second_incarnation_and_the_end_leaves_none(
        events in proptest::collection::vec(events(), 0..60)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _guard = runtime.enter();
        let mut life = life();
        let mut now = Instant::now();
        let mut alive = false;
        for event in events {
            let from_incarnation = matches!(event, Event::Reached(_) | Event::Ended(_));
            if from_incarnation && !alive {
                continue;
            }
            if matches!(event, Event::Due) && life.due().is_none() {
                continue;
            }
            now = life.due().unwrap_or(now).max(now);
            let action = life.on(event, now);
            if matches!(event, Event::Ended(_)) {
                alive = false;
            }
            match action {
                Action::Begin => {
                    prop_assert!(!alive, "a second one after {event:?}");
                    alive = true;
                }
                Action::Cancel => prop_assert!(alive),
                Action::Nothing => {}
            }
            let active = matches!(life.state(), State::Active(_) | State::Stopping);
            prop_assert_eq!(active, alive, "after {:?} in {:?}", event, life.state());
        }
        life.on(Event::Shutdown, now);
        if alive {
            prop_assert!(!life.is_over());
            prop_assert_eq!(life.on(Event::Ended(End::Asked), now), Action::Nothing);
        }
        prop_assert!(life.is_over());
    }
}
