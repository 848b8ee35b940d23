//! More players than game servers create game sessions at the same moment, at AWS's documented rates: every player gets
//! a game session or hears in time that there is no room. `bench` measures the same.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use gamelift_emulator::Settings;
use matchmaking::config::FleetConfig;
use testing::stock_client;
use tokio::time::Instant;

use crate::faults::{
    rules,
    scenario::{BASE, create},
    world::{AFTERMATH, World, invoke, logged},
};

const PLAYERS: usize = 200;
const SERVERS: u16 = 50;

/// Most calls of AWS for each request, on average; three of four requests wait for a game server in vain.
const MOST_CALLS: usize = 20;

fn rush(seed: u64) {
    let settings = |settings: &mut Settings| {
        settings.game_servers = SERVERS;
        settings.rate_limits = true;
    };
    let ((answers, calls, answered, later), log) = logged(seed, async |traffic| {
        let world = World::start(&settings, FleetConfig::default, seed, traffic).await;
        // Each instance is cold and shares nothing with another one.
        let instances = join_all((0..PLAYERS).map(|_| world.instance())).await;
        let answers = join_all(instances.iter().enumerate().map(|(number, functions)| async move {
            let (player, started) = (format!("player-{number}"), Instant::now());
            let answer = invoke(functions, &[], "create_session", Some(create(&player))).await;
            (answer, started.elapsed())
        }))
        .await;
        let answered = world.state().await;
        tokio::time::sleep(AFTERMATH).await;
        (answers, world.proxy.take_calls(), answered, world.state().await)
    });
    let mut entered = BTreeSet::new();
    let (mut full, mut longest) = (0, Duration::ZERO);
    for (answer, took) in &answers {
        assert_eq!(rules::shape(&BASE, answer), None);
        assert_eq!(rules::late(&BASE, *took), None);
        longest = longest.max(*took);
        match rules::code(answer).as_str() {
            "200" => {
                stock_client::connection(&answer.body).unwrap();
                let is_new = entered.insert(answer.json()["GameSessionId"].as_str().unwrap().to_owned());
                assert!(is_new, "two players have created one game session");
            }
            "NO_CAPACITY" => full += 1,
            code => panic!("{code}: {}, log: {log}", answer.body),
        }
    }
    println!("{} entered, {full} found no room, after {longest:?}; {} calls", entered.len(), calls.len());
    assert_eq!((entered.len(), full), (SERVERS.into(), PLAYERS - usize::from(SERVERS)));
    assert!(calls.len() <= MOST_CALLS * PLAYERS, "{} calls", calls.len());
    assert_eq!(rules::player_sessions(&answered, |_| true).len(), entered.len(), "a slot each");
    assert_eq!(rules::live(&later).len(), entered.len(), "nothing is left over");
}

#[test]
fn everybody_gets_a_game_session_or_hears_that_there_is_no_room() {
    rush(crate::faults::matrix::seed("rush"));
}
