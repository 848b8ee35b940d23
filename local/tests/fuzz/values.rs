//! JSON values and texts that a client could send: good ones, bad ones, absurd ones.

use std::fmt;

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};

/// A JSON text by its parts. `serde_json` could not hold all of it: lone surrogates, `1e400`, a name twice.
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

/// The beginning of a text, for a failure's report; the seed has the whole of it.
pub(crate) fn short(text: &str) -> String {
    let beginning: String = text.chars().take(400).collect();
    let more = text.chars().count().saturating_sub(400);
    if more == 0 { beginning } else { format!("{beginning}… and {more} more characters") }
}

/// What could get out of quotes, confuse a reader, or be counted wrong.
const PIECES: [&str; 36] = [
    "'", "\\", "\"", " OR ", " AND ", "NOT", "=", "<>", "(", ")", "{", "}", "[", ":", ",", "/", "..", "%00", "%27", "+",
    "&", "\n", "\r\n", "\t", "\0", "\u{1b}[31m", "\u{7f}", "\u{200b}", "\u{202e}", "\u{feff}", "\u{ffff}", "e\u{301}",
    "ä", "🎮", "👩‍👩‍👧", "a",
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
    ].boxed()
}

/// Values that are no plain text.
const ODD: [&str; 43] = [
    "null", "true", "false", "0", "-0", "1", "4", "4.0", "200", "201", "-1", "2.5", "1e2", "1e9", "1e308",
    "1e-400", "123456789012345678901234567890", "9007199254740993", "2147483647", "2147483648",
    "-2147483649", "18446744073709551616", "0.1e1", "\"4\"", "\" 4 \"", "\"4.0\"", "\"1e2\"", "\"NaN\"", "\"inf\"",
    "\"-infinity\"", "\"-0\"", "\"0x10\"", "\"1e400\"", "\"\\u0000\"", "\"\\ud83c\\udfae\"", "\"\"", "{}", "[]", "[null]", "[\"\"]",
    "[[]]", "{\"\":{}}", "{\"\":\"\"}",
];

/// What `serde_json` takes for no JSON, or no number.
const BROKEN: [&str; 14] = [
    "1e400", "-1e400", "NaN", "Infinity", "01", "+1", ".5", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\x\"", "\"\n\"", "'a'", "[1,]", "",
];

fn nested() -> BoxedStrategy<Json> {
    (select(vec![2_usize, 20, 126, 127, 128, 129, 4000]), any::<bool>()).prop_map(|(depth, objects)| {
        let (open, close) = if objects { ("{\"a\":", "}") } else { ("[", "]") };
        Json::Raw(format!("{}0{}", open.repeat(depth), close.repeat(depth)))
    }).boxed()
}

/// Any value, of bounded size.
pub(crate) fn any_json() -> BoxedStrategy<Json> {
    let leaf = prop_oneof![
        30 => select(&ODD[..]).prop_map(|json| Json::Raw(json.to_owned())),
        30 => text().prop_map(Json::Text),
        1 => select(&BROKEN[..]).prop_map(|json| Json::Raw(json.to_owned())),
        1 => nested(),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Json::List),
            vec((name(), inner), 0..6).prop_map(Json::Object),
        ]
    }).boxed()
}

fn name() -> BoxedStrategy<String> {
    prop_oneof![2 => select(&FIELDS[..]).prop_map(str::to_owned), 1 => text()].boxed()
}

/// Every field that some route reads.
const FIELDS: [&str; 14] = [
    "session_name", "num_connections", "uuid", "uuids", "location", "game_properties", "game_session_data",
    "latencies_ms", "build_id", "filter", "GameSessionId", "PlacementId", "signal_request", "stream_session_id",
];

/// A field of a body with a value, mostly one that fits.
pub(crate) fn field() -> BoxedStrategy<(String, Json)> {
    select(&FIELDS[..]).prop_flat_map(|field| {
        let value = prop_oneof![5 => fitting(field), 1 => any_json()];
        (Just(field.to_owned()), value)
    }).boxed()
}

fn fitting(field: &'static str) -> BoxedStrategy<Json> {
    let text_of = |choices: &[&'static str]| select(choices.to_vec()).prop_map(|text| Json::Text(text.to_owned()));
    match field {
        "num_connections" => (1..=200_u8, 0..3_u8)
            .prop_map(|(players, how)| {
                Json::Raw(match how {
                    0 => players.to_string(),
                    1 => format!("{players}.0"),
                    _ => format!("\"{players}\""),
                })
            })
            .boxed(),
        "uuid" => prop_oneof![player().prop_map(Json::Text), text().prop_map(Json::Text)].boxed(),
        "uuids" => vec(prop_oneof![4 => player(), 1 => text()], 0..28)
            .prop_map(|players| Json::List(players.into_iter().map(Json::Text).collect()))
            .boxed(),
        "location" => text_of(&["custom-a", "custom-b", "us-west-2", "custom-c", "Custom-A", "münchen", "a b"]).boxed(),
        "game_properties" => {
            let key = prop_oneof![3 => select(vec!["map".to_owned(), "mode".to_owned(), "odd.key".to_owned(), String::new()]), 1 => "[a-zA-Z0-9_-]{1,33}", 1 => text()];
            vec((key, prop_oneof![2 => text_of(&["Forest", ""]).boxed(), 1 => text().prop_map(Json::Text).boxed()]), 0..18)
                .prop_map(Json::Object)
                .boxed()
        }
        "latencies_ms" => {
            let region = prop_oneof![2 => Just("us-west-2".to_owned()), 1 => text()];
            let number = prop_oneof![
                30 => select(vec!["0", "20", "90.5", "\"17\"", "100000", "1e-9", "-0"]),
                1 => select(vec!["100001", "-1", "\"NaN\"", "\"inf\"", "null"]),
            ];
            vec((region, number.prop_map(|number| Json::Raw(number.to_owned()))), 0..12).prop_map(Json::Object).boxed()
        }
        "build_id" => select(vec!["1001", "-88", "\"1001\"", "1001.0", "7"]).prop_map(|id| Json::Raw(id.to_owned())).boxed(),
        "filter" => vec(parameter().prop_map(|(name, value)| (name, Json::Text(value))), 0..6)
            .prop_map(Json::Object)
            .boxed(),
        "GameSessionId" => text_of(&[
            "$GAME_SESSION",
            "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/open-0",
            "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/gsess-nobody",
            "arn:aws:gamelift:eu-west-1::gamesession/fleet-of-somebody-else/gsess-1",
            "arn:aws:gamelift:us-west-2::gamesession/",
            "arn::gamelift::gamesession/",
        ])
        .boxed(),
        "PlacementId" => text_of(&["$PLACEMENT", "placement-1", "-"]).boxed(),
        "signal_request" => prop_oneof![Just(offer()), changed_offer()].prop_map(Json::Text).boxed(),
        "stream_session_id" => text_of(&[
            "$STREAM",
            "stranger",
            "nobody",
            "arn:aws:gameliftstreams:us-west-2:111122223333:streamsession/sg-1/stranger",
            "/",
        ])
        .boxed(),
        _ => text().prop_map(Json::Text).boxed(),
    }
}

pub(crate) fn player() -> BoxedStrategy<String> {
    (1..30_u8).prop_map(|number| format!("player-{number}")).boxed()
}

/// The secret part of [`offer`].
pub(crate) const ICE_PASSWORD: &str = "2ESHh2egta4PGhB7adq23Awe";

/// A usable WebRTC offer.
pub(crate) fn offer() -> String {
    let stored: serde_json::Value = serde_json::from_str(&testing::events::event("reconnect_stream.start")).unwrap();
    let body: serde_json::Value = serde_json::from_str(stored["body"].as_str().unwrap()).unwrap();
    body["signal_request"].as_str().unwrap().to_owned()
}

fn changed_offer() -> BoxedStrategy<String> {
    (any::<Index>(), text()).prop_map(|(at, text)| {
        let mut offer: Vec<_> = offer().chars().collect();
        let at = at.index(offer.len());
        offer.splice(at..=at, text.chars());
        offer.into_iter().collect()
    }).boxed()
}

/// A parameter of `find_session`.
pub(crate) fn parameter() -> BoxedStrategy<(String, String)> {
    let number = || select(vec!["1", "2.0", "20", "100", "101", "200", "201", "0", "-1", "1e2", "NaN", " 3 ", "", "0x1"]);
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    prop_oneof![
        (select(vec!["limit", "min_free_slots", "build_id"]), number()).prop_map(owned),
        (Just("build_id"), select(vec!["1001", "-88"])).prop_map(owned),
        (Just("sort"), select(vec!["newest", "fullest", "emptiest", "oldest", ""])).prop_map(owned),
        (Just("location"), select(vec!["custom-a", "custom-b", "us-west-2", "custom-c", "a'b"])).prop_map(owned),
        (Just("name".to_owned()), prop_oneof![Just("Bob's \\ \"Session\"".to_owned()), text()]),
        (property(), prop_oneof![Just("Forest".to_owned()), text()]),
        (property(), prop_oneof![Just("Forest".to_owned()), text()]),
        (Just("next_token".to_owned()), token()),
        (text(), text()),
        (select(vec!["limit", "min_free_slots", "build_id", "sort", "location", "name"]).prop_map(str::to_owned), text()),
    ].boxed()
}

fn property() -> BoxedStrategy<String> {
    let key = prop_oneof![3 => Just("map".to_owned()), 2 => "[A-Za-z0-9_-]{1,33}", 1 => text()];
    key.prop_map(|key| format!("property.{key}")).boxed()
}

/// What a test replaces before the token of the page before is sent: its page is changed.
pub(crate) const TOKEN_PAGES: [&str; 5] = ["null", "\"\"", "\"page-1\"", "\"gone\"", "\"LONG\""];

/// A token of ours, perhaps changed, or none.
pub(crate) fn token() -> BoxedStrategy<String> {
    prop_oneof![
        3 => Just("$TOKEN".to_owned()),
        3 => (select(&TOKEN_PAGES[..]), select(vec!["0", "7", "20", "18446744073709551615", "-1", "1.5"]))
            .prop_map(|(page, consumed)| format!("$TOKEN {page} {consumed}")),
        1 => any::<Index>().prop_map(|at| format!("$TOKEN cut {}", at.index(200))),
        1 => select(vec!["e30", "e30=", "bnVsbA", "eyJzIjoiIiwidCI6W119", "AAAA", "-", "%"]).prop_map(str::to_owned),
        1 => text(),
    ].boxed()
}
