//! Names of containers. They are for people only: nothing is ever found or removed by its name.

/// The longest part of a server's name that goes into its container's.
const SLUG: usize = 30;
/// Letters and digits that cannot be mistaken for each other.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// `mcpproxy-SLUG-XXXX`, new each time.
pub(crate) fn of_server(server: &str) -> String {
    format!("mcpproxy-{}-{}", slug(server), random_suffix())
}

/// Four random letters.
pub(crate) fn random_suffix() -> String {
    let mut random = [0; 4];
    // Without randomness the name may be taken, and the caller tries again or says so.
    let _ = getrandom::fill(&mut random);
    random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// What an engine accepts in a name: lower-case letters, digits, single dashes.
pub(crate) fn slug(server: &str) -> String {
    let mut slug = String::new();
    for letter in server.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() == SLUG {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "server".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_name_is_one_that_engines_accept(server in any::<String>()) {
            let name = of_server(&server);
            prop_assert!(name.len() <= 63);
            prop_assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
        }
    }

    #[test]
    fn a_name_without_a_usable_letter_still_gets_one() {
        assert_eq!(slug("日本"), "server");
        assert_eq!(slug("GitHub: Issues!"), "github-issues");
    }
}
