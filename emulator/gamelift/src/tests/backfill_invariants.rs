//! Random sequences of tickets, backfills, answers and ends, with invariants checked after each of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use emulator_core::model::gamelift::{GameSessionStatus, PlayerSessionCreationPolicy, TicketStatus};
use jiff::Timestamp;
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::{
    operation::Operation,
    operations::{
        accept_match::AcceptMatch, create_player_session::CreatePlayerSession,
        delete_matchmaking_configuration::DeleteMatchmakingConfiguration, start_match_backfill::StartMatchBackfill,
        start_matchmaking::StartMatchmaking, terminate_game_session::TerminateGameSession,
        update_matchmaking_configuration::UpdateMatchmakingConfiguration,
    },
    processes::ProcessConnection,
    resources::connect_request::ConnectRequest,
    state::whole::State,
    tests::matchmaking::support::{QUEUE, World},
};

const PLAYERS: u8 = 8;

/// The player of player sessions that no match has made.
const GUEST: &str = "guest";

#[derive(Clone, Debug)]
enum Step {
    Start {
        players: Vec<u8>,
        skill: u8,
    },
    /// A backfill of a game session, without the `left`th player of its match.
    Backfill {
        session: usize,
        left: usize,
    },
    Answer {
        ticket: usize,
        accept: bool,
    },
    Stop(usize),
    Activate(usize),
    Close(usize),
    /// A player who comes without matchmaking.
    Join(usize),
    Terminate(usize),
    End(usize),
    Connect,
    Wait(u64),
    /// An update of the configuration: whether it has a queue.
    Queue(bool),
    Delete,
    /// The emulator is started again with its state file.
    Restart,
}

fn any_step() -> impl Strategy<Value = Step> {
    let index = any::<usize>;
    let players = prop::sample::subsequence((0..PLAYERS).collect::<Vec<_>>(), 1..=2);
    prop_oneof![
        6 => (players, 0..8_u8).prop_map(|(players, skill)| Step::Start { players, skill }),
        3 => (index(), index()).prop_map(|(session, left)| Step::Backfill { session, left }),
        6 => (index(), prop::bool::weighted(0.85)).prop_map(|(ticket, accept)| Step::Answer { ticket, accept }),
        1 => index().prop_map(Step::Stop),
        4 => index().prop_map(Step::Activate),
        1 => index().prop_map(Step::Close),
        1 => index().prop_map(Step::Join),
        1 => index().prop_map(Step::Terminate),
        1 => index().prop_map(Step::End),
        2 => Just(Step::Connect),
        6 => prop_oneof![4 => Just(500_u64), 1 => 0..25_000_u64].prop_map(Step::Wait),
        1 => prop::bool::weighted(0.7).prop_map(Step::Queue),
        1 => Just(Step::Delete),
        1 => Just(Step::Restart),
    ]
}

/// What may never change of a ticket.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    start: Timestamp,
    /// The teams of a backfill's players.
    teams: Option<Vec<Option<String>>>,
    end: Option<(TicketStatus, Timestamp)>,
}

struct Game {
    world: World,
    servers: Vec<ProcessConnection>,
    known: BTreeMap<String, Known>,
    /// The settings of the configuration.
    settings: Value,
}

impl Game {
    fn new(settings: Value) -> Self {
        let world = World::new();
        let body = json!({
            "ruleLanguageVersion": "1.0",
            "playerAttributes": [{ "name": "skill", "type": "number", "default": 3 }],
            "teams": [{ "name": "red", "minPlayers": 1, "maxPlayers": 2 }, { "name": "blue", "minPlayers": 1, "maxPlayers": 3 }],
            "rules": [{ "name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 5 }],
            "algorithm": { "expansionAgeSelection": "oldest" },
            "expansions": [{ "target": "teams[red].maxPlayers", "steps": [{ "waitTimeSeconds": 10, "value": 3 }] }],
        });
        world.rule_set("squads", &body);
        let mut all = json!({ "RuleSetName": "squads", "GameSessionQueueArns": [QUEUE], "RequestTimeoutSeconds": 45 });
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        world.configure(all.clone());
        let mut game = Self { world, servers: Vec::new(), known: BTreeMap::new(), settings: all };
        game.run(Step::Connect);
        game
    }

    /// Runs an operation; exceptions are expected.
    fn call<O: Operation>(&self, input: Value) {
        drop(self.world.call::<O>(input));
    }

    /// The process and the ARN of one of the game sessions with this status.
    fn session(&self, index: usize, status: GameSessionStatus) -> Option<(usize, String)> {
        self.world.gamelift.with_state(|state| {
            let sessions = || state.game_sessions.values().filter(|session| session.status == status);
            let session = sessions().nth(index.checked_rem(sessions().count())?)?;
            let server = self.servers.iter().position(|server| *server.id() == session.process)?;
            Some((server, session.arn.clone()))
        })
    }

    fn active_ticket(&self, index: usize) -> Option<(String, Vec<String>)> {
        self.world.gamelift.with_state(|state| {
            let tickets = || state.tickets.values().filter(|ticket| !ticket.status.is_over());
            let ticket = tickets().nth(index.checked_rem(tickets().count())?)?;
            Some((ticket.id.clone(), ticket.players.iter().map(|player| player.id.clone()).collect()))
        })
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Start { players, skill } => {
                let player =
                    |id: u8| json!({ "PlayerId": id.to_string(), "PlayerAttributes": { "skill": { "N": skill } } });
                let players: Vec<_> = players.into_iter().map(player).collect();
                self.call::<StartMatchmaking>(json!({ "ConfigurationName": "duel", "Players": players }));
            }
            Step::Backfill { session, left } => {
                let Some((_, arn)) = self.session(session, GameSessionStatus::Active) else { return };
                let mut players = self.players_of(&arn);
                if players.len() > 1 {
                    players.remove(left % players.len());
                }
                let input = json!({ "ConfigurationName": "duel", "GameSessionArn": arn, "Players": players });
                self.world.call::<StartMatchBackfill>(input).unwrap();
            }
            Step::Answer { ticket, accept } => {
                let Some((id, players)) = self.active_ticket(ticket) else { return };
                let how = if accept { "ACCEPT" } else { "REJECT" };
                self.call::<AcceptMatch>(json!({ "TicketId": id, "PlayerIds": players, "AcceptanceType": how }));
            }
            Step::Stop(ticket) => {
                if let Some((id, _)) = self.active_ticket(ticket) {
                    drop(self.world.stop(&id));
                }
            }
            Step::Activate(session) => {
                let Some((server, arn)) = self.session(session, GameSessionStatus::Activating) else { return };
                self.world.gamelift.activate_game_session(self.servers[server].id(), &arn).unwrap();
            }
            Step::Close(session) => {
                let Some((server, arn)) = self.session(session, GameSessionStatus::Active) else { return };
                let (id, policy) = (self.servers[server].id(), PlayerSessionCreationPolicy::DenyAll);
                self.world.gamelift.update_player_session_creation_policy(id, &arn, policy).unwrap();
            }
            Step::Join(session) => {
                let Some((_, arn)) = self.session(session, GameSessionStatus::Active) else { return };
                self.call::<CreatePlayerSession>(json!({ "GameSessionId": arn, "PlayerId": GUEST }));
            }
            Step::Terminate(session) => {
                let Some((_, arn)) = self.session(session, GameSessionStatus::Active) else { return };
                let input = json!({ "GameSessionId": arn, "TerminationMode": "TRIGGER_ON_PROCESS_TERMINATE" });
                self.world.call::<TerminateGameSession>(input).unwrap();
            }
            Step::End(session) => {
                let Some((server, _)) = self.session(session, GameSessionStatus::Active) else { return };
                self.world.gamelift.process_ending(self.servers.swap_remove(server).id());
            }
            Step::Connect => self.servers.push(self.world.game_server()),
            Step::Wait(milliseconds) => self.world.step(Duration::from_millis(milliseconds)),
            Step::Queue(has_queue) => {
                let (mode, queues) = if has_queue { ("WITH_QUEUE", json!([QUEUE])) } else { ("STANDALONE", json!([])) };
                // Refused for one with BackfillMode AUTOMATIC.
                self.call::<UpdateMatchmakingConfiguration>(
                    json!({ "Name": "duel", "FlexMatchMode": mode, "GameSessionQueueArns": queues }),
                );
            }
            Step::Delete => {
                self.call::<DeleteMatchmakingConfiguration>(json!({ "Name": "duel" }));
                // A configuration that is in use stays.
                let is_there = self.world.gamelift.with_state(|state| state.configurations.contains_key("duel"));
                if !is_there {
                    self.world.configure(self.settings.clone());
                }
            }
            Step::Restart => {
                let file = self.world.gamelift.encode_state().to_string();
                self.world.gamelift.restore(self.world.gamelift.decode_state(&file).unwrap());
                // They have lost their connections. Those that were ended meanwhile do not come back.
                for server in &mut self.servers {
                    let request =
                        ConnectRequest { process_id: Some(server.id().0.clone()), ..World::connect_request() };
                    if let Ok(connection) = self.world.gamelift.connect_process(&request) {
                        *server = connection;
                    }
                }
            }
        }
    }

    /// The players of a game session as its match has them.
    fn players_of(&self, arn: &str) -> Vec<Value> {
        let data = self.world.gamelift.with_state(|state| state.game_sessions[arn].parameters.matchmaker_data.clone());
        let data: Value = serde_json::from_str(&data.unwrap()).unwrap();
        let player = |player: &Value, team: &Value| json!({ "PlayerId": player["playerId"], "Team": team["name"] });
        let teams = data["teams"].as_array().unwrap();
        teams
            .iter()
            .flat_map(|team| team["players"].as_array().unwrap().iter().map(move |it| player(it, team)))
            .collect()
    }

    fn check(&mut self) {
        let known = &mut self.known;
        self.world.gamelift.with_state(|state| {
            state.check().unwrap();
            check_tickets(state, known);
            check_sessions(state);
        });
    }
}

fn check_tickets(state: &State, known: &mut BTreeMap<String, Known>) {
    let mut searching = BTreeSet::new();
    let mut backfilled = BTreeMap::new();
    for ticket in state.tickets.values() {
        let is_over = ticket.status.is_over();
        assert_eq!(ticket.end_time.is_some(), is_over, "{ticket:?}");
        assert!(is_over || ticket.times_out > state.now, "{ticket:?} has had its time");
        let teams = ticket.backfill.as_ref().map(|_| ticket.players.iter().map(|it| it.team.clone()).collect());
        let now = Known { start: ticket.start_time, teams, end: ticket.end_time.map(|end| (ticket.status, end)) };
        let before = known.entry(ticket.id.clone()).or_insert_with(|| now.clone());
        before.end = before.end.or(now.end);
        assert_eq!(*before, now, "{ticket:?}");
        if is_over {
            continue;
        }
        if let Some(arn) = ticket.backfill.as_ref().and_then(|backfill| backfill.game_session.clone()) {
            assert_eq!(backfilled.insert(arn, ticket.id.clone()), None, "a game session has one backfill");
        }
        if ticket.status != TicketStatus::Placing {
            let players = ticket.players.iter().map(|player| player.id.clone());
            players.for_each(|player| assert!(searching.insert(player), "a player is in one ticket"));
        }
    }
    let of_state: BTreeMap<_, _> = state.backfill_of.clone().into_iter().collect();
    assert_eq!(of_state, backfilled);
    for formed in state.matches.values() {
        let backfills = formed.tickets.iter().filter(|id| state.tickets[*id].backfill.is_some()).count();
        assert!(backfills <= 1 && backfills < formed.tickets.len(), "{formed:?}");
    }
    for arn in backfilled.keys() {
        assert_eq!(state.game_sessions[arn].status, GameSessionStatus::Active, "its backfill ends with it");
    }
}

/// Nobody has a slot but by a ticket that is COMPLETED, and each of these has its own.
fn check_sessions(state: &State) {
    let mut handed_out = BTreeSet::new();
    for ticket in state.tickets.values().filter(|ticket| ticket.status == TicketStatus::Completed) {
        // The match itself was the result.
        let Some(connection) = &ticket.connection else { continue };
        let sessions = connection.player_sessions.iter().map(|(_, session)| session.clone());
        assert_eq!(sessions.len(), if ticket.backfill.is_some() { 0 } else { ticket.players.len() });
        sessions.for_each(|session| assert!(handed_out.insert(session), "a player session is for one ticket"));
    }
    let matched = state.player_sessions.values().filter(|session| session.player_id != GUEST);
    assert_eq!(matched.map(|session| session.id.clone()).collect::<BTreeSet<_>>(), handed_out);
    for session in state.game_sessions.values() {
        assert!(session.slots_taken <= session.maximum_players);
    }
}

fn any_settings() -> impl Strategy<Value = Value> {
    (any::<bool>(), any::<bool>(), 0..2_u8).prop_map(|(automatic, acceptance, free)| {
        let mut settings = json!({ "AdditionalPlayerCount": free });
        if automatic {
            settings["BackfillMode"] = "AUTOMATIC".into();
        }
        if acceptance {
            settings["AcceptanceRequired"] = true.into();
            settings["AcceptanceTimeoutSeconds"] = 10.into();
        }
        settings
    })
}

/// The random steps reach the ends of backfills that they are about.
#[test]
fn some_backfills_are_completed_and_some_fail() {
    let mut runner = TestRunner::deterministic();
    let mut ends = BTreeSet::new();
    for _ in 0..40 {
        let steps = prop::collection::vec(any_step(), 60).new_tree(&mut runner).unwrap().current();
        let mut game = Game::new(any_settings().new_tree(&mut runner).unwrap().current());
        steps.into_iter().for_each(|step| game.run(step));
        game.world.gamelift.with_state(|state| {
            let backfills = state.tickets.values().filter(|ticket| ticket.backfill.is_some());
            ends.extend(backfills.map(|ticket| ticket.status.name()));
        });
    }
    for end in ["COMPLETED", "FAILED", "CANCELLED"] {
        assert!(ends.contains(end), "only {ends:?}");
    }
}

proptest! {
    #![proptest_config(random_cases::config(256))]

    #[test]
    fn tickets_and_backfills_keep_their_promises(
        settings in any_settings(),
        steps in prop::collection::vec(any_step(), 1..60),
    ) {
        let mut game = Game::new(settings);
        for step in steps {
            game.run(step);
            game.check();
        }
    }
}
