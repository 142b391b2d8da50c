use proptest::prelude::*;

use super::*;
use crate::Sources;

fn sources() -> Sources {
    Sources::new([("TOKEN".to_owned(), "t0ken".to_owned()), ("EMPTY".to_owned(), String::new())])
}

fn resolved(text: &str) -> Result<String, ResolveError> {
    resolve(text, &sources()).map(|secret| secret.expose().to_owned())
}

#[test]
fn references_are_found_anywhere_and_named_once() {
    let text = "a ${env:A}-${keyring:b c}${env:A} ${other:x} ${env:} ${:x} $ {env:y} ${env:C";
    assert_eq!(references(text), [Reference::Env("A".to_owned()), Reference::Keyring("b c".to_owned())]);
}

#[test]
fn several_references_in_one_text_are_replaced() {
    assert_eq!(resolved("Bearer ${env:TOKEN}/${env:TOKEN}.").unwrap(), "Bearer t0ken/t0ken.");
}

#[test]
fn a_missing_variable_is_named() {
    for name in ["ABSENT", "EMPTY"] {
        let error = resolved(&format!("x${{env:{name}}}")).unwrap_err();
        assert_eq!(error.code(), "variable_missing");
        assert_eq!(error.to_string(), format!("${{env:{name}}} has no value: it is not set."));
        assert_eq!(error.fields()[0], ("secret", name.to_owned()));
    }
}

#[test]
fn a_missing_keyring_entry_is_named() {
    let error = resolved("${keyring:github}").unwrap_err();
    assert_eq!(error.to_string(), "${keyring:github} has no value: it is not set.");
}

#[test]
fn an_unknown_source_is_an_error_and_not_a_text() {
    assert_eq!(resolved("${vault:x}").unwrap_err().code(), "secret_source_unknown");
}

#[test]
fn what_only_resembles_a_reference_stays() {
    for text in ["${TOKEN}", "$TOKEN", "${env:", "${}", "a}b", "${:}", "$${"] {
        assert_eq!(resolved(text).unwrap(), text);
    }
}

proptest! {
    #[test]
    fn a_text_without_references_is_its_own_value(text in "[^$]{0,60}") {
        prop_assert_eq!(resolved(&text).unwrap(), text);
    }

    #[test]
    fn a_reference_reads_back_as_it_prints(name in "[A-Za-z0-9_. -]{1,20}") {
        for reference in [Reference::Env(name.clone()), Reference::Keyring(name.clone())] {
            prop_assert_eq!(references(&reference.to_string()), vec![reference]);
        }
    }

    #[test]
    fn no_text_makes_the_scanner_panic(text in "[${}:envkyrig é]{0,40}") {
        let _ = references(&text);
        let _ = resolved(&text);
    }
}
