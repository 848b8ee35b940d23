//! One run of a function at a time, to which something happens at one of its calls: the store fails, is slow or throttles,
//! or the run dies there. Then the player comes back or does not, Lambda repeats what it repeats, `reconcile` runs each
//! minute, and after all that the conditions hold.
//!
//! - [`rows`]: what the rows have in common; [`searches`], [`events`], [`sockets`], [`sessions`] and [`line`] have them;
//! - [`blow`]: the columns: each call of the run × each thing that can happen to it, of alike cells one;
//! - [`field`] and [`pushes`]: the world of a cell; [`after`]: the conditions; [`ends`]: what the cells may come to.
//!
//! A run without a blow counts the calls. `LIFTGATE_SEED` changes the jitter, `LIFTGATE_CELL` picks the cells whose text
//! contains it, and with `LIFTGATE_CHAOS=all` each of alike cells is run. A row that comes to something else than
//! `ends.txt` says prints all that it comes to.

mod after;
mod blow;
mod ends;
mod events;
mod field;
mod line;
mod pushes;
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
        blow::{Blow, Calls},
        ends::Ends,
        field::Field,
        rows::{Player, Row},
    },
    faults::{matrix::seed, world::logged},
};

/// What came of a cell.
struct Ran {
    wrong: Vec<String>,
    /// The victim's.
    calls: Calls,
    /// See [`ends`].
    outcome: String,
}

/// Runs a cell, or the row without a blow.
fn run(row: &Row, blow: Option<Blow>, player: Player) -> Ran {
    let (mut ran, log) = logged(seed(row.name), async |traffic| {
        let field = Field::start(row, blow, seed(row.name), traffic).await;
        let told = (row.story)(&field, player).await;
        let calls = field.calls();
        let mut wrong = Vec::from_iter(told.err());
        if !field.is_struck() || row.is_steady && blow.is_some_and(|blow| !field.has_met(blow)) {
            wrong.push("nothing happened to the run".to_owned());
        }
        let (also_wrong, outcome) = after::after(&field, row, blow).await;
        wrong.extend(also_wrong);
        Ran { wrong, calls, outcome }
    });
    if !ran.wrong.is_empty() && !log.is_empty() {
        ran.wrong.push(format!("the log: {log}"));
    }
    ran
}

/// The cells of a row in which the player does this after the run, which makes these calls if nothing happens to it. With
/// their texts. Of a run that does not die its player learns, and comes back.
fn cells(row: &Row, player: Player, calls: &Calls) -> Vec<(String, Blow)> {
    let each = env::var("LIFTGATE_CHAOS").is_ok_and(|all| all == "all");
    let blows = Blow::all(calls, each).into_iter().filter(|blow| blow.kills() || player == Player::ComesBack);
    let text = |blow: Blow| format!("{} × {blow} at {}, the player {player:?}", row.name, blow.call(calls).unwrap());
    blows.map(|blow| (text(blow), blow)).collect()
}

/// Runs all cells of a row, or those that are wanted.
fn holds(row: &Row) {
    let mut ends = Ends::of(row);
    let part = env::var("LIFTGATE_CELL").ok();
    let (mut count, mut failed) = (0, 0);
    for player in [Player::ComesBack, Player::IsGone] {
        let Ran { mut wrong, calls, outcome } = run(row, None, player);
        wrong.extend(ends.note(player, None, outcome));
        println!("{}, the player {player:?}: {calls:?}", row.name);
        assert!(!calls.table.is_empty(), "{} asks the store", row.name);
        if !wrong.is_empty() {
            failed += 1;
            println!("{} without a blow, the player {player:?}\n  {}", row.name, wrong.join("\n  "));
        }
        for (text, blow) in cells(row, player, &calls) {
            if part.as_ref().is_some_and(|part| !text.contains(part)) {
                continue;
            }
            count += 1;
            let ran = catch_unwind(AssertUnwindSafe(|| run(row, Some(blow), player)));
            let wrong = ran.map_or_else(
                |_| vec!["it panics, as above".to_owned()],
                |ran| judged(row, (blow, player), ran, &calls, &mut ends),
            );
            if !wrong.is_empty() {
                failed += 1;
                println!("{text} (LIFTGATE_SEED as below)\n  {}", wrong.join("\n  "));
            }
        }
    }
    println!("{}: {count} cells, which come to\n{ends}", row.name);
    if let Some(part) = &part {
        assert!(count > 0 || is_elsewhere(row, part), "no cell has LIFTGATE_CELL='{part}'");
    }
    assert_eq!(failed, 0, "of {count} cells of {}", row.name);
    // Other jitter may lead to fewer of them.
    let has_all = part.is_none() && env::var("LIFTGATE_SEED").is_err();
    assert!(!has_all || ends.missing().is_empty(), "{}", ends.missing().join("\n"));
}

/// What is wrong with a cell of a row whose run makes these calls without a blow.
fn judged(row: &Row, (blow, player): (Blow, Player), ran: Ran, calls: &Calls, ends: &mut Ends) -> Vec<String> {
    let mut wrong = ran.wrong;
    if row.is_steady && blow.call(&ran.calls) != blow.call(calls) {
        wrong.push(format!("it happened to another call: {:?}", ran.calls));
    }
    wrong.extend(ends.note(player, Some(blow), ran.outcome));
    wrong
}

/// Whether another row has a cell whose text contains this. If not, prints the texts of all cells.
fn is_elsewhere(row: &Row, part: &str) -> bool {
    let mut texts = Vec::new();
    for row in rows_of_all() {
        for player in [Player::ComesBack, Player::IsGone] {
            texts.extend(cells(row, player, &run(row, None, player).calls).into_iter().map(|(text, _)| text));
        }
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
    [searches::ROWS, events::ROWS, sockets::ROWS, sessions::ROWS, line::ROWS].into_iter().flatten()
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
    who_stops_what_is_not_sent: searches "who stops a search that was never sent";
    who_stops_what_is_being_sent: searches "who stops a search that is being sent";
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
    failed: events "MatchmakingFailed";
    gone: events "MatchmakingSearching to a socket that is gone";
    placement_cancelled: events "PlacementCancelled";
    placement_failed: events "PlacementFailed";
    reconcile: events "reconcile";
    who_connects: sockets "who connects";
    who_resumes: sockets "who resumes";
    who_accepts_over_a_socket: sockets "who accepts over a socket";
    who_stops_over_a_socket: sockets "who stops over a socket";
    create_through_a_queue: sessions "create through a queue";
    create_through_a_queue_with_a_key: sessions "create through a queue with a key";
    create_through_a_queue_and_come_back: sessions "create through a queue and come back";
    create_through_a_queue_and_come_back_with_a_key: sessions "create through a queue and come back with a key";
    find_or_create: sessions "find or create through a queue";
    find_or_create_with_a_key: sessions "find or create through a queue with a key";
    join: sessions "join";
    join_with_a_key: sessions "join with a key";
    rejoin: sessions "rejoin";
    create_on_a_fleet: sessions "create on a fleet";
    create_on_a_fleet_with_a_key: sessions "create on a fleet with a key";
    a_stream: sessions "a stream";
    a_search_in_the_line: line "a search that waits in the line";
    who_leaves_the_line: line "who stops a search that waits in the line";
    an_event_lets_a_search_in: line "MatchmakingCancelled, which lets a search in";
    a_placement_in_the_line: line "a placement that waits in the line";
    a_placement_in_the_line_with_a_key: line "a placement that waits in the line, with a key";
    an_event_lets_a_placement_in: line "PlacementFulfilled, which lets a placement in";
    a_placement_that_is_called_off: line "a placement in the line whose only call ends";
}
