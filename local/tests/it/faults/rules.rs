//! The rules that hold in every cell.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;
use shared::{Code, problem};
use testing::stock_client::{self, Fault as ClientFault};

use crate::faults::{
    expected,
    fault::{Effect, Fault, Times},
    game_servers,
    proxy::Call,
    scenario::{ASYNC, PLAYER, Scenario},
    searches, streams, tickets,
    world::{Answer, Outcome},
};

/// How often one call of a function may call an operation of AWS for each fleet, including the SDK's retries. Other
/// operations: five times, which is one call and its retries.
const MOST_CALLS: [(&str, usize); 24] = [
    // Twelve times for each look at open game sessions, and for a creation. While no fleet accepts the game session,
    // again for each try to create.
    ("ListFleets", 40),
    ("DescribeFleetAttributes", 40),
    ("ResolveAlias", 40),
    ("ListCompute", 40),
    ("CreateGameSession", 15),
    // While it looks for open game sessions.
    ("SearchGameSessions", 24),
    ("StartGameSessionPlacement", 15),
    // The call that begins it, and those that wait, each 10 s for up to 3 s.
    ("StartMatchmaking", 20),
    // After each start without an answer.
    ("DescribeMatchmaking", 20),
    ("AcceptMatch", 20),
    // By the call, and by whoever hears of the ticket meanwhile.
    ("StopMatchmaking", 40),
    ("CreatePlayerSessions", 20),
    // Before each further reservation, twice with a key; each with its retries.
    ("DescribePlayerSessions", 48),
    ("DescribeGameSessions", 32),
    ("DescribeGameSessionPlacement", 20),
    ("GetStreamSession", 20),
    // One page of all, and one page of each status where most have ended; again if a start is refused. A throttled call
    // is repeated every 2 s at last, until the time is up.
    ("ListStreamSessions", 16),
    ("StartStreamSession", 16),
    ("CreateStreamSessionConnection", 16),
    ("TerminateStreamSession", 16),
    // For three seconds, while a game session that may have been made does not show.
    ("TerminateGameSession", 8),
    // While no game server is free; three at a time where GameLift has chosen one that cannot be connected to.
    ("ClaimGameServer", 45),
    // Before each further claim, if an earlier claim may have succeeded or Liftgate chooses.
    ("ListGameServers", 20),
    ("DeregisterGameServer", 20),
];
const ONE_CALL: usize = 5;

/// Least time between two looks at one session.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// Resolution of the runtime's timers: milliseconds.
const TICK: Duration = Duration::from_millis(5);

/// Returns the broken rules of the cell.
pub(crate) fn broken(scenario: &Scenario, fault: Option<&Fault>, outcome: &Outcome) -> Vec<String> {
    let mut wrong = always_broken(scenario, fault, outcome);
    wrong.extend(answer(scenario, fault, &outcome.answer));
    wrong
}

/// Returns the broken rules that do not depend on the expected answer.
pub(crate) fn always_broken(scenario: &Scenario, fault: Option<&Fault>, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    wrong.extend(shape(scenario, &outcome.answer));
    wrong.extend(late(scenario, outcome.took));
    wrong.extend(hasty(&outcome.calls));
    if scenario.is_of_streams() {
        wrong.extend(storms(&outcome.calls, 1));
        wrong.extend(streams::rules::broken(scenario, fault, outcome));
        return wrong;
    }
    wrong.extend(storms(&outcome.calls, (scenario.fleets)().candidates.len().max(1)));
    if game_servers::is_one(scenario) {
        wrong.extend(game_servers::broken(scenario, fault, outcome));
        return wrong;
    }
    if searches::is_one(scenario) {
        wrong.extend(lost_slots(&outcome.later));
        wrong.extend(searches::broken(scenario, outcome));
        return wrong;
    }
    wrong.extend(match outcome.answer.status {
        200 => handed_over(scenario, fault, outcome),
        202 => on_its_way(outcome),
        _ => left_behind(scenario, fault, outcome),
    });
    wrong.extend(lost_slots(&outcome.later));
    wrong.extend(tickets::broken(scenario, outcome));
    wrong
}

/// Returns an answer's time if it is over the budget.
pub(crate) fn late(scenario: &Scenario, took: Duration) -> Option<String> {
    (took > scenario.budget + TICK).then(|| format!("it took {took:?}"))
}

/// Returns the slots that stay reserved without a player.
pub(crate) fn lost_slots(later: &Value) -> Option<String> {
    let reserved = player_sessions(later, |session| session["Status"] == "RESERVED");
    (!reserved.is_empty()).then(|| format!("slots stay reserved: {reserved:?}"))
}

/// Returns the answer's error code, or its status.
pub(crate) fn code(answer: &Answer) -> String {
    answer.json()["error"]["code"].as_str().map_or_else(|| answer.status.to_string(), str::to_owned)
}

fn answer(scenario: &Scenario, fault: Option<&Fault>, answer: &Answer) -> Option<String> {
    let mut allowed: Vec<Code> = scenario.answer.into_iter().collect();
    let success = scenario.answer.is_none();
    allowed.extend(fault.map(|fault| expected::codes(scenario, fault)).unwrap_or_default());
    // A fault may take so long that the call has nothing to wait for any more.
    let is_success = answer.status == 200 || (answer.status == 202 && scenario.headers == ASYNC);
    if success && is_success {
        return None;
    }
    let code = code(answer);
    let fits = allowed.iter().any(|allowed| allowed.as_str() == code && problem::row(*allowed).status == answer.status);
    let allowed: Vec<_> = allowed.into_iter().map(Code::as_str).collect();
    (!fits).then(|| format!("the answer is {} {code}, not one of {allowed:?}", answer.status))
}

/// Checks the contract's shape, and the stock client's reading of it.
pub(crate) fn shape(scenario: &Scenario, answer: &Answer) -> Option<String> {
    if scenario.is_of_streams() {
        return streams::rules::shape(scenario, answer);
    }
    let body = answer.json();
    if answer.status == 202 && searches::is_one(scenario) {
        return searches::unpromising(answer, &body);
    }
    if answer.status == 202 {
        return unpromising(scenario, answer, &body);
    }
    let succeeded = answer.status == 200;
    let media_type = if succeeded { "application/json" } else { "application/problem+json" };
    if answer.header("content-type") != Some(media_type) {
        return Some(format!("the content type is {:?}", answer.header("content-type")));
    }
    let read = match scenario.function {
        "find_session" => stock_client::sessions(&answer.body).map(drop),
        "accept_match" | "stop_matchmaking" if succeeded && body["TicketId"].is_string() => Ok(()),
        _ if succeeded && game_servers::is_success(scenario, &body) => Ok(()),
        _ => stock_client::connection(&answer.body).map(drop),
    };
    match read {
        Ok(()) if succeeded => None,
        // The stock client looks for the error only in an object.
        Err(ClientFault::Hang(_)) if !succeeded && body["error"].is_object() => incomplete(answer, &body),
        read => Some(format!("the stock client makes {read:?} of {}", answer.body)),
    }
}

/// Returns what is wrong with a 202, which only clients that asked for it may get.
fn unpromising(scenario: &Scenario, answer: &Answer, body: &Value) -> Option<String> {
    let id = body["GameSessionId"].as_str().or(body["PlacementId"].as_str()).unwrap_or_default();
    let is_whole = body["Status"] == "ACTIVATING" && !id.is_empty() && answer.header("retry-after").is_some();
    let is_wanted = scenario.headers == ASYNC;
    (!is_whole || !is_wanted || body.get("error").is_some()).then(|| format!("the 202 is {body}"))
}

/// Returns the member that a problem document lacks.
pub(crate) fn incomplete(answer: &Answer, body: &Value) -> Option<String> {
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

/// Returns the operations that were called more than `times` over the polite number.
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

/// Returns looks at one session that are too close to each other. After a `CreateGameSession` a look does not count: it
/// is the first look at a new game session.
fn hasty(calls: &[Call]) -> Option<String> {
    let is_look = |call: &Call| matches!(call.operation.as_str(), "DescribeGameSessions" | "GetStreamSession");
    let again = |number: usize| {
        let look = &calls[number];
        let same = |earlier: &Call| earlier.operation == look.operation && earlier.request == look.request;
        let before = calls[..number].iter().rposition(same)?;
        let is_made_between = calls[before..number].iter().any(|call| call.operation == "CreateGameSession");
        (!is_made_between).then(|| (look, look.at - calls[before].at))
    };
    let looks = (0..calls.len()).filter(|number| is_look(&calls[*number]));
    let (look, after) = looks.filter_map(again).find(|(_, after)| *after < BETWEEN_LOOKS)?;
    Some(format!("{} again after {after:?}", look.operation))
}

/// Returns what a success claims but the world does not show.
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
        // Game sessions that cannot be seen still exist, so no more than the fewest are made.
        Some(fault) if is_unseen(fault) => fewest,
        Some(fault) => most + usize::from(is_said_to_be_full(fault)),
    };
    check((fewest..=most).contains(&created.len()), format!("{} game sessions were created", created.len()));
    match scenario.function {
        "create_session" | "join_session" | "find_or_create_session" => {
            // A player of whom AWS denies every slot reserves one more.
            let is_told_of_none =
                fault.is_some_and(|fault| fault.operation == "DescribePlayerSessions" && fault.effect == Effect::Empty);
            let most_places = 1 + usize::from(is_told_of_none);
            check((1..=most_places).contains(&places.len()), format!("the player has {} places", places.len()));
            for place in places.into_iter().filter(|_| !is_told_of_none) {
                check(place["Status"] == "RESERVED", format!("the player's place is {}", place["Status"]));
                check(place["PlayerSessionId"] == body["PlayerSessionId"], "the answer is another place".to_owned());
                check(place["GameSessionId"] == body["GameSessionId"], "the answer is another session".to_owned());
            }
            // A game session that was made in vain is ended later.
            let live = self::created(&outcome.before, &outcome.later).into_iter().filter(|session| is_live(session));
            check(live.count() <= 1, "a game session is left without a player".to_owned());
            for session in created {
                // A game session that others have filled is ended once they have left it.
                let is_over = !is_live(session) && fault.is_some_and(is_said_to_be_full);
                check(session["Status"] == "ACTIVE" || is_over, format!("the new session is {}", session["Status"]));
            }
        }
        "find_session" => {
            let told_of_none = fault.is_some_and(|fault| matches!(fault.effect, Effect::Empty | Effect::UnknownEnum));
            let found = body.as_array().map_or(0, Vec::len);
            check(found == 1 || told_of_none, format!("{found} sessions were found"));
        }
        other => unreachable!("{other} has rules of its own"),
    }
    wrong
}

/// Checks a 202: one game session or placement is on its way, and nothing is reserved yet.
fn on_its_way(outcome: &Outcome) -> Vec<String> {
    let (body, created) = (outcome.answer.json(), created(&outcome.before, &outcome.answered));
    let is_it = |session: &&Value| session["GameSessionId"] == body["GameSessionId"];
    let is_there = body["PlacementId"].is_string() || created.iter().any(is_it);
    let reserved = player_sessions(&outcome.answered, |session| session["PlayerId"] == PLAYER);
    let is_right = created.len() <= 1 && is_there && reserved.is_empty();
    (!is_right).then(|| format!("{body} is told of {created:?} with {reserved:?}")).into_iter().collect()
}

/// Returns the game sessions that an error has left behind.
fn left_behind(scenario: &Scenario, fault: Option<&Fault>, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    let live = created(&outcome.before, &outcome.later);
    if scenario.can_resume() {
        // One game session may wait for the client.
        let count = live.into_iter().filter(|session| is_live(session)).count();
        return (count > 1).then(|| format!("{count} game sessions are left")).into_iter().collect();
    }
    for session in live.into_iter().filter(|session| is_live(session)) {
        let resumable = outcome.answer.json()["PlacementId"].is_string() && is_alarm(&outcome.log, "placement_id");
        if !resumable && !fault.is_some_and(|fault| is_excused(fault, session, &outcome.log)) {
            wrong.push(format!("a game session is left {}, log: {}", session["Status"], outcome.log));
        }
    }
    wrong
}

/// Whether the fault excuses that the game session is left. Either the log has an alarm, or AWS has said that there is
/// nothing to end.
pub(crate) fn is_excused(fault: &Fault, session: &Value, log: &str) -> bool {
    let of_the_end = fault.operation == "TerminateGameSession";
    // The placement is the only source for where the queue has placed a game session.
    let of_the_placement = fault.operation == "DescribeGameSessionPlacement" && fault.times == Times::Always;
    let is_over = |name: &str| matches!(name, "NotFoundException" | "InvalidGameSessionStatusException");
    let said_to_be_over = matches!(&fault.effect, Effect::Exception(name) if is_over(name));
    let is_gone_for_good = fault.effect == Effect::Refused && fault.times == Times::Always;
    let id = session["GameSessionId"].as_str().unwrap();
    let alarmed = ((of_the_end || is_gone_for_good) && is_alarm(log, id))
        || ((of_the_placement || is_gone_for_good) && is_alarm(log, "placement_id"));
    ((of_the_end || of_the_placement) && said_to_be_over) || alarmed
}

/// Whether the fault hides which game sessions are open.
fn is_unseen(fault: &Fault) -> bool {
    let says_nothing = matches!(fault.effect, Effect::Empty | Effect::UnknownEnum | Effect::Exception(_));
    let is_throttled = fault.effect == Effect::Exception("ThrottlingException".to_owned());
    fault.operation == "SearchGameSessions" && (is_throttled || !says_nothing)
}

/// Whether AWS says that other players have filled a game session. If they have left, it is ended.
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

/// Returns the game sessions that take up a game server.
pub(crate) fn live(state: &Value) -> Vec<&Value> {
    state["gamelift"]["game_sessions"].as_array().unwrap().iter().filter(|session| is_live(session)).collect()
}

fn is_live(session: &Value) -> bool {
    matches!(session["Status"].as_str(), Some("ACTIVE" | "ACTIVATING"))
}

pub(crate) fn player_sessions(state: &Value, fits: impl Fn(&Value) -> bool) -> Vec<&Value> {
    state["gamelift"]["player_sessions"].as_array().unwrap().iter().filter(|session| fits(session)).collect()
}
