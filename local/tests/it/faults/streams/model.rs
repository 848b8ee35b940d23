//! The route against a model of the state machine: calls one after another, of several players with several tabs.
//! Clients connect, get lost and exit, and time passes. The model predicts each call's result from these events alone.

use std::{collections::BTreeMap, env, time::Duration};

use gamelift_emulator::Settings;
use matchmaking::config::FleetConfig;
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngSeed},
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{NO_CLIENT, live, offer, request, rules, scenario::with};
use crate::faults::{
    rules::code,
    scenario::{ASYNC, BASE, Scenario},
    world::{Answer, World, logged},
};

const START: Duration = Duration::from_secs(4);
const TIMEOUT: Duration = Duration::from_secs(120);
/// Longest time of a call: AWS may refuse an offer, or close a connection meanwhile.
const EDGE: Duration = Duration::from_secs(2);
/// An application that exits before this age has crashed.
const CRASH: Duration = Duration::from_secs(120);
const PLAYERS: usize = 3;

/// The next event, and the time between the previous event and this one.
#[derive(Clone, Debug)]
struct Step {
    after: Duration,
    player: usize,
    event: Event,
}

#[derive(Clone, Debug)]
enum Event {
    /// A tab asks for its stream.
    Ask {
        offer: Option<u8>,
        intent: &'static str,
        id: Id,
    },
    /// A tab ends its stream.
    End {
        id: Id,
    },
    /// The next variants happen to the player's newest stream session, if they can.
    Connects,
    GetsLost,
    Exits,
    Ends(&'static str),
}

/// The id that a tab knows.
#[derive(Clone, Copy, Debug)]
enum Id {
    None,
    /// One of the player's stream sessions, counted from the newest.
    Own(usize),
    /// The newest one of the next player.
    Others,
    Unknown,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let after = prop_oneof![
        // Not 0: of two stream sessions that start at the same moment none is the newest.
        4 => Just(1_u64),
        3 => 1..3000_u64,
        2 => 3000..7000_u64,
        1 => 60_000..130_000_u64,
    ];
    let id = || prop_oneof![5 => Just(Id::None), 6 => (0..2_usize).prop_map(Id::Own), 1 => Just(Id::Others), 1 => Just(Id::Unknown)];
    let intent = prop_oneof![6 => Just("auto"), 2 => Just("new"), 2 => Just("reconnect")];
    let reason =
        prop::sample::select(&["internalError", "idleTimeout", "assumeRoleFailed", "maxSessionLengthTimeout"][..]);
    let ask = (prop::option::weighted(0.9, 0..4_u8), intent, id()).prop_map(|(offer, intent, id)| Event::Ask {
        offer,
        intent,
        id,
    });
    let event = prop_oneof![
        12 => ask,
        2 => id().prop_map(|id| Event::End { id }),
        5 => Just(Event::Connects),
        5 => Just(Event::GetsLost),
        1 => Just(Event::Exits),
        1 => reason.prop_map(Event::Ends),
    ];
    let step = (after, 0..PLAYERS, event).prop_map(|(after, player, event)| Step {
        after: Duration::from_millis(after),
        player,
        event,
    });
    vec(step, 1..40)
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Status {
    Activating,
    Active,
    Connected,
    Pending,
    Ended { code: &'static str, again: bool },
}

#[derive(Clone, Debug)]
struct Stream {
    id: String,
    player: usize,
    status: Status,
    created: Instant,
    since: Instant,
    /// The offer of the newest connection, and whether it was an answer of the start.
    offer: String,
    /// All offers that the stream session has had.
    used: Vec<String>,
    was_connected: bool,
}

/// The result that a call has to have.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Expected {
    /// This answer about this stream session, or about a new one.
    Entered(&'static str, Option<usize>),
    Accepted(Option<usize>),
    Error(&'static str),
    /// A replaced offer comes again: AWS documents no result for it.
    Old(usize),
}

#[derive(Debug, Default)]
struct Model {
    streams: Vec<Stream>,
    /// The stream session that each start's token has started.
    tokens: BTreeMap<(usize, String, usize), usize>,
}

impl Model {
    /// Whether an event is due about now: a call takes up to a second, so it may come before or after the event.
    fn is_on_the_edge(&self, now: Instant) -> bool {
        self.streams.iter().any(|stream| {
            let due = match stream.status {
                Status::Activating => stream.created + START,
                Status::Active | Status::Pending => stream.since + TIMEOUT,
                Status::Connected | Status::Ended { .. } => return false,
            };
            now + EDGE >= due
        })
    }

    /// Makes everything happen that is due.
    fn advance(&mut self, now: Instant) {
        for stream in &mut self.streams {
            if stream.status == Status::Activating && now >= stream.created + START {
                (stream.status, stream.since) = (Status::Active, stream.created + START);
            }
            if matches!(stream.status, Status::Active | Status::Pending) && now >= stream.since + TIMEOUT {
                let code = if stream.was_connected { "STREAM_RECONNECT_EXPIRED" } else { "STREAM_CONNECT_EXPIRED" };
                stream.status = Status::Ended { code, again: false };
            }
        }
    }

    fn newest(&self, player: usize, back: usize) -> Option<usize> {
        (0..self.streams.len()).rev().filter(|number| self.streams[*number].player == player).nth(back)
    }

    fn named(&self, player: usize, id: Id) -> Option<usize> {
        match id {
            Id::None | Id::Unknown => None,
            Id::Own(back) => self.newest(player, back),
            Id::Others => self.newest((player + 1) % PLAYERS, 0),
        }
    }

    /// Whether the step names a stream session that is not the player's.
    fn is_guess(&self, step: &Step) -> bool {
        match &step.event {
            Event::Ask { id, .. } => matches!(id, Id::Others | Id::Unknown),
            Event::End { id } => !matches!(id, Id::Own(_)) || self.named(step.player, *id).is_none(),
            _ => false,
        }
    }

    fn find(&self, player: usize) -> Option<usize> {
        let own = || (0..self.streams.len()).rev().filter(|number| self.streams[*number].player == player);
        let can_be_entered = |status: &Status| !matches!(status, Status::Connected | Status::Ended { .. });
        let enterable = own().find(|number| can_be_entered(&self.streams[*number].status));
        enterable.or_else(|| own().find(|number| self.streams[*number].status == Status::Connected))
    }

    /// Applies the decision table, and returns the expected result.
    fn ask(&mut self, player: usize, offer: &str, intent: &str, id: Id, fresh: usize) -> Expected {
        let named = self.named(player, id);
        if matches!(id, Id::Others | Id::Unknown) {
            return Expected::Error("STREAM_NOT_FOUND");
        }
        let has_client = offer != NO_CLIENT;
        let mut searched = named.is_none() && intent != "new";
        let mut current = named.or_else(|| if intent == "new" { None } else { self.find(player) });
        let identity = match (has_client, named) {
            (true, _) => offer.to_owned(),
            (false, Some(named)) => format!("in place of {named}"),
            (false, None) => format!("nobody knows {fresh}"),
        };
        let (mut own, mut starts) = (None, 0);
        loop {
            let Some(number) = current else {
                if intent == "reconnect" {
                    return Expected::Error("STREAM_NOT_FOUND");
                }
                let Some(known) = self.tokens.get(&(player, identity.clone(), starts)) else {
                    self.tokens.insert((player, identity, starts), self.streams.len());
                    return Expected::Accepted(None);
                };
                (own, current, starts) = (Some(*known), Some(*known), starts + 1);
                continue;
            };
            let stream = &mut self.streams[number];
            let is_same = has_client && stream.offer == offer;
            match stream.status.clone() {
                Status::Ended { code, again } => {
                    let is_automatic = own == Some(number) || intent == "auto";
                    if intent == "reconnect" || (is_automatic && again) || starts >= 4 {
                        return Expected::Error(code);
                    }
                    current = if intent == "auto" && !searched { self.find(player) } else { None };
                    searched = true;
                }
                Status::Activating => return Expected::Accepted(Some(number)),
                _ if intent == "new" && own != Some(number) && !is_same => {
                    stream.status = Status::Ended { code: "STREAM_ENDED", again: false };
                    current = None;
                }
                _ if !has_client => return Expected::Entered("RESUMED", Some(number)),
                Status::Connected => return Expected::Error("STREAM_IN_USE"),
                Status::Active if is_same => return Expected::Entered("RESUMED", Some(number)),
                Status::Pending if is_same => return Expected::Error("STALE_SIGNAL_REQUEST"),
                Status::Active | Status::Pending if stream.used.iter().any(|used| used == offer) => {
                    return Expected::Old(number);
                }
                Status::Active | Status::Pending => return Expected::Entered("RECONNECTED", Some(number)),
            }
        }
    }

    /// Records the result of the call.
    fn came(&mut self, player: usize, offer: &str, expected: &Expected, answer: &Answer, now: Instant) {
        let id = answer.json()["StreamSessionId"].as_str().unwrap_or_default().to_owned();
        match expected {
            Expected::Accepted(None) => self.streams.push(Stream {
                id,
                player,
                status: Status::Activating,
                created: now,
                since: now,
                offer: offer.to_owned(),
                used: vec![offer.to_owned()],
                was_connected: false,
            }),
            Expected::Entered("RECONNECTED", Some(number)) => self.streams[*number].reconnected(offer, now),
            _ => {}
        }
    }
}

impl Stream {
    fn reconnected(&mut self, offer: &str, now: Instant) {
        (self.status, self.since, self.offer) = (Status::Active, now, offer.to_owned());
        self.used.push(offer.to_owned());
    }
}

/// Returns what is wrong with the case.
fn broken(steps: &[Step], seed: u64) -> Vec<String> {
    let settings = |settings: &mut Settings| {
        settings.stream_start_delay = START;
        settings.stream_capacity = 1000;
    };
    logged(seed, async |traffic| {
        let world = World::start(&settings, FleetConfig::default, seed, traffic).await;
        let (mut model, mut wrong) = (Model::default(), Vec::new());
        for (number, step) in steps.iter().enumerate() {
            sleep(step.after).await;
            let is_guess = model.is_guess(step);
            if let Some(what) = play(&world, &mut model, number, step).await {
                wrong.push(format!("step {number}, {step:?}: {what}"));
                break;
            }
            // A player may name three stream sessions in ten seconds that are not the player's.
            if is_guess {
                sleep(Duration::from_secs(4)).await;
            }
        }
        wrong.extend(drain(&world, PLAYERS).await);
        wrong
    })
    .0
}

async fn play(world: &World, model: &mut Model, number: usize, step: &Step) -> Option<String> {
    model.advance(Instant::now() - EDGE);
    while model.is_on_the_edge(Instant::now()) {
        sleep(EDGE).await;
        model.advance(Instant::now() - EDGE);
    }
    let now = Instant::now();
    let player = step.player;
    let newest = model.newest(player, 0);
    let streams = &world.emulator.streams;
    let mut outside = |allowed: &[Status], does: &dyn Fn(&str) -> bool, status: Status| {
        let stream = &mut model.streams[newest?];
        // A start without an answer has no client that could connect.
        let can = allowed.contains(&stream.status) && !(status == Status::Connected && stream.offer == NO_CLIENT);
        if can {
            (stream.since, stream.was_connected) = (now, stream.was_connected || status == Status::Connected);
            stream.status = status;
        }
        (does(&stream.id) != can).then(|| format!("the model has it {stream:?}"))
    };
    let running = [Status::Active, Status::Connected, Status::Pending];
    match &step.event {
        Event::Connects => outside(&[Status::Active], &|id| streams.client_connected(id).is_ok(), Status::Connected),
        Event::GetsLost => {
            outside(&[Status::Connected], &|id| streams.client_disconnected(id).is_ok(), Status::Pending)
        }
        Event::Exits => {
            let age = newest.map(|newest| now - model.streams[newest].created).unwrap_or_default();
            let again = age < CRASH;
            // Too close to tell: AWS's times have a resolution of a second.
            if (CRASH - Duration::from_secs(1)..CRASH + Duration::from_secs(1)).contains(&age) {
                return None;
            }
            let mut outside = |status| {
                let stream = &mut model.streams[newest?];
                let can = running.contains(&stream.status);
                if can {
                    stream.status = status;
                }
                (streams.application_exited(&stream.id).is_ok() != can).then(|| format!("the model has it {stream:?}"))
            };
            outside(Status::Ended { code: "STREAM_APPLICATION_EXITED", again })
        }
        Event::Ends(reason) => {
            let (code, again) = match *reason {
                "internalError" => ("STREAM_SERVICE_ERROR", false),
                "idleTimeout" => ("STREAM_IDLE", false),
                "assumeRoleFailed" => ("STREAM_MISCONFIGURED", true),
                _ => ("STREAM_MAX_LENGTH", false),
            };
            let fails = |id: &str| streams.fail(id, serde_json::from_value((*reason).into()).unwrap()).is_ok();
            let live = [Status::Activating, Status::Active, Status::Connected, Status::Pending];
            outside(&live, &fails, Status::Ended { code, again })
        }
        Event::Ask { offer: name, intent, id } => {
            let offer = name.map_or_else(|| NO_CLIENT.to_owned(), |name| offer(&format!("p{player}o{name}")));
            if (name.is_none() && *intent == "reconnect")
                || (matches!(id, Id::Own(_) | Id::Others) && model.named(player, *id).is_none())
            {
                return None;
            }
            let stream_id = model.named(player, *id).map(|number| model.streams[number].id.clone());
            let stream_id = if matches!(id, Id::Unknown) { Some("unknown".to_owned()) } else { stream_id };
            let more = json!({ "intent": intent, "stream_session_id": stream_id });
            let expected = model.ask(player, &offer, intent, *id, number);
            world.proxy.take_calls();
            let body = with(request(&format!("player-{player}"), &offer), more);
            let answer = world.call_with(ASYNC, "reconnect_stream", Some(body)).await;
            model.came(player, &offer, &expected, &answer, now);
            differs(world, model, &expected, &answer, player)
        }
        Event::End { id } => {
            let named = model.named(player, *id);
            let stream_id = named.map_or_else(|| "unknown".to_owned(), |number| model.streams[number].id.clone());
            let body = json!({ "uuid": format!("player-{player}"), "stream_session_id": stream_id });
            let answer = world.call_with(ASYNC, "terminate_stream", Some(body)).await;
            let scenario = Scenario { function: "terminate_stream", headers: ASYNC, ..BASE };
            let named = named.filter(|_| matches!(id, Id::Own(_)));
            let expected = match named.map(|number| &mut model.streams[number].status) {
                None => "STREAM_NOT_FOUND",
                Some(Status::Activating) => "202",
                Some(Status::Ended { .. }) => "200",
                Some(status) => {
                    *status = Status::Ended { code: "STREAM_ENDED", again: false };
                    "200"
                }
            };
            let shape = rules::shape(&scenario, &answer);
            shape
                .or_else(|| (code(&answer) != expected).then(|| format!("{expected} is expected, not {}", answer.body)))
        }
    }
}

/// Returns what is wrong with an answer.
fn differs(world: &World, model: &Model, expected: &Expected, answer: &Answer, player: usize) -> Option<String> {
    let scenario = Scenario { function: "reconnect_stream", headers: ASYNC, ..BASE };
    let calls = world.proxy.take_calls();
    let writes = calls
        .iter()
        .filter(|call| matches!(call.operation.as_str(), "CreateStreamSessionConnection" | "TerminateStreamSession"));
    let body = answer.json();
    let is_about = |number: &usize| body["StreamSessionId"] == *model.streams[*number].id;
    let fits = match expected {
        Expected::Entered(outcome, Some(number)) => {
            let is_read = *outcome != "RESUMED" || writes.count() == 0;
            answer.status == 200 && body["Outcome"] == *outcome && is_about(number) && is_read
        }
        Expected::Entered(outcome, None) => body["Outcome"] == *outcome,
        Expected::Accepted(Some(number)) => answer.status == 202 && is_about(number),
        Expected::Accepted(None) => {
            let is_new = |stream: &&Stream| body["StreamSessionId"] == *stream.id;
            answer.status == 202 && model.streams.iter().filter(is_new).count() == 1
        }
        Expected::Error(expected) => code(answer) == *expected,
        Expected::Old(number) => {
            let refused = ["INVALID_SIGNAL_REQUEST", "STALE_SIGNAL_REQUEST"].contains(&code(answer).as_str());
            is_about(number) && (refused || body["Outcome"] == "RECONNECTED")
        }
    };
    if !fits {
        return Some(format!("{expected:?} is expected, not {}", answer.body));
    }
    if calls.len() > 8 {
        return Some(format!("{} calls", calls.len()));
    }
    rules::shape(&scenario, answer).or_else(|| strangers(model, &body, player))
}

/// Returns an error if the answer names another player's stream session.
fn strangers(model: &Model, body: &Value, player: usize) -> Option<String> {
    let told = [&body["StreamSessionId"], &body["PreviousSession"]["StreamSessionId"]];
    let is_theirs = |stream: &&Stream| stream.player != player && told.iter().any(|told| **told == *stream.id);
    // An error may repeat an id that the tab has sent itself.
    let stream = model.streams.iter().find(is_theirs).filter(|_| body.get("error").is_none())?;
    Some(format!("player-{player} is told of {stream:?}"))
}

/// Ends every stream session that a page without memory gets, again and again. The remaining ones cannot be reached.
pub(super) async fn drain(world: &World, players: usize) -> Vec<String> {
    world.mend();
    // A stream session that is starting cannot be ended.
    sleep(START + Duration::from_secs(1)).await;
    for player in 0..players {
        let player = format!("player-{player}");
        for round in 0..20 {
            let page = with(request(&player, &offer(&format!("drain{round}"))), json!({ "intent": "reconnect" }));
            let found = world.call_with(ASYNC, "reconnect_stream", Some(page)).await.json();
            let Some(id) = found["StreamSessionId"].as_str() else { break };
            world.call("terminate_stream", Some(json!({ "uuid": player, "stream_session_id": id }))).await;
        }
    }
    let state = world.state().await;
    live(&state).into_iter().map(|session| format!("nobody reaches {session}")).collect()
}

#[test]
fn the_route_does_what_the_model_says() {
    let seed = env::var("LIFTGATE_SEED").map_or(0, |seed| seed.parse().unwrap());
    let cases = env::var("LIFTGATE_CASES").map_or(32, |cases| cases.parse().unwrap());
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    proptest!(config, |(steps in steps(), seed in any::<u64>())| {
        prop_assert_eq!(broken(&steps, seed), [""; 0]);
    });
}
