//! Several tabs of one player at the same time, under several faults. With one offer or one key they always have one
//! stream session. Without, tabs at the same moment may start one each, but no more, and each one can be reached by the
//! player.

use std::{collections::BTreeSet, env, time::Duration};

use futures_util::future::join_all;
use gamelift_emulator::Settings;
use matchmaking::config::FleetConfig;
use proptest::{
    collection::vec,
    prelude::*,
    sample::Index,
    test_runner::{Config, RngSeed},
};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{NO_CLIENT, model::drain, offer, request, rules, scenario::with, sessions};
use crate::faults::{
    fault::{Effect, Fault},
    rules::{late, storms},
    scenario::{BASE, Scenario},
    world::{Answer, World, logged},
};

const OPERATIONS: [&str; 7] = [
    "StartStreamSession",
    "GetStreamSession",
    "ListStreamSessions",
    "CreateStreamSessionConnection",
    "TerminateStreamSession",
    "GetStreamGroup",
    "GetApplication",
];

/// The property that the tabs of a player share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Common {
    Offer,
    Key,
    Nothing,
}

#[derive(Clone, Debug)]
struct Player {
    common: Common,
    intent: &'static str,
    has_client: bool,
    /// When each tab asks.
    tabs: Vec<Duration>,
    /// How often a tab asks again after an error.
    retries: u8,
    is_patient: bool,
}

#[derive(Clone, Debug)]
struct Case {
    players: Vec<Player>,
    faults: Vec<Fault>,
    start_delay: Duration,
    seed: u64,
}

fn cases() -> impl Strategy<Value = Case> {
    // Zero is frequent, so that many tabs ask at the same time.
    let at = prop_oneof![3 => Just(0_u64), 2 => 0..600_u64, 1 => 0..9000_u64].prop_map(Duration::from_millis);
    let common = prop_oneof![Just(Common::Offer), Just(Common::Key), Just(Common::Nothing)];
    let intent = prop_oneof![2 => Just("auto"), 1 => Just("new")];
    let player = (common, intent, any::<bool>(), vec(at, 1..4), 0..3_u8, any::<bool>()).prop_map(
        |(common, intent, has_client, tabs, retries, is_patient)| Player {
            common,
            intent,
            // All tabs send the same NO_CLIENT_CONNECTION, so without a client only a key tells that two calls are the
            // same.
            has_client: has_client || common != Common::Key,
            tabs,
            retries,
            is_patient,
        },
    );
    let fault = (prop::sample::select(OPERATIONS.as_slice()), any::<Index>()).prop_map(|(operation, index)| {
        let faults: Vec<_> = Fault::all_of(operation).into_iter().filter(is_honest).collect();
        index.get(&faults).clone()
    });
    let world = (0..9000_u64, any::<u64>());
    (vec(player, 1..4), vec(fault, 0..4), world).prop_map(|(players, faults, (delay, seed))| Case {
        players,
        faults,
        start_delay: Duration::from_millis(delay),
        seed,
    })
}

/// Whether the fault tells the truth about stream sessions: a session that AWS denies cannot be noticed.
fn is_honest(fault: &Fault) -> bool {
    !matches!(fault.effect, Effect::Empty | Effect::UnknownEnum)
}

impl Player {
    /// Sends everything that a tab sends.
    async fn tab(&self, number: usize, tab: usize, world: &World) -> Vec<(Answer, Duration)> {
        sleep(self.tabs[tab]).await;
        let name = format!("player-{number}");
        let offer = match self.common {
            _ if !self.has_client => NO_CLIENT.to_owned(),
            Common::Offer => offer(&name),
            Common::Key | Common::Nothing => offer(&format!("{name}tab{tab}")),
        };
        let body = with(request(&name, &offer), json!({ "intent": self.intent }));
        let mut headers = Vec::new();
        if self.common == Common::Key {
            headers.push(("Idempotency-Key", "key-1"));
        }
        if !self.is_patient {
            headers.push(("Prefer", "respond-async"));
        }
        let mut answers = Vec::new();
        for _ in 0..=self.retries {
            let asked = Instant::now();
            let answer = world.call_with(&headers, "reconnect_stream", Some(body.clone())).await;
            let is_in = answer.status == 200;
            let wait = answer.header("retry-after").and_then(|wait| wait.parse().ok()).unwrap_or(1);
            answers.push((answer, asked.elapsed()));
            if is_in {
                break;
            }
            sleep(Duration::from_secs(wait)).await;
        }
        answers
    }

    /// Returns the most stream sessions that the player may have started.
    fn most(&self) -> usize {
        if self.common == Common::Nothing { self.tabs.len() } else { 1 }
    }
}

/// Returns what is wrong with the case.
fn broken(case: &Case) -> Vec<String> {
    let settings = |settings: &mut Settings| {
        settings.stream_start_delay = case.start_delay;
        settings.stream_capacity = 100;
    };
    logged(case.seed, async |traffic| {
        let world = World::start(&settings, FleetConfig::default, case.seed, traffic).await;
        for fault in &case.faults {
            world.set(fault);
        }
        let players = case.players.iter().enumerate();
        let answers = join_all(players.map(|(number, player)| {
            let world = &world;
            join_all((0..player.tabs.len()).map(move |tab| player.tab(number, tab, world)))
        }))
        .await;
        let requests = answers.iter().flatten().flatten().count();
        let mut wrong = storms(&world.proxy.take_calls(), requests);
        let state = world.state().await;
        let all: BTreeSet<_> = sessions(&state).iter().map(|session| session["UserId"].to_string()).collect();
        for (player, answers) in case.players.iter().zip(&answers) {
            let mut entered = BTreeSet::new();
            for (answer, took) in answers.iter().flatten() {
                let headers = if player.is_patient { &[] } else { crate::faults::scenario::ASYNC };
                let scenario = Scenario { function: "reconnect_stream", headers, ..BASE };
                wrong.extend(rules::shape(&scenario, answer));
                wrong.extend(late(&scenario, *took));
                if matches!(answer.status, 200 | 202) {
                    entered.insert(answer.json()["StreamSessionId"].as_str().unwrap_or_default().to_owned());
                }
            }
            let owners: BTreeSet<_> = entered.iter().map(|id| owner(&state, id)).collect();
            if entered.len() > player.most() || owners.len() > 1 {
                wrong.push(format!("{player:?} is told of {entered:?} of {owners:?}"));
            }
        }
        // The owners tell how many stream sessions each player has.
        let most = case.players.iter().map(Player::most).sum::<usize>();
        if sessions(&state).len() > most || all.len() > case.players.len() {
            wrong.push(format!("{} stream sessions were started, not {most}", sessions(&state).len()));
        }
        wrong.extend(drain(&world, case.players.len()).await);
        wrong
    })
    .0
}

fn owner(state: &serde_json::Value, id: &str) -> String {
    let session = sessions(state).iter().find(|session| super::id(session) == id);
    session.map_or_else(|| "nobody".to_owned(), |session| session["UserId"].to_string())
}

#[test]
fn tabs_with_one_offer_or_one_key_have_one_stream() {
    let seed = env::var("LIFTGATE_SEED").map_or(0, |seed| seed.parse().unwrap());
    let cases_wanted = env::var("LIFTGATE_CASES").map_or(32, |cases| cases.parse().unwrap());
    let config = Config {
        cases: cases_wanted,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    proptest!(config, |(case in cases())| {
        prop_assert_eq!(broken(&case), [""; 0]);
    });
}
