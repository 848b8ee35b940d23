//! JSON values and texts that a client could send: good, bad and absurd ones.

use std::fmt;

use proptest::{collection::vec, prelude::*, sample::select};
use testing::names;

/// A JSON text in parts. `serde_json` could not hold all of it: lone surrogates, `1e400`, repeated names.
#[derive(Clone)]
pub(crate) enum Json {
    Raw(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raw(json) => f.write_str(json),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", items.join(","))
            }
            Self::Object(members) => {
                let member = |(name, value): &(String, Json)| format!("{}:{value}", quoted(name));
                write!(f, "{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
            }
        }
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&short(&self.to_string()))
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Returns the beginning of a text for a failure's report; the seed reproduces the whole.
pub(crate) fn short(text: &str) -> String {
    let beginning: String = text.chars().take(400).collect();
    let more = text.chars().count().saturating_sub(400);
    if more == 0 { beginning } else { format!("{beginning}… and {more} more characters") }
}

/// Pieces that could escape quotes, confuse a reader, or be counted wrong.
const PIECES: [&str; 36] = [
    "'",
    "\\",
    "\"",
    " OR ",
    " AND ",
    "NOT",
    "=",
    "<>",
    "(",
    ")",
    "{",
    "}",
    "[",
    ":",
    ",",
    "/",
    "..",
    "%00",
    "%27",
    "+",
    "&",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{200b}",
    "\u{202e}",
    "\u{feff}",
    "\u{ffff}",
    "e\u{301}",
    "ä",
    "🎮",
    "👩‍👩‍👧",
    "a",
];

/// Lengths around GameLift's and Liftgate's limits.
const LENGTHS: [usize; 21] =
    [1, 25, 32, 33, 48, 49, 64, 65, 96, 97, 128, 129, 255, 256, 512, 513, 1023, 1024, 1025, 8000, 8001];

pub(crate) fn text() -> BoxedStrategy<String> {
    let pieces = || vec(select(&PIECES[..]), 0..8).prop_map(|pieces| pieces.concat());
    let character = || select(vec!["x", "é", "🎮", "\u{200b}", "\u{202e}", "'", "\\", "\0", "\"", " "]);
    let long = move |length: usize, character: &str| character.repeat(length);
    prop_oneof![
        40 => pieces(),
        20 => "[a-zA-Z0-9-]{1,40}",
        20 => any::<String>().prop_map(|text| text.chars().take(60).collect()),
        20 => (select(&LENGTHS[..]), character()).prop_map(move |(length, one)| long(length, one)),
        1 => (select(vec![262_144, 262_145, 1_000_001]), select(vec!["x", "é"])).prop_map(move |(n, one)| long(n, one)),
    ]
    .boxed()
}

/// Values that are not plain text.
const ODD: [&str; 43] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "4",
    "4.0",
    "200",
    "201",
    "-1",
    "2.5",
    "1e2",
    "1e9",
    "1e308",
    "1e-400",
    "123456789012345678901234567890",
    "9007199254740993",
    "2147483647",
    "2147483648",
    "-2147483649",
    "18446744073709551616",
    "0.1e1",
    "\"4\"",
    "\" 4 \"",
    "\"4.0\"",
    "\"1e2\"",
    "\"NaN\"",
    "\"inf\"",
    "\"-infinity\"",
    "\"-0\"",
    "\"0x10\"",
    "\"1e400\"",
    "\"\\u0000\"",
    "\"\\ud83c\\udfae\"",
    "\"\"",
    "{}",
    "[]",
    "[null]",
    "[\"\"]",
    "[[]]",
    "{\"\":{}}",
    "{\"\":\"\"}",
];

/// Texts that `serde_json` refuses as JSON or as a number.
const BROKEN: [&str; 14] = [
    "1e400",
    "-1e400",
    "NaN",
    "Infinity",
    "01",
    "+1",
    ".5",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\x\"",
    "\"\n\"",
    "'a'",
    "[1,]",
    "",
];

fn nested() -> BoxedStrategy<Json> {
    (select(vec![2_usize, 20, 126, 127, 128, 129, 4000]), any::<bool>())
        .prop_map(|(depth, objects)| {
            let (open, close) = if objects { ("{\"a\":", "}") } else { ("[", "]") };
            Json::Raw(format!("{}0{}", open.repeat(depth), close.repeat(depth)))
        })
        .boxed()
}

/// Returns any value, of bounded size.
pub(crate) fn any_json() -> BoxedStrategy<Json> {
    let leaf = prop_oneof![
        30 => select(&ODD[..]).prop_map(|json| Json::Raw(json.to_owned())),
        30 => text().prop_map(Json::Text),
        1 => select(&BROKEN[..]).prop_map(|json| Json::Raw(json.to_owned())),
        1 => nested(),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![vec(inner.clone(), 0..6).prop_map(Json::List), vec((name(), inner), 0..6).prop_map(Json::Object),]
    })
    .boxed()
}

fn name() -> BoxedStrategy<String> {
    prop_oneof![2 => select(names::members()).prop_map(str::to_owned), 1 => text()].boxed()
}
