//! Every name that a route knows, misspelt: the player is told the right name, and nothing else is done.

use lambda_http::Context;
use liftgate::functions::Function;
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};
use testing::{
    events,
    names::{BODIES, FILTER, QUERIES, STREAM},
};

use crate::fuzz::{
    case::{Case, Fleets},
    fake::{Fake, Plan},
    fields::offer,
    oracle::Answer,
    runner::fuzz,
};

/// The place of a name in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Body,
    Stream,
    Filter,
    Query,
}

fn name() -> impl Strategy<Value = (&'static str, Place, &'static str)> {
    let of = |place, routes: &[(&'static str, &'static [&'static str])]| {
        let each = routes.iter().flat_map(|(route, names)| names.iter().map(move |name| (*route, place, *name)));
        each.collect::<Vec<_>>()
    };
    let with_streams: [(&str, &[&str]); 3] =
        [("create_session", &STREAM), ("find_or_create_session", &STREAM), ("join_session", &STREAM)];
    let names = [
        of(Place::Body, &BODIES),
        of(Place::Stream, &with_streams),
        of(Place::Filter, &[("find_or_create_session", &FILTER)]),
        of(Place::Query, &QUERIES),
    ];
    select(names.concat())
}

/// Returns the same letters in another case, with other separators.
fn misspelt(name: &'static str) -> BoxedStrategy<String> {
    let letters: String = name.chars().filter(|character| character.is_alphanumeric()).collect();
    let change = proptest::collection::vec((any::<bool>(), select(vec!["", "", "", "_", "-", " ", ".", "__"])), 40);
    change
        .prop_map(move |changes| {
            let mut spelt = String::new();
            for (letter, (is_upper, separator)) in letters.chars().zip(changes) {
                spelt.push(if is_upper { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() });
                spelt.push_str(separator);
            }
            spelt
        })
        .prop_filter("it is right", move |spelt| spelt != name)
        .boxed()
}

fn event(function: &Function, place: Place, misspelt: &str) -> Value {
    let mut body = json!({
        "uuid": "player-1", "session_name": "A match", "num_connections": 4, "signal_request": offer(),
        "game_server_id": "arena-1", "instance_id": "i-0123456789abcdef0", "health_check": "HEALTHY",
    });
    match place {
        Place::Body => body[misspelt] = json!("x"),
        Place::Stream => body["stream"] = json!({ "signal_request": offer(), misspelt: "x" }),
        Place::Filter => body["filter"] = json!({ misspelt: "x" }),
        Place::Query => {}
    }
    let is_get = function.route.method() == "GET";
    let mut event =
        events::rest(function.route.method().as_str(), function.route.name(), Some(&body).filter(|_| !is_get));
    if place == Place::Query {
        event["multiValueQueryStringParameters"] = json!({ misspelt: ["x"] });
    }
    event
}

#[test]
fn every_name_that_is_misspelt_is_refused_with_the_right_one() {
    let fleets = select(vec![Fleets::First, Fleets::Builds, Fleets::Queue, Fleets::Group]);
    let case = (fleets, name()).prop_flat_map(|(fleets, (route, place, name))| {
        (Just(fleets), Just(route), Just(place), Just(name), misspelt(name))
    });
    fuzz(&case, 400, |(fleets, route, place, name, misspelt), _| {
        let case = Case { is_trusting: true, fleets: *fleets, plan: Plan::smooth(), calls: Vec::new() };
        let aws = Fake::new(case.plan.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let functions = case.functions(&aws, &runtime.block_on(aws.store()));
        let function = functions.iter().find(|function| function.route.name() == *route).unwrap();
        let event = event(function, *place, misspelt);
        let answer = Answer::read(&runtime.block_on(function.invoke(&event, Context::default())).unwrap());
        assert_eq!((answer.status, answer.code()), (400, "INVALID_REQUEST"), "{misspelt}: {}", answer.body);
        let messages: Vec<_> =
            answer.body["errors"].as_array().unwrap().iter().map(|error| error["message"].as_str().unwrap()).collect();
        let advice = format!("did you mean {name}?");
        assert!(messages.iter().any(|message| message.ends_with(&advice)), "{misspelt}: {messages:?}");
        assert_eq!(aws.calls(), 0, "{misspelt} has cost a call");
    });
}
