//! What has to hold in every cell.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;
use shared::{Code, problem};
use testing::stock_client::{self, Fault as ClientFault};

use crate::{
    expected,
    fault::{Effect, Fault, Times},
    game_servers,
    proxy::Call,
    scenario::{PLAYER, Scenario},
    world::{Answer, Outcome},
};

/// How often one call of a function may call an operation of AWS for each fleet, the SDK's retries included. What is
/// not listed: five times, which are one call and its retries.
const MOST_CALLS: [(&str, usize); 15] = [
    // Looked up anew for each try to create, while no fleet takes the game session.
    ("ListFleets", 15),
    ("DescribeFleetAttributes", 15),
    ("ListCompute", 15),
    ("CreateGameSession", 15),
    ("StartGameSessionPlacement", 15),
    ("CreatePlayerSessions", 20),
    // Before each further try to reserve.
    ("DescribePlayerSessions", 20),
    ("DescribeGameSessions", 20),
    ("DescribeGameSessionPlacement", 20),
    ("GetStreamSession", 20),
    // One for each status that lives, twice if a start is refused.
    ("ListStreamSessions", 14),
    // For three seconds, as long as what may have been made does not show.
    ("TerminateGameSession", 8),
    // While none is free.
    ("ClaimGameServer", 20),
    // Before each further claim, when one may have been made.
    ("ListGameServers", 20),
    ("DeregisterGameServer", 20),
];
const ONE_CALL: usize = 5;

/// Looks at one session are at least this far apart.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// Timers of the runtime have milliseconds.
const TICK: Duration = Duration::from_millis(5);

/// What is wrong with the cell.
pub(crate) fn broken(scenario: &Scenario, fault: Option<&Fault>, outcome: &Outcome) -> Vec<String> {
    let mut wrong = always_broken(scenario, fault, outcome);
    wrong.extend(answer(scenario, fault, &outcome.answer));
    wrong
}

/// What is wrong whatever the answer should be.
pub(crate) fn always_broken(scenario: &Scenario, fault: Option<&Fault>, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    wrong.extend(shape(scenario, &outcome.answer));
    wrong.extend(late(scenario, outcome.took));
    wrong.extend(hasty(&outcome.calls));
    wrong.extend(storms(&outcome.calls, (scenario.fleets)().candidates.len().max(1)));
    if game_servers::is_one(scenario) {
        wrong.extend(game_servers::broken(scenario, fault, outcome));
        return wrong;
    }
    wrong.extend(match outcome.answer.status {
        200 => handed_over(scenario, fault, outcome),
        _ => left_behind(fault, outcome),
    });
    wrong.extend(lost_slots(&outcome.later));
    wrong
}

/// An answer after the budget.
pub(crate) fn late(scenario: &Scenario, took: Duration) -> Option<String> {
    (took > scenario.budget + TICK).then(|| format!("it took {took:?}"))
}

/// Slots that stay reserved for nobody.
pub(crate) fn lost_slots(later: &Value) -> Option<String> {
    let reserved = player_sessions(later, |session| session["Status"] == "RESERVED");
    (!reserved.is_empty()).then(|| format!("slots stay reserved: {reserved:?}"))
}

/// The code that the answer has.
pub(crate) fn code(answer: &Answer) -> String {
    answer.json()["error"]["code"].as_str().map_or_else(|| answer.status.to_string(), str::to_owned)
}

fn answer(scenario: &Scenario, fault: Option<&Fault>, answer: &Answer) -> Option<String> {
    let mut allowed: Vec<Code> = scenario.answer.into_iter().collect();
    let success = scenario.answer.is_none();
    allowed.extend(fault.map(|fault| expected::codes(scenario, fault)).unwrap_or_default());
    if success && answer.status == 200 {
        return None;
    }
    let code = code(answer);
    let fits = allowed.iter().any(|allowed| allowed.as_str() == code && problem::row(*allowed).status == answer.status);
    let allowed: Vec<_> = allowed.into_iter().map(Code::as_str).collect();
    (!fits).then(|| format!("the answer is {} {code}, not one of {allowed:?}", answer.status))
}

/// The contract's shape, and what the stock client makes of it.
pub(crate) fn shape(scenario: &Scenario, answer: &Answer) -> Option<String> {
    let body = answer.json();
    let succeeded = answer.status == 200;
    let media_type = if succeeded { "application/json" } else { "application/problem+json" };
    if answer.header("content-type") != Some(media_type) {
        return Some(format!("the content type is {:?}", answer.header("content-type")));
    }
    let read = match scenario.function {
        "find_session" => stock_client::sessions(&answer.body).map(drop),
        _ if succeeded && game_servers::is_success(scenario, &body) => Ok(()),
        "reconnect_stream" if succeeded && body["SignalResponse"].is_string() => Ok(()),
        _ => stock_client::connection(&answer.body).map(drop),
    };
    match read {
        Ok(()) if succeeded => None,
        // It looks for the error in an object only.
        Err(ClientFault::Hang(_)) if !succeeded && body["error"].is_object() => incomplete(answer, &body),
        read => Some(format!("the stock client makes {read:?} of {}", answer.body)),
    }
}

/// The member that a problem document lacks.
fn incomplete(answer: &Answer, body: &Value) -> Option<String> {
    let texts =
        ["/type", "/title", "/detail", "/errorType", "/errorMessage", "/requestId", "/error/code", "/error/message"];
    let is_text = |pointer: &&str| body.pointer(pointer).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if let Some(missing) = texts.iter().find(|pointer| !is_text(pointer)) {
        return Some(format!("{missing} is missing: {body}"));
    }
    if body["status"] != answer.status || !body["error"]["retryable"].is_boolean() {
        return Some(format!("the body does not fit: {body}"));
    }
    let says_when = answer.header("retry-after").is_some();
    (matches!(answer.status, 429 | 503) && !says_when).then(|| "there is no Retry-After".to_owned())
}

/// More calls than `times` over is polite.
pub(crate) fn storms(calls: &[Call], times: usize) -> Vec<String> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for call in calls {
        *counts.entry(&call.operation).or_default() += 1;
    }
    let most =
        |operation: &str| MOST_CALLS.iter().find(|(name, _)| *name == operation).map_or(ONE_CALL, |(_, most)| *most);
    let is_storm = |(operation, count): &(&str, usize)| *count > most(operation) * times;
    counts.into_iter().filter(is_storm).map(|(operation, count)| format!("{count} calls of {operation}")).collect()
}

/// Looks at one session that come too soon after one another.
fn hasty(calls: &[Call]) -> Option<String> {
    let is_look = |call: &&Call| matches!(call.operation.as_str(), "DescribeGameSessions" | "GetStreamSession");
    let looks: Vec<_> = calls.iter().filter(is_look).collect();
    let again = |number: usize| {
        let look = looks[number];
        let same = |earlier: &&&Call| earlier.operation == look.operation && earlier.request == look.request;
        looks[..number].iter().rev().find(same).map(|earlier| (look, look.at - earlier.at))
    };
    let (look, after) = (0..looks.len()).filter_map(again).find(|(_, after)| *after < BETWEEN_LOOKS)?;
    Some(format!("{} again after {after:?}", look.operation))
}

/// What a success has to be true of.
fn handed_over(scenario: &Scenario, fault: Option<&Fault>, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    let body = outcome.answer.json();
    let created = created(&outcome.before, &outcome.answered);
    let places = player_sessions(&outcome.answered, |session| session["PlayerId"] == PLAYER);
    let (fewest, most) = scenario.creates;
    let most = match fault {
        None => fewest,
        Some(fault) => most + usize::from(is_said_to_be_full(fault)),
    };
    check((fewest..=most).contains(&created.len()), format!("{} game sessions were created", created.len()));
    match scenario.function {
        "create_session" | "join_session" | "find_or_create_session" => {
            check(places.len() == 1, format!("the player has {} places", places.len()));
            for place in places {
                check(place["Status"] == "RESERVED", format!("the player's place is {}", place["Status"]));
                check(place["PlayerSessionId"] == body["PlayerSessionId"], "the answer is another place".to_owned());
                check(place["GameSessionId"] == body["GameSessionId"], "the answer is another session".to_owned());
            }
            for session in created {
                check(session["Status"] == "ACTIVE", format!("the new session is {}", session["Status"]));
            }
        }
        "find_session" => {
            let told_of_none = fault.is_some_and(|fault| matches!(fault.effect, Effect::Empty | Effect::UnknownEnum));
            let found = body.as_array().map_or(0, Vec::len);
            check(found == 1 || told_of_none, format!("{found} sessions were found"));
        }
        _ => {
            let streams = live_streams(&outcome.answered);
            check(streams == 1, format!("{streams} stream sessions live"));
        }
    }
    wrong
}

/// What an error may not leave behind.
fn left_behind(fault: Option<&Fault>, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    let live = created(&outcome.before, &outcome.later);
    for session in live.into_iter().filter(|session| is_live(session)) {
        let resumable = outcome.answer.json()["PlacementId"].is_string() && is_alarm(&outcome.log, "placement_id");
        if !resumable && !fault.is_some_and(|fault| is_excused(fault, session, &outcome.log)) {
            wrong.push(format!("a game session is left {}, log: {}", session["Status"], outcome.log));
        }
    }
    if live_streams(&outcome.answered) > 1 {
        wrong.push("more than one stream session lives".to_owned());
    }
    wrong
}

/// Whether the fault is a reason that the game session is left. Somebody has to hear of it, or AWS has
/// said that there is nothing to end.
pub(crate) fn is_excused(fault: &Fault, session: &Value, log: &str) -> bool {
    let of_the_end = fault.operation == "TerminateGameSession";
    // Nothing else says where the queue has placed a game session.
    let of_the_placement = fault.operation == "DescribeGameSessionPlacement" && fault.times == Times::Always;
    let is_over = |name: &str| matches!(name, "NotFoundException" | "InvalidGameSessionStatusException");
    let said_to_be_over = matches!(&fault.effect, Effect::Exception(name) if is_over(name));
    let is_gone_for_good = fault.effect == Effect::Refused && fault.times == Times::Always;
    let id = session["GameSessionId"].as_str().unwrap();
    let alarmed = ((of_the_end || is_gone_for_good) && is_alarm(log, id))
        || ((of_the_placement || is_gone_for_good) && is_alarm(log, "placement_id"));
    is_said_to_be_full(fault) || ((of_the_end || of_the_placement) && said_to_be_over) || alarmed
}

/// Who fills a game session plays in it: it is nobody's to end.
fn is_said_to_be_full(fault: &Fault) -> bool {
    fault.effect == Effect::Exception("GameSessionFullException".to_owned())
}

fn is_alarm(log: &str, about: &str) -> bool {
    log.lines().any(|line| line.contains("\"alarm\"") && line.contains(about))
}

fn created<'a>(before: &Value, after: &'a Value) -> Vec<&'a Value> {
    let sessions = |state: &'a Value| state["gamelift"]["game_sessions"].as_array().unwrap().iter();
    let known: Vec<_> = before["gamelift"]["game_sessions"].as_array().unwrap().iter().collect();
    let is_new = |session: &&Value| !known.iter().any(|known| known["GameSessionId"] == session["GameSessionId"]);
    sessions(after).filter(is_new).collect()
}

/// The game sessions that take up a game server.
pub(crate) fn live(state: &Value) -> Vec<&Value> {
    state["gamelift"]["game_sessions"].as_array().unwrap().iter().filter(|session| is_live(session)).collect()
}

fn is_live(session: &Value) -> bool {
    matches!(session["Status"].as_str(), Some("ACTIVE" | "ACTIVATING"))
}

pub(crate) fn player_sessions(state: &Value, fits: impl Fn(&Value) -> bool) -> Vec<&Value> {
    state["gamelift"]["player_sessions"].as_array().unwrap().iter().filter(|session| fits(session)).collect()
}

fn live_streams(state: &Value) -> usize {
    let is_live =
        |session: &&Value| !matches!(session["Status"].as_str(), Some("TERMINATED" | "ERROR" | "TERMINATING"));
    state["streams"]["stream_sessions"].as_array().unwrap().iter().filter(is_live).count()
}
