//! Values that came from references stay hidden wherever the launcher moved them: into a package name, a word of the
//! preparing script, a refusal.

use mcpproxy_secrets::Secret;

use crate::refusal::Refusal;
use crate::spec::{MASK, ServerSpec, Text};

/// Shorter values occur everywhere by chance; hiding them would hide the sentence.
const LEAST: usize = 4;

/// The secret words of one server.
pub(super) struct Hidden<'a>(Vec<&'a str>);

impl<'a> Hidden<'a> {
    pub(super) fn of(spec: &'a ServerSpec) -> Self {
        let args = spec.args.iter().filter(|word| word.is_secret());
        let mut values: Vec<&str> = args.map(Text::expose).filter(|value| value.len() >= LEAST).collect();
        // The longest first, so that no rest of it stays.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Self(values)
    }

    /// The text as it may be printed. A piece of a secret line is as secret as the line.
    pub(super) fn text(&self, text: &str) -> String {
        if text.len() >= LEAST && self.0.iter().any(|value| value.contains(text)) {
            return MASK.to_owned();
        }
        self.0.iter().fold(text.to_owned(), |text, value| text.replace(value, MASK))
    }

    pub(super) fn words(&self, words: &[Text]) -> Vec<Text> {
        let hide = |word: &Text| match word {
            Text::Plain(text) => {
                let shown = self.text(text);
                if shown == *text { word.clone() } else { Text::Partly { shown, value: Secret::new(text) } }
            }
            Text::Secret(_) | Text::Partly { .. } => word.clone(),
        };
        words.iter().map(hide).collect()
    }

    pub(super) fn refusal(&self, refusal: Refusal) -> Refusal {
        if self.0.is_empty() { refusal } else { refusal.map(|text| self.text(&text)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::plan;
    use crate::policy::Policy;
    use crate::testing::{facts, server};

    fn with_secret(line: &str, secret: &str) -> ServerSpec {
        let mut spec = server(line);
        spec.args.push(Text::secret(secret));
        spec
    }

    #[test]
    fn a_package_from_a_reference_is_installed_and_never_printed() {
        for line in ["uvx --from", "npx -y", "uvx --with", "npx -p"] {
            let mut spec = with_secret(line, "private-package==1.0");
            spec.args.push(Text::plain("run"));
            let plan = plan(&spec, &Policy::default(), &facts()).unwrap();
            assert!(
                !format!("{plan:?}{:?}", crate::explain::explain(&plan)).contains("private-package"),
                "{line}"
            );
            let argv = &plan.prepare_container().unwrap().argv;
            assert!(argv.iter().any(|word| word.expose().starts_with("private-package")), "{line}");
        }
    }

    #[test]
    fn a_refusal_hides_what_came_from_a_reference() {
        for line in ["uvx --from", "uvx", "uvx -q"] {
            let spec = with_secret(line, "git+https://token-abc@example.com/x");
            let refusal = plan(&spec, &Policy::default(), &facts()).unwrap_err();
            assert!(!format!("{refusal:?} {refusal}").contains("token-abc"), "{line}");
        }
        let plain = plan(&server("uvx git+https://u:token-abc@example.com/x"), &Policy::default(), &facts());
        assert!(!format!("{plain:?}").contains("token-abc"), "an address shows no user-info");
    }

    #[test]
    fn pieces_of_a_secret_line_are_hidden_too() {
        let spec = with_secret("sh -c", "uvx --from private-package serve");
        let plan = plan(&spec, &Policy::default(), &facts()).unwrap();
        assert!(!format!("{plan:?}").contains("private-package"));
    }
}
