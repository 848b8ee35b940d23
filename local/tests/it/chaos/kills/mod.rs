//! One run of a function at a time, to which something happens at one of its calls: the store fails, is slow or throttles,
//! or the run dies there. Then the player comes back or does not, Lambda repeats what it repeats, `reconcile` runs each
//! minute, and after all that the conditions hold.
//!
//! - [`rows`]: what the rows have in common; [`searches`], [`events`], [`sockets`] and [`sessions`] have them;
//! - [`blow`]: the columns: each call of the run × each thing that can happen to it. Of alike calls of the table only the
//!   first and the last count;
//! - [`field`]: the world of a cell; [`after`]: the conditions.
//!
//! A run without a blow counts the calls. `LIFTGATE_SEED` changes the jitter, `LIFTGATE_CELL` picks the cells whose text
//! contains it, and with `LIFTGATE_CHAOS=all` each of alike calls counts.

mod after;
mod blow;
mod events;
mod field;
mod rows;
mod searches;
mod sessions;
mod sockets;

use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{
    chaos::kills::{
        blow::Blow,
        field::Field,
        rows::{Player, Row},
    },
    faults::{matrix::seed, world::logged},
};

/// The calls of a run, of the table and of GameLift.
type Calls = (Vec<String>, Vec<String>);

/// A cell of a row: what happens to the run, and what the player does then.
type Cell = (Blow, Player);

/// Runs a cell. Returns what is wrong, and the victim's calls.
fn run(row: &Row, cell: Option<Cell>) -> (Vec<String>, Calls) {
    let seed = seed(row.name);
    let (blow, player) = cell.map_or((None, Player::ComesBack), |(blow, player)| (Some(blow), player));
    let (outcome, log) = logged(seed, async |traffic| {
        let field = Field::start(row, blow, seed, traffic).await;
        let told = (row.story)(&field, player).await;
        let calls = field.calls();
        let mut wrong = Vec::from_iter(told.err());
        if !field.is_struck() || blow.is_some_and(|blow| !field.has_met(blow)) {
            wrong.push("nothing happened to the run".to_owned());
        }
        wrong.extend(after::wrong(&field, row, blow).await);
        (wrong, calls)
    });
    let (mut wrong, calls) = outcome;
    if !wrong.is_empty() && !log.is_empty() {
        wrong.push(format!("the log: {log}"));
    }
    (wrong, calls)
}

/// The cells of a row whose run makes these calls, with their texts.
fn cells(row: &Row, (table, gamelift): &Calls) -> Vec<(String, Cell)> {
    let mut cells = Vec::new();
    for blow in Blow::all(table, gamelift, env::var("LIFTGATE_CHAOS").is_ok()) {
        let players: &[Player] = if blow.kills() { &[Player::ComesBack, Player::IsGone] } else { &[Player::ComesBack] };
        let call = blow.call(table, gamelift).unwrap();
        let text = |player: Player| format!("{} × {blow} at {call}, the player {player:?}", row.name);
        cells.extend(players.iter().map(|player| (text(*player), (blow, *player))));
    }
    cells
}

/// Runs all cells of a row, or those that are wanted.
fn holds(row: &Row) {
    let (wrong, calls) = run(row, None);
    assert_eq!(wrong, Vec::<String>::new(), "{} without a blow", row.name);
    assert!(!calls.0.is_empty(), "{} asks the store", row.name);
    println!("{}: {calls:?}", row.name);
    let mut wanted = cells(row, &calls);
    if let Ok(part) = env::var("LIFTGATE_CELL") {
        wanted.retain(|(text, _)| text.contains(&part));
        assert!(!wanted.is_empty() || is_elsewhere(row, &part), "no cell has LIFTGATE_CELL='{part}'");
    }
    let mut failed = 0;
    for (text, cell) in &wanted {
        let ran = catch_unwind(AssertUnwindSafe(|| run(row, Some(*cell))));
        let wrong = ran.map_or_else(
            |_| vec!["it panics, as above".to_owned()],
            |(mut wrong, its_calls)| {
                if cell.0.call(&its_calls.0, &its_calls.1) != cell.0.call(&calls.0, &calls.1) {
                    wrong.push(format!("it happened to another call: {its_calls:?}"));
                }
                wrong
            },
        );
        if !wrong.is_empty() {
            failed += 1;
            println!("{text} (LIFTGATE_SEED as below)\n  {}", wrong.join("\n  "));
        }
    }
    println!("{}: {} cells", row.name, wanted.len());
    assert_eq!(failed, 0, "of {} cells of {}", wanted.len(), row.name);
}

/// Whether another row has a cell whose text contains this. If not, prints the texts of all cells.
fn is_elsewhere(row: &Row, part: &str) -> bool {
    let mut texts = Vec::new();
    for row in rows_of_all() {
        texts.extend(cells(row, &run(row, None).1).into_iter().map(|(text, _)| text));
    }
    let is_elsewhere = texts.iter().any(|text| text.contains(part));
    if is_elsewhere {
        println!("{}: no cell has '{part}'", row.name);
    } else {
        println!("There are these cells:\n{}", texts.join("\n"));
    }
    is_elsewhere
}

fn rows_of_all() -> impl Iterator<Item = &'static Row> {
    [searches::ROWS, events::ROWS, sockets::ROWS, sessions::ROWS].into_iter().flatten()
}

/// A test for each row.
macro_rules! rows {
    ($($test:ident: $rows:ident $name:literal;)*) => {
        $(
            #[test]
            fn $test() {
                holds($rows::ROWS.iter().find(|row| row.name == $name).unwrap());
            }
        )*

        #[test]
        fn every_row_has_a_test() {
            let mut tested = [$($name),*];
            let mut rows: Vec<_> = rows_of_all().map(|row| row.name).collect();
            tested.sort_unstable();
            rows.sort_unstable();
            assert_eq!(tested.as_slice(), rows);
        }
    };
}

rows! {
    a_search: searches "a search";
    a_search_with_a_key: searches "a search with a key";
    a_search_of_a_client_that_comes_back: searches "a search of a client that comes back for the match";
    a_partys_search: searches "a party's search";
    who_follows: searches "who follows a search of which no event tells";
    who_accepts: searches "who accepts a match";
    who_stops: searches "who stops a search";
    searching: events "MatchmakingSearching";
    potential_match: events "PotentialMatchCreated";
    succeeded: events "MatchmakingSucceeded";
    potential_match_to_be_accepted: events "PotentialMatchCreated, to be accepted";
    accept: events "AcceptMatch";
    accept_completed: events "AcceptMatchCompleted";
    timed_out: events "MatchmakingTimedOut";
    cancelled: events "MatchmakingCancelled";
    placement_timed_out: events "PlacementTimedOut of a match that a player wants stopped";
    placement_fulfilled: events "PlacementFulfilled";
    reconcile: events "reconcile";
    who_connects: sockets "who connects";
    who_resumes: sockets "who resumes";
    who_accepts_over_a_socket: sockets "who accepts over a socket";
    who_stops_over_a_socket: sockets "who stops over a socket";
    create_through_a_queue: sessions "create through a queue";
    create_through_a_queue_with_a_key: sessions "create through a queue with a key";
    create_through_a_queue_and_come_back: sessions "create through a queue and come back";
    find_or_create: sessions "find or create through a queue";
    find_or_create_with_a_key: sessions "find or create through a queue with a key";
    join: sessions "join";
    join_with_a_key: sessions "join with a key";
    rejoin: sessions "rejoin";
    create_on_a_fleet: sessions "create on a fleet";
    create_on_a_fleet_with_a_key: sessions "create on a fleet with a key";
    a_stream: sessions "a stream";
}
