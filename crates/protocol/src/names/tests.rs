//! Names are exact, stable and short enough, whatever servers call their tools.

use proptest::prelude::*;

use super::*;

fn pair(server: &str, tool: &str) -> Pair {
    (server.to_owned(), tool.to_owned())
}

#[test]
fn the_plain_case_is_server_and_tool() {
    let names = Names::new([pair("github", "create_issue")]);
    assert_eq!(names.published("github", "create_issue"), Some("github__create_issue"));
    assert_eq!(names.owner("github__create_issue"), Some(("github", "create_issue")));
    assert_eq!(names.owner("github__other"), None);
}

#[test]
fn characters_that_clients_refuse_are_replaced() {
    let names = Names::new([pair("my server", "get.time/now")]);
    assert_eq!(names.published("my server", "get.time/now"), Some("my_server__get_time_now"));
}

#[test]
fn two_pairs_that_join_to_one_name_are_told_apart() {
    let pairs = [pair("a", "b__c"), pair("a__b", "c")];
    let names = Names::new(pairs.clone());
    assert_eq!(names.published("a", "b__c"), Some("a__b__c"));
    let other = names.published("a__b", "c").unwrap();
    assert!(other.starts_with("a__b__c_") && other.len() == "a__b__c_".len() + 8);
    let mut reversed = pairs;
    reversed.reverse();
    assert_eq!(Names::new(reversed), names);
}

#[test]
fn a_stranger_cannot_take_or_change_the_name_of_a_plain_tool() {
    let alone = Names::new([pair("bank", "pay")]);
    let beside =
        Names::new([pair("bank", "pay"), pair("bank_", "pay"), pair("bänk", "pay"), pair("bank", "p.y")]);
    assert_eq!(alone.published("bank", "pay"), beside.published("bank", "pay"));
    assert_eq!(beside.owner("bank__pay"), Some(("bank", "pay")));
}

#[test]
fn long_names_are_cut_with_a_hash() {
    let (one, two) = ("t".repeat(100), format!("{}x", "t".repeat(99)));
    let names = Names::new([pair("s", &one), pair("s", &two)]);
    let (first, second) = (names.published("s", &one).unwrap(), names.published("s", &two).unwrap());
    assert!(first.len() == LONGEST && second.len() == LONGEST && first != second);
}

#[test]
fn a_tool_that_bears_the_hashed_name_of_another_does_not_take_it() {
    let hashed = Names::new([pair("s.", "a"), pair("s,", "a")]).published("s.", "a").unwrap().to_owned();
    let (server, tool) = hashed.split_once(SEPARATOR).unwrap();
    let names = Names::new([pair("s.", "a"), pair("s,", "a"), pair(server, tool)]);
    let all: BTreeSet<&str> =
        ["s.", "s,"].iter().map(|server| names.published(server, "a").unwrap()).collect();
    assert_eq!(all.len(), 2);
    assert!(names.published(server, tool).is_some_and(|name| !all.contains(name)));
}

proptest! {
    #[test]
    fn every_pair_has_a_valid_name_of_its_own_whatever_the_order(
        pairs in prop::collection::hash_set(("[ab_.é-]{1,6}", "([ab_.é]{1,6}|[a]{55,80})"), 0..40),
    ) {
        let names = Names::new(pairs.iter().cloned());
        let mut ordered: Vec<Pair> = pairs.iter().cloned().collect();
        ordered.sort();
        prop_assert_eq!(&Names::new(ordered), &names);
        for (server, tool) in &pairs {
            let name = names.published(server, tool).unwrap();
            prop_assert!((1..=LONGEST).contains(&name.len()) && name.bytes().all(is_allowed), "{}", name);
            prop_assert_eq!(names.owner(name), Some((server.as_str(), tool.as_str())));
        }
    }
}
