//! One run of a function at a time, to which something happens at one of its calls: the store fails, is slow or throttles,
//! or the run dies there. Then the player comes back or does not, Lambda repeats what it repeats, `reconcile` runs each
//! minute, and after all that the conditions hold.
//!
//! - [`rows`]: what the rows have in common; [`searches`], [`events`], [`sockets`] and [`sessions`] have them;
//! - [`blow`]: the columns: each call of the run × each thing that can happen to it. Of alike calls of the table only the
//!   first and the last count;
//! - [`field`]: the world of a cell; [`after`]: the conditions.
//!
//! A run without a blow counts the calls. `LIFTGATE_SEED` changes the jitter, and `LIFTGATE_CELL` picks the cells whose
//! text contains it.

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

/// Runs a cell. Returns what is wrong, and the victim's calls.
fn cell(row: &Row, blow: Option<Blow>, player: Player) -> (Vec<String>, Calls) {
    let seed = seed(row.name);
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

/// Runs all cells of a row.
fn holds(row: &Row) {
    let (wrong, (table, gamelift)) = cell(row, None, Player::ComesBack);
    assert_eq!(wrong, Vec::<String>::new(), "{} without a blow", row.name);
    assert!(!table.is_empty(), "{} asks the store", row.name);
    println!("{}: {table:?} {gamelift:?}", row.name);
    let only = env::var("LIFTGATE_CELL").unwrap_or_default();
    let (mut cells, mut failed) = (0, 0);
    for blow in Blow::all(&table, &gamelift) {
        let players: &[Player] = if blow.kills() { &[Player::ComesBack, Player::IsGone] } else { &[Player::ComesBack] };
        for player in players {
            let text = format!("{} × {blow}, the player {player:?}", row.name);
            if !text.contains(&only) {
                continue;
            }
            cells += 1;
            let ran = catch_unwind(AssertUnwindSafe(|| cell(row, Some(blow), *player).0));
            let wrong = ran.unwrap_or_else(|_| vec!["it panics, as above".to_owned()]);
            if !wrong.is_empty() {
                failed += 1;
                println!("{text} (LIFTGATE_SEED as below)\n  {}", wrong.join("\n  "));
            }
        }
    }
    println!("{}: {cells} cells", row.name);
    assert_eq!(failed, 0, "of {cells} cells of {}", row.name);
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
            let all = [searches::ROWS, events::ROWS, sockets::ROWS, sessions::ROWS];
            let mut rows: Vec<_> = all.into_iter().flatten().map(|row| row.name).collect();
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
