//! Random JSON as text: odd spacing, escapes, numbers that no float holds, keys that repeat.

use proptest::prelude::*;

fn space() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "", "", " ", "  ", "\t"])
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?",
        Just("1.0".to_owned()),
        Just("-0".to_owned()),
        Just("9223372036854775808".to_owned()),
    ]
}

/// The inside of a string token.
pub(crate) fn key_text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            "[a-zA-Z0-9 _:,{}\\[\\]]",
            "[à-ÿ漢字🎉]",
            prop::sample::select(vec!["\\\"", "\\\\", "\\n", "\\/", "\\u00e9", "\\ud83c\\udf89"])
                .prop_map(str::to_owned),
        ],
        0..24,
    )
    .prop_map(|parts| parts.concat())
}

/// A JSON value as text.
pub(crate) fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        number(),
        key_text().prop_map(|text| format!("\"{text}\"")),
        prop::sample::select(vec!["true", "false", "null", "{}", "[ ]"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let element = (space(), inner.clone(), space()).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        let member = (space(), key_text(), space(), inner, space())
            .prop_map(|(a, key, b, value, c)| format!("{a}\"{key}\"{b}:{value}{c}"));
        prop_oneof![
            prop::collection::vec(element, 0..6).prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec(member, 0..6).prop_map(|all| format!("{{{}}}", all.join(","))),
        ]
    })
}
