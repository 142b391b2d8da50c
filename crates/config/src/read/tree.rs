//! The text as a tree whose nodes know where they stand.

use jsonc_parser::ast::Value as Ast;
use jsonc_parser::common::Ranged as _;
use jsonc_parser::errors::ParseErrorKind as Kind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

use crate::{ConfigError, Position};

/// The mark that some editors put in front of UTF-8 text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A value and where it stands (byte offsets into the whole text).
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) value: NodeValue,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(crate) enum NodeValue {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Property>),
}

/// A key with its value; `start` is where the key begins.
#[derive(Debug, Clone)]
pub(crate) struct Property {
    pub(crate) start: usize,
    pub(crate) key: String,
    pub(crate) value: Node,
}

impl Node {
    /// The properties, if it is an object.
    pub(crate) fn properties(&self) -> Option<&[Property]> {
        match &self.value {
            NodeValue::Object(properties) => Some(properties),
            _ => None,
        }
    }

    /// The value under a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.properties()?.iter().find(|property| property.key == key).map(|property| &property.value)
    }

    /// The same without places.
    pub(crate) fn to_value(&self) -> Value {
        match &self.value {
            NodeValue::Null => Value::Null,
            NodeValue::Bool(value) => Value::Bool(*value),
            NodeValue::Number(text) => {
                text.parse().map(Value::Number).unwrap_or_else(|_| Value::String(text.clone()))
            }
            NodeValue::Text(text) => Value::String(text.clone()),
            NodeValue::List(items) => Value::Array(items.iter().map(Node::to_value).collect()),
            NodeValue::Object(properties) => Value::Object(
                properties.iter().map(|property| (property.key.clone(), property.value.to_value())).collect(),
            ),
        }
    }
}

/// Parses JSON with comments and trailing commas; `None` when there is no value in the text.
pub(crate) fn parse(text: &str) -> Result<Option<Node>, ConfigError> {
    let skipped = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    match parse_to_ast(&text[skipped..], &CollectOptions::default(), &options) {
        Ok(result) => Ok(result.value.map(|value| node(value, skipped))),
        Err(error) => Err(ConfigError::Syntax {
            at: Position::of(text, error.range().start + skipped),
            expected: describe(error.kind()),
        }),
    }
}

fn node(value: Ast<'_>, shift: usize) -> Node {
    let range = value.range();
    let value = match value {
        Ast::NullKeyword(_) => NodeValue::Null,
        Ast::BooleanLit(literal) => NodeValue::Bool(literal.value),
        Ast::NumberLit(literal) => NodeValue::Number(literal.value.to_owned()),
        Ast::StringLit(literal) => NodeValue::Text(literal.value.into_owned()),
        Ast::Array(array) => {
            NodeValue::List(array.elements.into_iter().map(|element| node(element, shift)).collect())
        }
        Ast::Object(object) => NodeValue::Object(
            object
                .properties
                .into_iter()
                .map(|property| Property {
                    start: property.range.start + shift,
                    key: property.name.into_string(),
                    value: node(property.value, shift),
                })
                .collect(),
        ),
    };
    Node { start: range.start + shift, end: range.end + shift, value }
}

/// What is wrong, as it is said to people after the place.
fn describe(kind: &Kind) -> &'static str {
    match kind {
        Kind::UnterminatedArray => "a closing bracket ] is missing",
        Kind::UnterminatedObject => "a closing brace } is missing",
        Kind::UnterminatedCommentBlock => "this comment has no end, */ is missing",
        Kind::ExpectedComma => "a comma is missing",
        Kind::ExpectedColonAfterObjectKey => "a colon is missing after the key",
        Kind::ExpectedObjectValue => "a value is missing after the colon",
        Kind::ExpectedStringObjectProperty => "a key in double quotes is missing",
        Kind::SingleQuotedStringsNotAllowed => "text stands in double quotes, not single ones",
        Kind::UnexpectedCloseBrace => {
            "this closing brace } does not belong here, or a value is missing before it"
        }
        Kind::UnexpectedCloseBracket => {
            "this closing bracket ] does not belong here, or a value is missing before it"
        }
        Kind::UnexpectedColon => "this colon does not belong here",
        Kind::UnexpectedComma => "this comma does not belong here",
        Kind::UnexpectedWord => "only true, false, null, a number or text in double quotes may stand here",
        Kind::UnexpectedToken | Kind::UnexpectedTokenInObject => "this character does not belong here",
        Kind::MultipleRootJsonValues => "something follows after the end of the configuration",
        Kind::NestingDepthExceeded => "brackets are nested too deeply",
        Kind::String(_) => "this text is not closed, or has an escape that JSON does not know",
        Kind::BareDecimalPointNumbersNotAllowed
        | Kind::ExpectedDigit
        | Kind::ExpectedDigitFollowingNegativeSign
        | Kind::ExpectedPlusMinusOrDigitInNumberLiteral
        | Kind::HexadecimalNumbersNotAllowed
        | Kind::NonFiniteNumbersNotAllowed
        | Kind::UnaryPlusNumbersNotAllowed => "this is no number as JSON writes them",
        Kind::CommentsNotAllowed | Kind::TrailingCommasNotAllowed => "this cannot be read",
    }
}
