//! The calls of a case; `event` turns them into events.

mod event;

use std::{fmt, ops::Range};

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Value, json};
use testing::{events, names::ROUTES};

use crate::fuzz::{
    fields::{field, listing_parameter, parameter, ticket_parameter, token},
    values::{Json, any_json, short, text},
};

/// One call: a stored event with changes.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) function: &'static str,
    /// The event's name. A few cases use another function's event.
    stored: String,
    is_http_api: bool,
    authorizer: Option<Value>,
    method: Option<&'static str>,
    headers: Vec<(String, String)>,
    query: Option<Query>,
    body: Body,
    encoding: Encoding,
    mutations: Vec<Mutation>,
}

#[derive(Clone)]
enum Query {
    Of(Vec<(String, String)>),
    /// An HTTP API's `rawQueryString`.
    Raw(String),
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(pairs) => {
                f.debug_list().entries(pairs.iter().map(|(name, value)| (short(name), short(value)))).finish()
            }
            Self::Raw(raw) => write!(f, "Raw({raw:?})"),
        }
    }
}

#[derive(Clone)]
enum Body {
    Stored,
    /// A good body of the function, with these members changed or added.
    Fields(Vec<(String, Json)>),
    Any(Json),
    Cut(Vec<(String, Json)>, Index),
    Bytes(Vec<u8>),
    None,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stored => f.write_str("Stored"),
            Self::Fields(fields) => write!(f, "Fields({:?})", Json::Object(fields.clone())),
            Self::Any(json) => write!(f, "Any({json:?})"),
            Self::Cut(fields, at) => write!(f, "Cut({:?}, {at:?})", Json::Object(fields.clone())),
            Self::Bytes(bytes) => write!(f, "Bytes({bytes:?})"),
            Self::None => f.write_str("None"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Plain,
    Base64,
    /// The flag says the opposite of the body's encoding.
    Lie,
}

/// A change of the event regardless of its meaning.
#[derive(Clone, Debug)]
struct Mutation {
    at: Index,
    how: How,
}

#[derive(Clone, Debug)]
enum How {
    Remove,
    Null,
    Replace(Value),
    InList,
    Twice,
    Add(String),
}

/// Returns some calls, often all of one function.
pub(crate) fn calls(count: Range<usize>) -> BoxedStrategy<Vec<Call>> {
    let of_one = select(&ROUTES[..]).prop_flat_map({
        let count = count.clone();
        move |function| vec(call(Just(function)), count.clone())
    });
    let of_streams = vec(call(select(&["reconnect_stream", "terminate_stream"][..])), count.clone());
    let of_all = vec(call(select(&ROUTES[..])), count);
    prop_oneof![5 => of_one, 5 => of_all, 3 => of_streams, 1 => pages()].boxed()
}

/// Returns a search that is repeated with the token of the previous page.
fn pages() -> BoxedStrategy<Vec<Call>> {
    let limit = select(vec!["1", "7", "20", "100"]);
    let sort = select(vec!["newest", "fullest", "emptiest"]);
    (call(Just("find_session")), limit, sort, vec(token(), 1..4))
        .prop_map(|(call, limit, sort, tokens)| {
            let query = [("limit", limit), ("sort", sort)].map(|(name, value)| (name.to_owned(), value.to_owned()));
            let first = Call { query: Some(Query::Of(query.to_vec())), method: None, mutations: Vec::new(), ..call };
            let next = |token: String| {
                let query = query.iter().cloned().chain([("next_token".to_owned(), token)]).collect();
                Call { query: Some(Query::Of(query)), ..first.clone() }
            };
            [first.clone()].into_iter().chain(tokens.into_iter().map(next)).collect()
        })
        .boxed()
}

fn call(function: impl Strategy<Value = &'static str> + 'static) -> BoxedStrategy<Call> {
    function
        .prop_flat_map(|function| {
            let own = events::names(function);
            let of_any: Vec<_> = ROUTES.iter().flat_map(|function| events::names(function)).collect();
            let stored = prop_oneof![12 => select(own), 1 => select(of_any)];
            let mutations = prop_oneof![
                3 => Just(Vec::new()).boxed(),
                1 => vec(mutation(), 1..4).boxed(),
            ];
            let method = prop_oneof![
                20 => Just(None),
                1 => select(vec!["OPTIONS", "GET", "POST", "HEAD", "BREW", "get", ""]).prop_map(Some),
            ];
            let query = match function {
                "find_session" => prop_oneof![1 => Just(None), 9 => query(parameter()).prop_map(Some)].boxed(),
                "describe_matchmaking" => {
                    let good = vec(ticket_parameter(), 0..2).prop_map(of_own_ticket).prop_map(Some);
                    prop_oneof![1 => Just(None), 4 => query(ticket_parameter()).prop_map(Some), 5 => good].boxed()
                }
                "game_servers" => prop_oneof![1 => Just(None), 9 => query(listing_parameter()).prop_map(Some)].boxed(),
                _ => prop_oneof![19 => Just(None), 1 => query(parameter()).prop_map(Some)].boxed(),
            };
            let encoding =
                prop_oneof![12 => Just(Encoding::Plain), 4 => Just(Encoding::Base64), 1 => Just(Encoding::Lie)];
            let parts = (any::<bool>(), authorizer(), method, vec(header(), 0..4));
            (stored, parts, query, body(), encoding, mutations).prop_map(
                move |(stored, (is_http_api, authorizer, method, headers), query, body, encoding, mutations)| Call {
                    function,
                    stored,
                    is_http_api,
                    authorizer,
                    method,
                    headers,
                    query,
                    body,
                    encoding,
                    mutations,
                },
            )
        })
        .boxed()
}

fn body() -> BoxedStrategy<Body> {
    prop_oneof![
        4 => Just(Body::Stored),
        20 => vec(field(), 0..4).prop_map(Body::Fields),
        1 => any_json().prop_map(Body::Any),
        1 => (vec(field(), 0..3), any::<Index>()).prop_map(|(fields, at)| Body::Cut(fields, at)),
        1 => vec(any::<u8>(), 0..60).prop_map(Body::Bytes),
        1 => Just(Body::None),
    ]
    .boxed()
}

/// The query of a player who follows a search, with these parameters changed or added.
fn of_own_ticket(changes: Vec<(String, String)>) -> Query {
    let mut query = vec![("TicketId".to_owned(), "$TICKET".to_owned()), ("uuid".to_owned(), "player-1".to_owned())];
    query.retain(|(own, _)| changes.iter().all(|(name, _)| name != own));
    query.extend(changes);
    Query::Of(query)
}

fn query(parameter: BoxedStrategy<(String, String)>) -> BoxedStrategy<Query> {
    prop_oneof![
        9 => vec(parameter, 0..6).prop_map(Query::Of),
        1 => "[ -~é🎮]{0,40}".prop_map(Query::Raw),
        1 => "[a-z&=%+.;0-9]{0,40}".prop_map(Query::Raw),
    ]
    .boxed()
}

fn header() -> BoxedStrategy<(String, String)> {
    let one_of = |choices: &[&'static str]| select(choices.to_vec()).prop_map(str::to_owned);
    let value = |choices: &[&'static str]| prop_oneof![3 => one_of(choices), 1 => "[ -~]{0,40}", 1 => "[ -~]{250,300}"];
    let named = |name: &'static str, value: BoxedStrategy<String>| (Just(name.to_owned()), value);
    prop_oneof![
        4 => named("Idempotency-Key", value(&["key-1", "key-1", "key-2", "", "a key", "kéy"]).boxed()),
        4 => named("Prefer", value(&[
            "respond-async", "wait=0", "wait=5", "respond-async, wait=7", "wait=-1", "wait=1.5", "wait=\"3\"",
            "wait=18446744073709551615", "wait=9223372036854775807", "wait=99999999999999999999", "wait", "=,;=,", "WAIT=1;a=b",
        ]).boxed()),
        1 => named("Content-Type", value(&[
            "application/json", "application/json", "application/json", "APPLICATION/JSON", "application/json; charset=utf-16", "application/problem+json", "text/plain", "", ";", "/",
            "application/+json", "multipart/form-data; boundary=--",
        ]).boxed()),
        2 => named("Origin", value(&[
            "http://localhost:8080", "https://play.example.com", "null", "http://[::1]", "http://localhost@evil.example",
        ]).boxed()),
        2 => named("Authorization", one_of(&["Bearer SECRET-TOKEN", "Basic SECRET-TOKEN", "SECRET-TOKEN"]).boxed()),
        1 => named("Cookie", one_of(&["session=SECRET-TOKEN"]).boxed()),
        1 => named("Accept-Encoding", one_of(&["gzip", "identity;q=0"]).boxed()),
        1 => ("[a-zA-Z0-9-]{1,20}", "[ -~]{0,40}"),
        1 => (text(), text()).prop_map(|(name, value)| (short(&name), short(&value))),
    ].boxed()
}

/// Returns what an authorizer may have added, for both kinds of API.
fn authorizer() -> BoxedStrategy<Option<Value>> {
    let name =
        || prop_oneof![3 => Just("player-1".to_owned()), 1 => "[ -~]{1,1024}", 1 => text().prop_map(at_most_1024)];
    let authorizer = prop_oneof![
        name().prop_map(|player| json!({ "claims": { "sub": player, "email_verified": "true" } })),
        name().prop_map(|player| json!({ "principalId": player, "integrationLatency": 7 })),
        name().prop_map(|player| json!({ "jwt": { "claims": { "sub": player }, "scopes": null } })),
        name().prop_map(|player| json!({ "lambda": { "principalId": player } })),
        select(vec![
            json!({}),
            json!([]),
            json!("player-1"),
            json!({ "claims": null }),
            json!({ "claims": { "sub": 7 } }),
            json!({ "principalId": "" }),
            json!({ "principalId": ["player-1"] }),
            json!({ "jwt": {} }),
            json!({ "jwt": { "claims": { "sub": "" } } }),
            json!({ "jwt": { "claims": { "sub": ["player-1"] } } }),
            json!({ "iam": { "userId": "AIDA" } }),
        ]),
    ];
    prop_oneof![5 => Just(None), 2 => authorizer.prop_map(Some)].boxed()
}

/// Cuts `text` to 1024 characters: an operator's authorizer makes sure that its subjects fit GameLift.
fn at_most_1024(text: String) -> String {
    text.chars().take(1024).collect()
}

fn mutation() -> BoxedStrategy<Mutation> {
    let value = prop_oneof![
        select(vec![
            json!(""),
            json!(0),
            json!(-1),
            json!(1e300),
            json!(true),
            json!([]),
            json!({}),
            json!([null]),
            json!("null"),
            json!("2.0"),
            json!("1.0"),
            json!({ "": "" }),
            json!("$default"),
            json!(" "),
            json!("/"),
            json!("é"),
        ]),
        text().prop_map(|text| Value::from(short(&text))),
    ];
    let how = prop_oneof![
        3 => Just(How::Remove),
        3 => Just(How::Null),
        3 => value.prop_map(How::Replace),
        1 => Just(How::InList),
        1 => Just(How::Twice),
        1 => text().prop_map(|name| How::Add(short(&name))),
    ];
    (any::<Index>(), how).prop_map(|(at, how)| Mutation { at, how }).boxed()
}
