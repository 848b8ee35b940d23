//! The cells of the matrix, a test for every row.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    hash::Hasher as _,
    time::Duration,
};

use aws::upstream::Operation;
use gamelift_emulator::Settings;
use shared::routes::{Needs, RouteId};

use crate::faults::{
    expected,
    fault::{Effect, Fault, Times},
    gaps::KNOWN_GAPS,
    rules,
    scenario::{self, LIMITED, SCENARIOS, Scenario},
    sentences,
    world::{self, Outcome},
};

/// The operations of services that are not emulated here.
const ELSEWHERE: [Operation; 9] = [
    Operation::PostToConnection,
    Operation::DeleteConnection,
    Operation::GetSecretValue,
    Operation::GetItem,
    Operation::Query,
    Operation::PutItem,
    Operation::UpdateItem,
    Operation::DeleteItem,
    Operation::TransactWriteItems,
];

/// The operations that only `/health` calls.
const OF_HEALTH: [Operation; 3] = [
    Operation::DescribeGameSessionQueues,
    Operation::DescribeMatchmakingConfigurations,
    Operation::DescribeGameServerGroup,
];

/// Runs a scenario's cells: first without a fault, then with each.
fn matrix(name: &str) {
    let scenario = scenario::all().find(|scenario| scenario.name == name).unwrap();
    let mut failures = Vec::new();
    let fine = cell(scenario, None, &mut failures);
    for operation in operations(scenario, &fine) {
        for fault in Fault::all_of(&operation) {
            cell(scenario, Some(&fault), &mut failures);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Returns the operations whose faults are tried.
fn operations(scenario: &Scenario, fine: &Outcome) -> BTreeSet<String> {
    match scenario.operations {
        [] => fine.calls.iter().map(|call| call.operation.clone()).collect(),
        named => named.iter().map(|&operation| operation.to_owned()).collect(),
    }
}

fn cell(scenario: &Scenario, fault: Option<&Fault>, failures: &mut Vec<String>) -> Outcome {
    let fault_name = fault.map_or_else(|| "no fault".to_owned(), ToString::to_string);
    let name = format!("{} / {fault_name}", scenario.name);
    let seed = seed(&name);
    let outcome = world::run(scenario, fault, seed);
    let mut wrong = rules::broken(scenario, fault, &outcome);
    wrong.extend(sentences::untrue(fault, &outcome.answer));
    let (code, took, calls) = (rules::code(&outcome.answer), outcome.took, outcome.calls.len());
    println!("{name}: {code} after {took:?} and {calls} calls{}", if wrong.is_empty() { "" } else { " BROKEN" });
    let listed = KNOWN_GAPS.contains(&name.as_str());
    let in_a_group = KNOWN_GAPS.iter().any(|gap| gap.strip_suffix('*').is_some_and(|group| name.starts_with(group)));
    match (listed, wrong.is_empty()) {
        _ if in_a_group => {}
        (true, true) => failures.push(format!("{name} holds now: take it from KNOWN_GAPS")),
        (false, false) => failures.push(format!("{name} (seed {seed}): {}", wrong.join("; "))),
        _ => {}
    }
    outcome
}

/// Returns a cell's seed: always the same one, whether the cell runs alone or among others.
pub(crate) fn seed(cell: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(cell.as_bytes());
    let base: u64 = env::var("LIFTGATE_SEED").map_or(0, |seed| seed.parse().unwrap());
    hasher.finish().wrapping_add(base)
}

#[test]
fn create() {
    matrix("create");
}

#[test]
fn create_within_the_limits_of_one_player() {
    matrix(LIMITED);
}

#[test]
fn create_where_no_game_server_ever_activates() {
    matrix("create where no game server ever activates");
}

#[test]
fn create_where_the_reservation_is_refused() {
    matrix("create where the reservation is refused");
}

#[test]
fn create_in_the_second_fleet() {
    matrix("create in the second fleet");
}

#[test]
fn create_by_an_alias() {
    matrix("create by an alias");
}

#[test]
fn create_through_a_queue() {
    matrix("create through a queue");
}

#[test]
fn create_through_a_queue_without_a_free_game_server() {
    matrix("create through a queue without a free game server");
}

#[test]
fn create_through_a_queue_where_no_game_server_ever_activates() {
    matrix("create through a queue where no game server ever activates");
}

#[test]
fn find_or_create_where_a_session_is_open() {
    matrix("find or create where a session is open");
}

#[test]
fn find_or_create_where_none_is_open() {
    matrix("find or create where none is open");
}

#[test]
fn find_or_create_where_a_slot_becomes_free() {
    matrix("find or create where a slot becomes free");
}

#[test]
fn find_or_create_where_a_session_is_starting() {
    matrix("find or create where a session is starting");
}

#[test]
fn find_or_create_where_a_slot_becomes_free_through_a_queue() {
    matrix("find or create where a slot becomes free through a queue");
}

#[test]
fn find_or_create_where_a_game_server_opens() {
    matrix("find or create where a game server opens");
}

#[test]
fn find() {
    matrix("find");
}

#[test]
fn join() {
    matrix("join");
}

#[test]
fn create_with_a_key() {
    matrix("create with a key");
}

#[test]
fn create_with_a_key_with_two_fleets() {
    matrix("create with a key with two fleets");
}

#[test]
fn create_again_with_a_key() {
    matrix("create again with a key");
}

#[test]
fn create_again_with_a_key_through_a_queue() {
    matrix("create again with a key through a queue");
}

#[test]
fn create_and_come_back() {
    matrix("create and come back");
}

#[test]
fn create_through_a_queue_and_come_back() {
    matrix("create through a queue and come back");
}

#[test]
fn find_again_with_a_key() {
    matrix("find again with a key");
}

#[test]
fn find_or_create_through_a_queue_where_none_is_open() {
    matrix("find or create through a queue where none is open");
}

#[test]
fn join_what_is_still_starting() {
    matrix("join what is still starting");
}

#[test]
fn join_by_a_placement() {
    matrix("join by a placement");
}

#[test]
fn create_with_a_stream() {
    matrix("create with a stream");
}

#[test]
fn join_with_a_stream() {
    matrix("join with a stream");
}

#[test]
fn rejoin() {
    matrix("rejoin");
}

#[test]
fn start_a_stream() {
    matrix("start a stream");
}

#[test]
fn start_a_stream_in_a_location() {
    matrix("start a stream in a location");
}

#[test]
fn start_a_stream_with_a_key() {
    matrix("start a stream with a key");
}

#[test]
fn start_a_stream_and_come_back() {
    matrix("start a stream and come back");
}

#[test]
fn start_a_stream_without_a_client() {
    matrix("start a stream without a client");
}

#[test]
fn resume_a_stream() {
    matrix("resume a stream");
}

#[test]
fn resume_a_stream_that_is_up() {
    matrix("resume a stream that is up");
}

#[test]
fn reconnect_to_a_stream() {
    matrix("reconnect to a stream");
}

#[test]
fn reconnect_to_a_stream_without_its_id() {
    matrix("reconnect to a stream without its id");
}

#[test]
fn reconnect_to_a_stream_that_is_starting() {
    matrix("reconnect to a stream that is starting");
}

#[test]
fn connect_to_a_stream_without_a_client() {
    matrix("connect to a stream without a client");
}

#[test]
fn replace_a_stream() {
    matrix("replace a stream");
}

#[test]
fn end_a_stream() {
    matrix("end a stream");
}

#[test]
fn end_a_stream_that_is_starting() {
    matrix("end a stream that is starting");
}

#[test]
fn game_servers_register() {
    matrix("register a game server");
}

#[test]
fn game_servers_register_again() {
    matrix("register a game server again");
}

#[test]
fn game_servers_update() {
    matrix("update a game server");
}

#[test]
fn game_servers_deregister() {
    matrix("deregister a game server");
}

#[test]
fn game_servers_are_listed() {
    matrix("list game servers");
}

#[test]
fn create_on_a_game_server() {
    matrix("create on a game server");
}

#[test]
fn create_where_a_game_server_cannot_be_connected_to() {
    matrix("create where a game server cannot be connected to");
}

#[test]
fn create_where_every_game_server_is_taken() {
    matrix("create where every game server is taken");
}

#[test]
fn find_or_create_where_a_game_server_is_open() {
    matrix("find or create where a game server is open");
}

#[test]
fn find_or_create_where_no_game_server_is_open() {
    matrix("find or create where no game server is open");
}

#[test]
fn find_on_game_servers() {
    matrix("find on game servers");
}

#[test]
fn join_on_a_game_server() {
    matrix("join on a game server");
}

#[test]
fn search_for_a_match() {
    matrix("search for a match");
}

#[test]
fn search_for_a_match_of_which_no_event_tells() {
    matrix("search for a match of which no event tells");
}

#[test]
fn search_for_a_match_and_come_back() {
    matrix("search for a match and come back");
}

#[test]
fn follow_a_search_of_which_no_event_tells() {
    matrix("follow a search of which no event tells");
}

#[test]
fn accept_a_match() {
    matrix("accept a match");
}

#[test]
fn stop_a_search() {
    matrix("stop a search");
}

/// The end of the budget has many corners: a game session that becomes ACTIVE at any time either goes to the player or
/// is ended.
#[test]
fn a_game_server_may_take_any_time_to_activate() {
    let scenario = &SCENARIOS[0];
    let in_time = Duration::from_secs(18);
    for slow in [false, true] {
        for halves in 0..=2 * 27 {
            let delay = Duration::from_millis(500) * halves;
            let settings = move |settings: &mut Settings| {
                settings.activation_delay = delay;
                settings.faults = slow.then(|| "*=delay:2s".parse().unwrap()).into_iter().collect();
            };
            let outcome = world::run_in(scenario, &settings, None, u64::from(halves));
            let (code, took) = (rules::code(&outcome.answer), outcome.took);
            println!("active after {delay:?}, slow {slow}: {code} after {took:?}");
            assert_eq!(rules::always_broken(scenario, None, &outcome), [""; 0]);
            let expected: &[_] = if slow {
                &["200", "ACTIVATION_TIMEOUT", "UPSTREAM_UNAVAILABLE"]
            } else if delay <= in_time {
                &["200"]
            } else {
                &["200", "ACTIVATION_TIMEOUT"]
            };
            assert!(expected.contains(&code.as_str()));
        }
    }
}

/// Faults at that time change nothing: enough time is left to end the game session.
#[test]
fn faults_at_the_end_of_the_budget_leave_nothing_behind() {
    for millis in [19_000, 20_500, 20_900, 21_500] {
        for operation in ["DescribeGameSessions", "CreatePlayerSessions"] {
            for fault in Fault::all_of(operation).iter().filter(|fault| fault.times == Times::Always) {
                let settings = |settings: &mut Settings| settings.activation_delay = Duration::from_millis(millis);
                let outcome = world::run_in(&SCENARIOS[0], &settings, Some(fault), millis);
                let (code, took) = (rules::code(&outcome.answer), outcome.took);
                println!("active after {millis} ms, {fault}: {code} after {took:?}");
                assert_eq!(rules::always_broken(&SCENARIOS[0], Some(fault), &outcome), [""; 0]);
            }
        }
    }
}

#[test]
fn every_function_and_every_operation_has_its_cells() {
    let routes: BTreeSet<_> = scenario::all().map(|scenario| scenario.function).collect();
    // Signing in calls neither GameLift nor GameLift Streams: no fault of theirs can happen to it. Its one call is to
    // Secrets Manager. A fault is no error of `/health`, but what it tells: `functions/health/tests/it` has each.
    let calls_them = |route: &RouteId| !matches!(route.needs(), Needs::SignIn | Needs::Nothing);
    let all = RouteId::ALL.into_iter().filter(calls_them).map(RouteId::name).collect();
    assert_eq!(routes, all, "give a new route a scenario");
    let covered: BTreeSet<_> =
        scenario::all().flat_map(|scenario| operations(scenario, &world::run(scenario, None, 0))).collect();
    let is_tried = |operation: &&Operation| !ELSEWHERE.contains(operation) && !OF_HEALTH.contains(operation);
    let of_theirs = Operation::ALL.iter().filter(is_tried);
    let called: BTreeSet<_> = of_theirs.map(|operation| operation.name().to_owned()).collect();
    assert_eq!(covered, called, "give an operation a scenario that calls it");
}

/// Run with `UPDATE_DOCS=1` to write the page again.
#[test]
fn where_a_route_knows_better_the_page_says_so() {
    let mut rows = BTreeMap::<_, BTreeSet<_>>::new();
    // A look that fails is no error of this route: it answers what is known.
    let has_errors = |scenario: &&Scenario| scenario.name != LIMITED && scenario.function != "describe_matchmaking";
    for scenario in scenario::all().filter(has_errors) {
        for operation in operations(scenario, &world::run(scenario, None, 0)) {
            if matches!(operation.as_str(), "TerminateGameSession" | "StopGameSessionPlacement") {
                continue;
            }
            for fault in Fault::all_of(&operation) {
                let Effect::Exception(exception) = fault.effect else { continue };
                let code = expected::exception(scenario, &operation, &exception);
                if Some(code) != expected::in_table(&operation, &exception) {
                    rows.entry((scenario.function, operation.clone(), exception)).or_default().insert(code.as_str());
                }
            }
        }
    }
    let mut table = String::from("| route | operation | exception | code |\n|---|---|---|---|\n");
    for ((route, operation, exception), codes) in rows {
        let codes: Vec<_> = codes.into_iter().map(|code| format!("`{code}`")).collect();
        table += &format!("| {route} | {operation} | {exception} | {} |\n", codes.join(" or "));
    }
    testing::docs::check("errors.md", "routes", &table);
}
