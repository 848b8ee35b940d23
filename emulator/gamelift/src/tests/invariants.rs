//! Random sequences of operations, with invariants checked after each of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use emulator_core::{
    clock::Clock,
    events::EventBus,
    faults::set::Faults,
    model::gamelift::{GameSessionStatus, PlacementStatus, PlayerSessionCreationPolicy, PlayerSessionStatus},
    service::Timed as _,
    settings::Settings,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    operation::{Operation, run},
    operations::{
        create_game_session::CreateGameSession, create_game_session_queue::CreateGameSessionQueue,
        create_player_sessions::CreatePlayerSessions, deregister_compute::DeregisterCompute,
        register_compute::RegisterCompute, start_game_session_placement::StartGameSessionPlacement,
        stop_game_session_placement::StopGameSessionPlacement, terminate_game_session::TerminateGameSession,
        update_game_session::UpdateGameSession,
    },
    processes::ProcessConnection,
    resources::{connect_request::ConnectRequest, server_process::ProcessStatus, server_push::ServerPush},
    service::GameLift,
    state::whole::State,
};

#[derive(Clone, Debug)]
enum Step {
    Connect,
    ConnectWithoutReady,
    /// A game server that may have connected before, lost its connection, or ended.
    ConnectAs {
        process: u8,
        token: Option<u8>,
        ready: bool,
    },
    Refresh(usize),
    BecomeReady(usize),
    Deregister,
    CreateGameSession {
        token: Option<u8>,
        maximum: u8,
    },
    Activate(usize),
    Reserve {
        session: usize,
        players: usize,
    },
    Accept {
        session: usize,
        player: usize,
    },
    Remove {
        session: usize,
        player: usize,
    },
    SetMaximum {
        session: usize,
        maximum: u8,
    },
    SetPolicy {
        session: usize,
        open: bool,
    },
    Terminate(usize),
    End(usize),
    Crash(usize),
    Disconnect(usize),
    Heartbeat {
        server: usize,
        healthy: bool,
    },
    Place {
        placement: u8,
        players: usize,
        maximum: u8,
    },
    StopPlacement(u8),
    RegisterAgain,
    Wait(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let index = || 0..6_usize;
    prop_oneof![
        2 => Just(Step::Connect),
        1 => Just(Step::ConnectWithoutReady),
        3 => (0..3_u8, prop::option::of(0..3_u8), any::<bool>())
            .prop_map(|(process, token, ready)| Step::ConnectAs { process, token, ready }),
        1 => index().prop_map(Step::Refresh),
        1 => index().prop_map(Step::BecomeReady),
        1 => Just(Step::Deregister),
        3 => (prop::option::of(0..3_u8), 0..4_u8)
            .prop_map(|(token, maximum)| Step::CreateGameSession { token, maximum }),
        3 => index().prop_map(Step::Activate),
        4 => (index(), 1..4_usize).prop_map(|(session, players)| Step::Reserve { session, players }),
        2 => (index(), index()).prop_map(|(session, player)| Step::Accept { session, player }),
        2 => (index(), index()).prop_map(|(session, player)| Step::Remove { session, player }),
        1 => (index(), 0..5_u8).prop_map(|(session, maximum)| Step::SetMaximum { session, maximum }),
        1 => (index(), any::<bool>()).prop_map(|(session, open)| Step::SetPolicy { session, open }),
        1 => index().prop_map(Step::Terminate),
        1 => index().prop_map(Step::End),
        1 => index().prop_map(Step::Crash),
        1 => index().prop_map(Step::Disconnect),
        2 => (index(), any::<bool>()).prop_map(|(server, healthy)| Step::Heartbeat { server, healthy }),
        2 => (0..6_u8, 0..3_usize, 0..4_u8)
            .prop_map(|(placement, players, maximum)| Step::Place { placement, players, maximum }),
        1 => (0..6_u8).prop_map(Step::StopPlacement),
        1 => Just(Step::RegisterAgain),
        2 => (0..90_u64).prop_map(Step::Wait),
    ]
}

fn from_the_compute() -> ConnectRequest {
    ConnectRequest {
        fleet_id: Settings::FLEET_ID.into(),
        compute_name: Settings::COMPUTE_NAME.into(),
        ..ConnectRequest::default()
    }
}

struct World {
    gamelift: Arc<GameLift>,
    clock: Clock,
    servers: Vec<ProcessConnection>,
    ended: BTreeMap<String, usize>,
    ended_placements: BTreeMap<String, PlacementStatus>,
}

impl World {
    fn new() -> Self {
        let clock = Clock::stopped();
        let gamelift =
            Arc::new(GameLift::new(&Settings::default(), clock.clone(), Faults::default(), EventBus::default()));
        let world =
            Self { gamelift, clock, servers: Vec::new(), ended: BTreeMap::new(), ended_placements: BTreeMap::new() };
        let fleet_arn = world.gamelift.with_state(|state| state.fleets[Settings::FLEET_ID].arn.clone());
        world.call::<CreateGameSessionQueue>(
            json!({ "Name": "q", "TimeoutInSeconds": 100, "Destinations": [{ "DestinationArn": fleet_arn }] }),
        );
        world
    }

    /// Runs an operation; exceptions are expected.
    fn call<O: Operation>(&self, input: Value) {
        drop(run::<O>(&self.gamelift.shared, serde_json::from_value(input).unwrap()));
    }

    /// Returns the ARN of the `index`th game session, or a made-up one if there are fewer.
    fn arn(&self, index: usize) -> String {
        self.gamelift.with_state(|state| state.game_sessions.keys().nth(index).cloned()).unwrap_or("arn:none".into())
    }

    fn player(&self, arn: &str, index: usize) -> String {
        let id = self.gamelift.with_state(|state| state.game_sessions.get(arn)?.player_sessions.get(index).cloned());
        id.unwrap_or("psess-none".into())
    }

    fn with_host(&self, arn: &str, call: impl FnOnce(&crate::resources::server_process::ProcessId)) {
        if let Some(process) = self.gamelift.with_state(|state| Some(state.game_sessions.get(arn)?.process.clone())) {
            call(&process);
        }
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Connect => {
                // The connection fails while the compute is deregistered.
                let Ok(server) = self.gamelift.connect_process(&from_the_compute()) else { return };
                self.gamelift.process_ready(&server, 7777).unwrap();
                self.gamelift.heartbeat(server.id(), true).unwrap();
                self.servers.push(server);
            }
            Step::ConnectWithoutReady => {
                self.servers.extend(self.gamelift.connect_process(&from_the_compute()));
            }
            Step::ConnectAs { process, token, ready } => {
                let request = ConnectRequest {
                    process_id: Some(format!("proc-{process}")),
                    idempotency_token: token.map(|token| token.to_string()),
                    ..from_the_compute()
                };
                let Ok(server) = self.gamelift.connect_process(&request) else { return };
                self.servers.push(server);
                if ready {
                    self.run(Step::BecomeReady(self.servers.len() - 1));
                }
            }
            Step::Refresh(server) => {
                if let Some(server) = self.servers.get(server) {
                    drop(self.gamelift.refresh_connection(server.id()));
                }
            }
            Step::BecomeReady(server) => {
                if let Some(server) = self.servers.get(server) {
                    drop(self.gamelift.process_ready(server, 7777));
                    drop(self.gamelift.heartbeat(server.id(), true));
                }
            }
            Step::Deregister => {
                let compute = json!({ "FleetId": Settings::FLEET_ID, "ComputeName": Settings::COMPUTE_NAME });
                self.call::<DeregisterCompute>(compute);
            }
            Step::CreateGameSession { token, maximum } => self.call::<CreateGameSession>(json!({
                "FleetId": Settings::FLEET_ID,
                "Location": Settings::LOCATION,
                "MaximumPlayerSessionCount": maximum,
                "IdempotencyToken": token.map(|token| token.to_string()),
            })),
            Step::Activate(session) => {
                let arn = self.arn(session);
                self.with_host(&arn, |id| drop(self.gamelift.activate_game_session(id, &arn)));
            }
            Step::Reserve { session, players } => {
                let ids: Vec<_> = (0..players).map(|player| player.to_string()).collect();
                self.call::<CreatePlayerSessions>(json!({ "GameSessionId": self.arn(session), "PlayerIds": ids }));
            }
            Step::Accept { session, player } => {
                let arn = self.arn(session);
                let player = self.player(&arn, player);
                self.with_host(&arn, |id| drop(self.gamelift.accept_player_session(id, &arn, &player)));
            }
            Step::Remove { session, player } => {
                let arn = self.arn(session);
                let player = self.player(&arn, player);
                self.with_host(&arn, |id| drop(self.gamelift.remove_player_session(id, &arn, &player)));
            }
            Step::SetMaximum { session, maximum } => self.call::<UpdateGameSession>(
                json!({ "GameSessionId": self.arn(session), "MaximumPlayerSessionCount": maximum }),
            ),
            Step::SetPolicy { session, open } => {
                let arn = self.arn(session);
                let policy = if open { "ACCEPT_ALL" } else { "DENY_ALL" };
                let policy = PlayerSessionCreationPolicy::from_name(policy).unwrap();
                self.with_host(&arn, |id| {
                    drop(self.gamelift.update_player_session_creation_policy(id, &arn, policy));
                });
            }
            Step::Terminate(session) => self.call::<TerminateGameSession>(
                json!({ "GameSessionId": self.arn(session), "TerminationMode": "TRIGGER_ON_PROCESS_TERMINATE" }),
            ),
            Step::End(session) => {
                let arn = self.arn(session);
                self.with_host(&arn, |id| self.gamelift.process_ending(id));
            }
            Step::Crash(server) => {
                if server < self.servers.len() {
                    let server = self.servers.swap_remove(server);
                    drop(self.gamelift.process_crashed(server.id()));
                }
            }
            Step::Heartbeat { server, healthy } => {
                if let Some(server) = self.servers.get(server) {
                    drop(self.gamelift.heartbeat(server.id(), healthy));
                }
            }
            Step::Place { placement, players, maximum } => {
                let players: Vec<_> = (0..players).map(|player| json!({ "PlayerId": format!("p{player}") })).collect();
                self.call::<StartGameSessionPlacement>(json!({
                    "PlacementId": placement.to_string(),
                    "GameSessionQueueName": "q",
                    "MaximumPlayerSessionCount": maximum,
                    "DesiredPlayerSessions": players,
                }));
            }
            Step::StopPlacement(placement) => {
                self.call::<StopGameSessionPlacement>(json!({ "PlacementId": placement.to_string() }));
            }
            Step::RegisterAgain => {
                self.run(Step::Deregister);
                self.call::<RegisterCompute>(json!({
                    "FleetId": Settings::FLEET_ID,
                    "ComputeName": Settings::COMPUTE_NAME,
                    "Location": Settings::LOCATION,
                    "IpAddress": "127.0.0.1",
                }));
            }
            Step::Disconnect(server) => {
                if server < self.servers.len() {
                    drop(self.servers.swap_remove(server));
                }
            }
            Step::Wait(seconds) => assert!(self.clock.step(Duration::from_secs(seconds))),
        }
    }

    fn check(&mut self) {
        let (ended, ended_placements) = (&mut self.ended, &mut self.ended_placements);
        self.gamelift.with_state(|state| {
            check(state, ended);
            check_placements(state, ended_placements);
        });
    }

    /// A state file holds the whole state, and reads back as the same state.
    fn check_file(&mut self) {
        let written = self.gamelift.encode_state();
        let saved = self.gamelift.decode_state(&written.to_string()).unwrap();
        self.gamelift.restore(saved);
        let mut read = self.gamelift.encode_state();
        // The numbers continue, see `State::replace`.
        read["next_number"] = written["next_number"].clone();
        assert!(read == written, "written: {written}\nread: {read}");
        self.check();
    }
}

fn check(state: &State, ended: &mut BTreeMap<String, usize>) {
    for process in state.processes.values() {
        if matches!(process.status, ProcessStatus::Ready { .. } | ProcessStatus::Available { .. }) {
            let of = &process.compute;
            let registered =
                state.computes.iter().any(|known| known.arn == of.arn && known.creation_time == of.creation_time);
            assert!(registered, "an available process's compute is registered");
        }
    }
    for (arn, session) in &state.game_sessions {
        let with_status = |wanted: PlayerSessionStatus| {
            session.player_sessions.iter().filter(|id| state.player_sessions[*id].status == wanted).count()
        };
        let taken = with_status(PlayerSessionStatus::Reserved) + with_status(PlayerSessionStatus::Active);
        assert_eq!(session.slots_taken, taken);
        assert!(taken <= session.maximum_players);

        let hosts = state.processes.values().filter(
            |process| matches!(&process.status, ProcessStatus::Hosting { game_session } if game_session == arn),
        );
        let over = session.status == GameSessionStatus::Terminated;
        assert_eq!(hosts.count(), usize::from(!over), "a process for each game session until it ends");
        assert_eq!(session.termination_time.is_some(), over);
        if over {
            assert_eq!(taken, 0);
            ended.insert(arn.clone(), session.player_sessions.len());
        }
    }
    for (arn, players) in ended {
        let session = &state.game_sessions[arn];
        assert_eq!(session.status, GameSessionStatus::Terminated, "what has ended stays so");
        assert_eq!(session.player_sessions.len(), *players, "and gets no players");
    }
    let listed = state.game_sessions.values().flat_map(|session| &session.player_sessions);
    let listed: Vec<_> = listed.collect();
    assert_eq!(listed.len(), state.player_sessions.len(), "each player session is in one game session");
    assert!(listed.iter().all(|id| state.player_sessions.contains_key(*id)));
    for session in state.player_sessions.values() {
        assert_eq!(session.termination_time.is_none(), session.status.takes_slot());
    }
}

fn check_placements(state: &State, ended: &mut BTreeMap<String, PlacementStatus>) {
    let mut game_sessions = BTreeSet::new();
    for (id, placement) in &state.placements {
        let session = placement.game_session.as_ref().map(|arn| &state.game_sessions[arn]);
        if let Some(session) = session {
            assert!(game_sessions.insert(&session.arn), "a game session is for one placement");
            assert_eq!(session.parameters.maximum_players, placement.request.maximum_players);
        }
        let pending = placement.status == PlacementStatus::Pending;
        assert_eq!(placement.end_time.is_none(), pending);
        if pending {
            let waiting = session.is_none_or(|session| {
                matches!(session.status, GameSessionStatus::Activating | GameSessionStatus::Terminating)
            });
            assert!(waiting, "it is fulfilled when its game session is ACTIVE, and fails when that ends before");
            assert!(placement.player_sessions.is_empty());
        } else {
            assert_eq!(*ended.entry(id.clone()).or_insert(placement.status), placement.status, "it ends once");
        }
        if placement.status == PlacementStatus::Fulfilled {
            let session = session.expect("a fulfilled placement has a game session");
            assert!(placement.player_sessions.iter().all(|player| session.player_sessions.contains(player)));
        }
    }
}

proptest! {
    #![proptest_config(random_cases::config(256))]

    #[test]
    fn hold_after_any_sequence_of_operations(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut world = World::new();
        for step in steps {
            world.run(step);
            world.check();
        }
        world.check_file();
    }
}

#[test]
fn a_game_server_that_starts_on_a_deregistered_compute_does_not_become_available() {
    let mut world = World::new();
    world.run(Step::ConnectWithoutReady);
    world.run(Step::Deregister);
    world.run(Step::BecomeReady(0));
    world.check();
    world.run(Step::CreateGameSession { token: None, maximum: 1 });
    assert_eq!(world.gamelift.with_state(|state| state.game_sessions.len()), 0);
}

#[tokio::test]
async fn a_push_that_was_not_sent_goes_to_the_next_connection() {
    let mut world = World::new();
    let request = |token: &str| ConnectRequest {
        process_id: Some("proc-1".into()),
        idempotency_token: Some(token.into()),
        ..from_the_compute()
    };
    let mut lost = world.gamelift.connect_process(&request("1")).unwrap();
    world.gamelift.process_ready(&lost, 7777).unwrap();
    world.gamelift.heartbeat(lost.id(), true).unwrap();
    world.run(Step::CreateGameSession { token: None, maximum: 1 });
    world.run(Step::Terminate(0));
    // One push was taken but not sent; the other was not even taken.
    let taken = lost.push_to_send().await;
    drop(lost);
    let mut next = world.gamelift.connect_process(&request("1")).unwrap();
    let pushed = next.next_push().await;
    assert!(matches!(pushed, Some(ServerPush::TerminateProcess { .. })), "a game session that ends is not started");
    assert!(matches!(taken, Some(ServerPush::CreateGameSession { .. })));

    world.run(Step::End(0));
    let mut lost = world.gamelift.connect_process(&request("2")).unwrap();
    world.gamelift.process_ready(&lost, 7777).unwrap();
    world.gamelift.heartbeat(lost.id(), true).unwrap();
    world.run(Step::CreateGameSession { token: None, maximum: 1 });
    let taken = lost.push_to_send().await;
    assert!(matches!(taken, Some(ServerPush::CreateGameSession { .. })));
    // The new connection comes before the service notices that the old one is dead.
    let mut next = world.gamelift.connect_process(&request("2")).unwrap();
    drop(lost);
    assert_eq!(next.push_to_send().await, taken);
    // The push is sent, and lost on the way.
    next.push_was_sent();
    drop(next);
    let mut next = world.gamelift.connect_process(&request("2")).unwrap();
    assert_eq!(next.push_to_send().await, taken);
    let number = next.push_was_sent();
    next.pushes_have_arrived(number);
    drop(next);
    let mut next = world.gamelift.connect_process(&request("2")).unwrap();
    world.run(Step::Terminate(1));
    world.run(Step::Terminate(0));
    assert!(matches!(next.next_push().await, Some(ServerPush::TerminateProcess { .. })), "what arrived is not again");
}

#[test]
fn who_connects_again_and_again_takes_up_no_memory() {
    let world = World::new();
    for ready in [false, true] {
        let server = world.gamelift.connect_process(&from_the_compute()).unwrap();
        if ready {
            world.gamelift.process_ready(&server, 7777).unwrap();
            world.gamelift.process_ending(server.id());
        }
        drop(server);
        assert_eq!(world.gamelift.with_state(|state| state.next_due()), None);
    }
}

#[test]
fn a_crash_ends_the_game_session() {
    let mut world = World::new();
    world.run(Step::Connect);
    world.run(Step::CreateGameSession { token: None, maximum: 1 });
    world.run(Step::Crash(0));
    world.check();
    assert_eq!(world.ended.len(), 1);
}

#[tokio::test]
async fn an_activation_that_comes_too_late_is_refused() {
    let mut world = World::new();
    world.run(Step::Connect);
    world.run(Step::CreateGameSession { token: None, maximum: 1 });
    world.clock.step(Settings::default().activation_timeout);
    let arn = world.arn(0);
    let server = &mut world.servers[0];
    assert!(matches!(server.next_push().await, Some(ServerPush::CreateGameSession { .. })));
    assert!(world.gamelift.activate_game_session(server.id(), &arn).is_err());
    assert!(matches!(server.next_push().await, Some(ServerPush::TerminateProcess { .. })));
}

#[test]
fn a_game_session_is_forgotten_30_days_after_its_end() {
    let mut world = World::new();
    world.run(Step::Connect);
    world.run(Step::CreateGameSession { token: Some(1), maximum: 1 });
    world.run(Step::Crash(0));
    let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
    world.clock.step(days(29));
    assert_eq!(world.gamelift.with_state(|state| state.game_sessions.len()), 1);
    world.clock.step(days(1));
    assert_eq!(world.gamelift.with_state(|state| state.game_sessions.len()), 0);
}
