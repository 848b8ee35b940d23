//! Honest players at human rates, and two attackers of one kind, at AWS's documented rates and behind API Gateway's
//! throttling with a usage plan: the attack alone must leave the players served. `bench` measures the same with more
//! players, and all attacks at once.

use std::{sync::OnceLock, time::Duration};

use bench::attackers::{
    attack::Attack,
    crowd::Crowd,
    gate::{Backend, Gate, Limits},
    tally::Tally,
};
use matchmaking::config::FleetConfig;

use crate::faults::world::{World, logged};

const PLAYERS: usize = 60;

/// The time within which the players come.
const SPAN: Duration = Duration::from_secs(30);

/// Keys of the usage plan.
const KEYS: u16 = 200;

/// Returns how the players fare under `attacks`.
fn fared(attacks: &[Attack]) -> Tally {
    let seed = crate::faults::matrix::seed("attackers");
    let crowd = Crowd { players: PLAYERS, attackers: 2, span: SPAN, activation: Duration::from_secs(1), seed };
    let (tally, _) = logged(seed, async |traffic| {
        let world =
            World::start(&|settings| crowd.prepare(settings), FleetConfig::default, seed, traffic.clone()).await;
        let backend = Backend {
            endpoint: format!("http://{}", world.proxy.address),
            clock: world.clock.clone(),
            region: world.region.clone(),
        };
        let limits = Limits { keys: Some(KEYS) };
        let gate = Gate::new(backend, limits).await.unwrap().telling(move || traffic.seen());
        crowd.run(&gate, attacks).await
    });
    println!(
        "seed {seed}, {attacks:?}: {:.3} served, p50 {:?}, p99 {:?}, {:?} share a key, refused: {:?}, attackers: {:?}",
        tally.served(),
        tally.took(50),
        tally.took(99),
        tally.sharing(),
        tally.refusals(),
        tally.attackers
    );
    tally
}

/// Returns how the players fare when nobody attacks.
fn in_peace() -> &'static Tally {
    static PEACE: OnceLock<Tally> = OnceLock::new();
    PEACE.get_or_init(|| fared(&[]))
}

/// Checks that `attack` leaves the players as well served as in peace. Those who share a key with an attacker are the
/// price of a usage plan with few keys.
fn leaves_the_players_served(attack: Attack) {
    let (peace, attacked) = (in_peace(), fared(&[attack]));
    assert!((peace.served() - 1.0).abs() < f64::EPSILON, "in peace everybody is served: {:?}", peace.refusals());
    let spoilt = attacked.players.iter().filter(|player| !player.is_served() && !player.shares_a_key).count();
    assert_eq!(spoilt, 0, "{:?}", attacked.refusals());
}

#[test]
fn creates_of_one_player_leave_the_others_served() {
    leaves_the_players_served(Attack::Creates);
}

#[test]
fn new_streams_of_one_player_leave_the_others_served() {
    leaves_the_players_served(Attack::NewStreams);
}

#[test]
fn rejoins_of_a_player_who_was_in_no_game_session_leave_the_others_served() {
    leaves_the_players_served(Attack::Rejoins);
}

#[test]
fn searches_with_odd_parameters_leave_the_others_served() {
    leaves_the_players_served(Attack::Searches);
}

#[test]
fn bad_bodies_leave_the_others_served() {
    leaves_the_players_served(Attack::BadPosts);
}

#[test]
fn parties_of_made_up_players_leave_the_others_served() {
    leaves_the_players_served(Attack::Parties);
}

#[test]
fn slots_in_every_game_session_leave_the_others_served() {
    leaves_the_players_served(Attack::NoShows);
}

#[test]
fn bursts_of_new_streams_leave_the_others_served() {
    leaves_the_players_served(Attack::StreamBursts);
}

#[test]
fn made_up_ids_leave_the_others_served() {
    leaves_the_players_served(Attack::MadeUpIds);
}
