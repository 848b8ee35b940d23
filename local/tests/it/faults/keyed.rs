//! `find_or_create_session` with a key. The reservation in an open game session is made but its answer is lost: the key
//! must not get slots in another game session, neither in this call nor in its repeat.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join;
use matchmaking::config::FleetConfig;
use serde_json::Value;
use tokio::time::sleep;

use crate::faults::{
    fault::{Effect, Fault, Times},
    rules,
    scenario::{KEYED, PLAYER, create},
    world::{World, logged},
};

/// The effects after which a reservation is made but not reported.
const LOST: [Effect; 5] = [Effect::CutBody, Effect::LostAnswer, Effect::Silence, Effect::Malformed, Effect::Truncated];

/// Returns the game sessions in which the player has a slot.
fn places(state: &Value) -> BTreeSet<String> {
    let is_live = |session: &Value| session["PlayerId"] == PLAYER && session["Status"] == "RESERVED";
    let own = rules::player_sessions(state, is_live);
    own.iter().map(|session| session["GameSessionId"].as_str().unwrap().to_owned()).collect()
}

/// Returns what is wrong if the reservation meets `effect` and every later look at reservations meets `blind`.
fn broken(effect: &Effect, times: Times, blind: Option<Times>, seed: u64) -> Option<String> {
    let (wrong, _) = logged(seed, async |traffic| {
        let world = World::start(&|_| {}, FleetConfig::default, seed, traffic).await;
        let host = world.succeed("create_session", Some(create("host"))).await;
        world.set(&Fault { operation: "CreatePlayerSessions".to_owned(), effect: effect.clone(), times });
        let send = || world.call_with(KEYED, "find_or_create_session", Some(create(PLAYER)));
        let go_blind = async {
            let Some(times) = blind else { return };
            while places(&world.state().await).is_empty() {
                sleep(Duration::from_millis(5)).await;
            }
            let operation = "DescribePlayerSessions".to_owned();
            world.set(&Fault { operation, effect: Effect::Unavailable, times });
        };
        let (first, ()) = join(send(), go_blind).await;
        let answered = places(&world.state().await);
        world.mend();
        let repeat = send().await;
        let later = places(&world.state().await);
        let expected = BTreeSet::from([host["GameSessionId"].as_str().unwrap().to_owned()]);
        let is_right = repeat.status == 200 && answered == expected && later == expected;
        (!is_right).then(|| format!("{first:?}, then {repeat:?}, with slots in {answered:?}, then in {later:?}"))
    });
    wrong.map(|wrong| format!("{effect:?} {times:?}, blind {blind:?}: {wrong}"))
}

#[test]
fn a_key_has_slots_in_one_game_session_whatever_gets_lost() {
    let seed = crate::faults::matrix::seed("keyed");
    let mut wrong = Vec::new();
    for effect in &LOST {
        for times in [Times::Once, Times::Always] {
            for blind in [None, Some(Times::Once), Some(Times::Always)] {
                wrong.extend(broken(effect, times, blind, seed));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
