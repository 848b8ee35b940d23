//! Fields of bodies and parameters of queries, mostly such as a route accepts.

use std::collections::BTreeSet;

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};
use testing::names::{self, STREAM};

use crate::fuzz::values::{Json, any_json, text};

/// Returns a field of a body with a value, mostly a valid one.
pub(crate) fn field() -> BoxedStrategy<(String, Json)> {
    select(names::members())
        .prop_flat_map(|field| {
            let value = prop_oneof![5 => fitting(field), 1 => any_json()];
            (Just(field.to_owned()), value)
        })
        .boxed()
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
            vec(
                (key, prop_oneof![2 => text_of(&["Forest", ""]).boxed(), 1 => text().prop_map(Json::Text).boxed()]),
                0..18,
            )
            .prop_map(object)
            .boxed()
        }
        "latencies_ms" => {
            let region = prop_oneof![2 => Just("us-west-2".to_owned()), 1 => text()];
            let number = prop_oneof![
                30 => select(vec!["0", "20", "90.5", "\"17\"", "100000", "1e-9", "-0"]),
                1 => select(vec!["100001", "-1", "\"NaN\"", "\"inf\"", "null"]),
            ];
            vec((region, number.prop_map(|number| Json::Raw(number.to_owned()))), 0..12).prop_map(object).boxed()
        }
        "build_id" => {
            select(vec!["1001", "-88", "\"1001\"", "1001.0", "7"]).prop_map(|id| Json::Raw(id.to_owned())).boxed()
        }
        "filter" => {
            let member = prop_oneof![12 => criterion(), 1 => parameter()];
            vec(member.prop_map(|(name, value)| (name, Json::Text(value))), 0..6).prop_map(object).boxed()
        }
        "GameSessionId" => text_of(&[
            "$GAME_SESSION",
            "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/open-0",
            "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/gsess-nobody",
            "arn:aws:gamelift:eu-west-1::gamesession/fleet-of-somebody-else/gsess-1",
            "arn:aws:gamelift:us-west-2::gamesession/",
            "arn::gamelift::gamesession/",
        ])
        .boxed(),
        "GameServerId" | "game_server_id" => {
            text_of(&["$GAME_SERVER", "arena-0", "arena-1", "arena-3", "arena-7", "arena-nobody", "ab", "a_b"]).boxed()
        }
        "game_server_group_name" => text_of(&["arena", "arena", "duel", "Arena", "local-group"]).boxed(),
        "instance_id" => text_of(&[
            "i-0123456789abcdef0",
            "i-0123456789abcdef0",
            "i-ffffffffffffffff0",
            "i-0",
            "i-0123456789abcdef-",
        ])
        .boxed(),
        "connection_info" => text_of(&[
            "203.0.113.9:7777",
            "[2001:db8::9]:7777",
            "play.example.com:7777",
            "203.0.113.9",
            ":1",
            "{}",
            r#"{"IpAddress":"203.0.113.9","Port":7777}"#,
        ])
        .boxed(),
        "utilization_status" => text_of(&["AVAILABLE", "UTILIZED", "UTILIZED", "utilized", ""]).boxed(),
        "health_check" => text_of(&["HEALTHY", "SICK"]).boxed(),
        "game_server_data" => prop_oneof![
            text_of(&[r#"{"MaximumPlayerSessionCount":4,"SessionKey":"k"}"#, "ready", " "]).boxed(),
            text().prop_map(Json::Text).boxed(),
        ]
        .boxed(),
        "configuration" => text_of(&["duel", "duel", "arena", ""]).boxed(),
        "attributes" => {
            let name = prop_oneof![6 => Just("mode".to_owned()), 1 => text()];
            let value = prop_oneof![3 => text().prop_map(Json::Text), 1 => any_json()];
            vec((name, value), 0..3).prop_map(object).boxed()
        }
        "TicketId" => text_of(&["$TICKET", TICKET, "ticket-of-others", "ticket-nobody", "-"]).boxed(),
        "accept" => {
            select(vec!["true", "false", "\"true\"", "1"]).prop_map(|accept| Json::Raw(accept.to_owned())).boxed()
        }
        "PlacementId" => text_of(&["$PLACEMENT", "placement-1", "-"]).boxed(),
        "signal_request" => prop_oneof![
            4 => Just(offer()),
            4 => changed_offer(),
            1 => Just("NO_CLIENT_CONNECTION".to_owned()),
        ]
        .prop_map(Json::Text)
        .boxed(),
        "intent" => text_of(&["auto", "new", "reconnect", "NEW", ""]).boxed(),
        "application" => {
            text_of(&["a-1", "arn:aws:gameliftstreams:us-west-2:111122223333:application/a-1", "a-2"]).boxed()
        }
        "locations" => vec(text_of(&["us-west-2", "eu-west-1", "ap-1", "mars"]), 0..4).prop_map(Json::List).boxed(),
        "description" => prop_oneof![text_of(&["A game", " a", "a:b"]), text().prop_map(Json::Text)].boxed(),
        "connection_timeout_seconds" | "session_length_seconds" => {
            select(vec!["1", "120", "120.0", "121", "0", "\"60\"", "43200", "43201"])
                .prop_map(|seconds| Json::Raw(seconds.to_owned()))
                .boxed()
        }
        "launch_args" => {
            let arg = prop_oneof![4 => Just("-map=Forest".to_owned()), 1 => text(), 1 => text().prop_map(|map| format!("-map={map}"))];
            vec(arg.prop_map(Json::Text), 0..103).prop_map(Json::List).boxed()
        }
        "environment" => {
            let name =
                prop_oneof![6 => "GAME_[A-Z]{1,4}", 1 => text(), 1 => text().prop_map(|name| format!("GAME_{name}"))];
            vec((name, text().prop_map(Json::Text)), 0..52).prop_map(object).boxed()
        }
        "stream" => {
            let more = select(&STREAM[..]).prop_flat_map(|name| (Just(name.to_owned()), fitting(name)));
            (fitting("signal_request"), vec(prop_oneof![12 => more.boxed(), 1 => (text(), any_json()).boxed()], 0..3))
                .prop_map(|(offer, more)| {
                    object(std::iter::once(("signal_request".to_owned(), offer)).chain(more).collect())
                })
                .boxed()
        }
        "share_performance_stats" => {
            select(vec!["true", "false", "\"true\"", "1"]).prop_map(|share| Json::Raw(share.to_owned())).boxed()
        }
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

/// Returns an object with each name once: a body with a repeated name is not read at all, and [`any_json`] has those.
fn object(members: Vec<(String, Json)>) -> Json {
    let mut names = BTreeSet::new();
    Json::Object(members.into_iter().filter(|(name, _)| names.insert(name.clone())).collect())
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
    (any::<Index>(), text())
        .prop_map(|(at, text)| {
            let mut offer: Vec<_> = offer().chars().collect();
            let at = at.index(offer.len());
            offer.splice(at..=at, text.chars());
            offer.into_iter().collect()
        })
        .boxed()
}

const NUMBERS: [&str; 14] = ["1", "2.0", "20", "100", "101", "200", "201", "0", "-1", "1e2", "NaN", " 3 ", "", "0x1"];

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Returns a criterion by which `find_session` and `filter` choose game sessions.
fn criterion() -> BoxedStrategy<(String, String)> {
    prop_oneof![
        (Just("min_free_slots"), select(&NUMBERS[..])).prop_map(owned),
        (Just("sort"), select(vec!["newest", "fullest", "emptiest", "oldest", ""])).prop_map(owned),
        (Just("location"), select(vec!["custom-a", "custom-b", "us-west-2", "custom-c", "a'b"])).prop_map(owned),
        (Just("name".to_owned()), prop_oneof![Just("Bob's \\ \"Session\"".to_owned()), text()]),
        (property(), prop_oneof![Just("Forest".to_owned()), text()]),
        (property(), prop_oneof![Just("Forest".to_owned()), text()]),
        (select(vec!["min_free_slots", "sort", "location", "name"]).prop_map(str::to_owned), text()),
    ]
    .boxed()
}

/// Returns a parameter of `find_session`.
pub(crate) fn parameter() -> BoxedStrategy<(String, String)> {
    prop_oneof![
        10 => criterion(),
        2 => (select(vec!["limit", "build_id"]), select(&NUMBERS[..])).prop_map(owned),
        1 => (Just("build_id"), select(vec!["1001", "-88"])).prop_map(owned),
        2 => (Just("next_token".to_owned()), token()),
        1 => (select(vec!["limit", "build_id"]).prop_map(str::to_owned), text()),
        1 => (text(), text()),
    ]
    .boxed()
}

/// The ticket of `player-1` that a case begins with.
pub(crate) const TICKET: &str = "ticket-1";

/// Returns a parameter of `describe_matchmaking`.
pub(crate) fn ticket_parameter() -> BoxedStrategy<(String, String)> {
    prop_oneof![
        6 => (Just("TicketId"), select(vec!["$TICKET", TICKET, TICKET, "ticket-of-others", "ticket-nobody", ""])).prop_map(owned),
        4 => (Just("uuid"), select(vec!["player-1", "player-1", "player-2", ""])).prop_map(owned),
        2 => (Just("wait"), select(&NUMBERS[..])).prop_map(owned),
        1 => parameter(),
    ]
    .boxed()
}

/// Returns a parameter of `game_servers`.
pub(crate) fn listing_parameter() -> BoxedStrategy<(String, String)> {
    prop_oneof![
        2 => (Just("limit"), select(&NUMBERS[..])).prop_map(owned),
        2 => (Just("sort_order"), select(vec!["ASCENDING", "DESCENDING", "newest"])).prop_map(owned),
        2 => (Just("game_server_id"), select(vec!["arena-1", "arena-nobody", "a_b", "$GAME_SERVER"])).prop_map(owned),
        2 => (Just("game_server_group_name"), select(vec!["arena", "duel"])).prop_map(owned),
        2 => (Just("next_token"), select(vec!["$SERVER_TOKEN", "3", "x"])).prop_map(owned),
        1 => parameter(),
    ]
    .boxed()
}

fn property() -> BoxedStrategy<String> {
    let key = prop_oneof![3 => Just("map".to_owned()), 2 => "[A-Za-z0-9_-]{1,33}", 1 => text()];
    key.prop_map(|key| format!("property.{key}")).boxed()
}

/// Pages that a test puts into the token of the previous page before it sends the token.
pub(crate) const TOKEN_PAGES: [&str; 5] = ["null", "\"\"", "\"page-1\"", "\"gone\"", "\"LONG\""];

/// Returns one of Liftgate's tokens, perhaps changed, or none.
pub(crate) fn token() -> BoxedStrategy<String> {
    prop_oneof![
        3 => Just("$TOKEN".to_owned()),
        3 => (select(&TOKEN_PAGES[..]), select(vec!["0", "7", "20", "18446744073709551615", "-1", "1.5"]))
            .prop_map(|(page, consumed)| format!("$TOKEN {page} {consumed}")),
        1 => any::<Index>().prop_map(|at| format!("$TOKEN cut {}", at.index(200))),
        1 => select(vec!["e30", "e30=", "bnVsbA", "eyJzIjoiIiwidCI6W119", "AAAA", "-", "%"]).prop_map(str::to_owned),
        1 => text(),
    ]
    .boxed()
}
