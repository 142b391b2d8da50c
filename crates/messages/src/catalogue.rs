//! The catalogue of sentences, built once from the embedded file.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// The catalogue as it stands in the repository.
pub(crate) const SOURCE: &str = include_str!("../../../locales/en.ftl");

/// A constant that has to be computed: nothing ever changes it.
static CATALOGUE: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| {
    let english = "en".parse::<LanguageIdentifier>().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![english]);
    // Direction marks would end up in logs, terminals and tests.
    bundle.set_use_isolating(false);
    // A message that does not parse is left out and shows as its code; a test keeps the file clean.
    let resource = FluentResource::try_new(SOURCE.to_owned()).unwrap_or_else(|(partial, _)| partial);
    bundle.add_resource_overriding(resource);
    bundle
});

/// The sentence for a code, filled with its fields; the code itself if nobody wrote a sentence for it.
pub fn render(code: &str, fields: &[(&str, &str)]) -> String {
    text(code, None, fields).unwrap_or_else(|| code.to_owned())
}

/// The one or two words that stand beside a state's glyph.
pub fn word(code: &str) -> String {
    text(code, Some("word"), &[]).unwrap_or_else(|| code.to_owned())
}

/// What a button or the terminal calls an action, by the action's id.
pub fn action(id: &str, fields: &[(&str, &str)]) -> String {
    text(&format!("action_{id}"), None, fields).unwrap_or_else(|| id.to_owned())
}

/// The command in the terminal that does what the action of this code does, if there is one.
pub fn hint(code: &str, fields: &[(&str, &str)]) -> Option<String> {
    text(code, Some("hint"), fields)
}

/// The message, or the first of its shorter forms whose fields all have values.
fn text(id: &str, attribute: Option<&str>, fields: &[(&str, &str)]) -> Option<String> {
    let message = CATALOGUE.get_message(id)?;
    let mut arguments = FluentArgs::with_capacity(fields.len());
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        arguments.set(*name, argument(value));
    }
    let part = |name| message.get_attribute(name).map(|attribute| attribute.value());
    let forms = match attribute {
        Some(attribute) => vec![part(attribute)?],
        None => [message.value(), part("short"), part("plain")].into_iter().flatten().collect(),
    };
    let mut last = None;
    for pattern in forms {
        let mut problems = Vec::new();
        let text = CATALOGUE.format_pattern(pattern, Some(&arguments), &mut problems);
        if problems.is_empty() {
            return Some(text.into_owned());
        }
        last = Some(without_gaps(&text));
    }
    last
}

/// Puts an ellipsis where a field without a value has left its name.
fn without_gaps(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{$") {
        result.push_str(before);
        result.push('…');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    result + rest
}

/// Whole numbers choose the plural; everything else, `1.0` and `20.10` above all, stays as it is written.
fn argument(value: &str) -> FluentValue<'_> {
    let plain = value.len() < 16 && value.bytes().all(|byte| byte.is_ascii_digit());
    match value.parse::<u64>() {
        Ok(number) if plain && (value == "0" || !value.starts_with('0')) => FluentValue::from(number),
        _ => FluentValue::from(value),
    }
}

#[cfg(test)]
mod tests;
