//! What holds for every input.

use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

fn stand() -> impl Strategy<Value = Stand> {
    prop_oneof![
        Just(Stand::NeedsYou),
        Just(Stand::Running),
        Just(Stand::WaitsForEngine),
        Just(Stand::Asleep),
        Just(Stand::Off)
    ]
}

fn protection() -> impl Strategy<Value = Protection> {
    prop_oneof![
        Just(Protection::Isolated),
        any::<Option<u64>>().prop_map(|minutes_left| Protection::Unprotected { minutes_left }),
        Just(Protection::OwnContainer),
        Just(Protection::Elsewhere),
    ]
}

fn code() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("state_ready"),
        Just("state_failed"),
        Just("state_disabled"),
        Just("waiting_for_engine"),
        Just("x")
    ]
    .prop_map(str::to_owned)
}

fn mend() -> impl Strategy<Value = Option<Mend>> {
    prop_oneof![Just(None), Just(Some(Mend::Review)), ".{0,8}".prop_map(|to| Some(Mend::RaiseMemory { to }))]
}

fn server() -> impl Strategy<Value = Server> {
    (code(), ".{0,200}", stand(), protection(), any::<bool>(), mend()).prop_map(
        |(code, sentence, stand, protection, enabled, mend)| Server {
            name: String::new(),
            code,
            sentence,
            stand,
            protection,
            enabled,
            mend,
        },
    )
}

fn servers() -> impl Strategy<Value = Vec<Server>> {
    proptest::collection::hash_map(".{0,60}", server(), 0..16)
        .prop_map(|named| named.into_iter().map(|(name, server)| Server { name, ..server }).collect())
}

fn phase() -> impl Strategy<Value = Phase> {
    prop_oneof![
        Just(Phase::Starting),
        Just(Phase::Running),
        Just(Phase::Quitting),
        ".{0,300}".prop_map(|reason| Phase::Failed { reason })
    ]
}

prop_compose! {
    fn input()(
        phase in phase(),
        servers in servers(),
        available in any::<bool>(),
        isolation_enabled in any::<bool>(),
        product in ".{0,20}",
        paused in proptest::option::of(".{0,10}"),
        calls_running in 0_usize..5,
        today in proptest::option::of((0_u64..1000, 0_u64..10, 0_u64..10)),
        crashed in any::<bool>(),
        autostart in prop_oneof![Just(Autostart::On), Just(Autostart::Off), Just(Autostart::Refused), Just(Autostart::Unknown)],
    ) -> Input {
        Input {
            phase,
            engine: Engine { code: "engine_ready".into(), product, available },
            isolation_enabled,
            servers,
            paused,
            calls_running,
            today: today.map(|(calls, failed, blocked)| Today { calls, failed, blocked }),
            autostart,
            crashed,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_row_has_an_id_of_its_own_that_can_be_read_back(input in input()) {
        let menu = menu(&input);
        let mut seen = HashSet::new();
        for (_, entry) in menu.walk() {
            let id = match entry {
                Entry::Item(item) => &item.id,
                Entry::Submenu(sub) => &sub.id,
                Entry::Separator => continue,
            };
            prop_assert!(seen.insert(id.clone()), "{} stands twice", id);
            prop_assert_eq!(&id.to_string().parse::<Id>().unwrap(), id);
        }
    }

    #[test]
    fn no_tooltip_is_longer_than_windows_shows(input in input()) {
        prop_assert!(tooltip(&input).encode_utf16().count() <= 120);
    }

    #[test]
    fn no_row_lies_deeper_than_three_submenus(input in input()) {
        prop_assert!(menu(&input).walk().iter().all(|(depth, _)| *depth <= 3));
    }

    #[test]
    fn no_text_is_empty_and_no_separator_stands_at_an_end_or_twice(input in input()) {
        let menu = menu(&input);
        for (_, entry) in menu.walk() {
            match entry {
                Entry::Item(item) if !matches!(item.id.command, Command::Show(_)) && !item.text.is_empty() => {}
                Entry::Item(item) => prop_assert!(matches!(item.id.command, Command::Show(_) | Command::Engine), "{:?}", item),
                Entry::Submenu(sub) => prop_assert!(!sub.text.is_empty() && !sub.entries.is_empty()),
                Entry::Separator => {}
            }
        }
        let plain: Vec<bool> = menu.0.iter().map(|entry| *entry == Entry::Separator).collect();
        prop_assert!(!plain[0] && !plain[plain.len() - 1]);
        prop_assert!(plain.windows(2).all(|pair| pair != [true, true]), "{}", menu.outline());
    }

    #[test]
    fn quit_is_always_there_until_it_was_chosen(input in input()) {
        let outline = menu(&input).outline();
        prop_assert_eq!(outline.contains("Quit MCPProxy"), input.phase != Phase::Quitting);
    }

    #[test]
    fn the_first_line_begins_the_tooltip(input in input()) {
        prop_assert!(tooltip(&input).starts_with(&headline(&input)) || tooltip(&input).ends_with('…'));
    }

    #[test]
    fn texts_that_are_no_rows_are_refused_and_never_misread(text in ".{0,40}") {
        if let Ok(id) = text.parse::<Id>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }
}
