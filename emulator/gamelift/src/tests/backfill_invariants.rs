//! Random sequences of tickets, backfills, answers and ends, with invariants checked after each of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use emulator_core::model::gamelift::{GameSessionStatus, PlacementStatus, PlayerSessionCreationPolicy, TicketStatus};
use jiff::Timestamp;
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::{
    operation::Operation,
    operations::{
        accept_match::AcceptMatch, create_player_session::CreatePlayerSession,
        delete_matchmaking_configuration::DeleteMatchmakingConfiguration, start_match_backfill::StartMatchBackfill,
        start_matchmaking::StartMatchmaking, stop_game_session_placement::StopGameSessionPlacement,
        terminate_game_session::TerminateGameSession, update_matchmaking_configuration::UpdateMatchmakingConfiguration,
    },
    processes::ProcessConnection,
    resources::{connect_request::ConnectRequest, matchmaking_ticket::MatchmakingTicket},
    state::whole::State,
    tests::{
        matchmaking::support::{QUEUE, World},
        ticket_life::{Counts, TicketLife, unseen},
    },
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
        /// The player, if the others of the ticket do not answer.
        only: Option<usize>,
        accept: bool,
    },
    /// All players of a match accept it, or all but one.
    Agree {
        ticket: usize,
        but: Option<usize>,
    },
    Stop(usize),
    StopPlacement(usize),
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
        6 => (index(), prop::option::weighted(0.2, index()), prop::bool::weighted(0.85))
            .prop_map(|(ticket, only, accept)| Step::Answer { ticket, only, accept }),
        3 => (index(), prop::option::of(index())).prop_map(|(ticket, but)| Step::Agree { ticket, but }),
        1 => index().prop_map(Step::Stop),
        1 => index().prop_map(Step::StopPlacement),
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
    life: TicketLife,
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
        let mut all = json!({ "RuleSetName": "squads", "GameSessionQueueArns": [QUEUE] });
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        world.configure(all.clone());
        let life = TicketLife::watch(&world);
        let mut game = Self { world, servers: Vec::new(), known: BTreeMap::new(), life, settings: all };
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
            let sessions = state.game_sessions.values().filter(|session| session.status == status);
            let session = nth(sessions, index, |session| session.number)?;
            let server = self.servers.iter().position(|server| *server.id() == session.process)?;
            Some((server, session.arn.clone()))
        })
    }

    fn active_ticket(&self, index: usize) -> Option<MatchmakingTicket> {
        self.world.gamelift.with_state(|state| {
            let tickets = state.tickets.values().filter(|ticket| !ticket.status.is_over());
            nth(tickets, index, |ticket| ticket.number).cloned()
        })
    }

    /// A placement that is not over.
    fn placement(&self, index: usize) -> Option<String> {
        self.world.gamelift.with_state(|state| {
            let pending = state.placements.values().filter(|placement| placement.status == PlacementStatus::Pending);
            nth(pending, index, |placement| placement.start_time).map(|placement| placement.id.clone())
        })
    }

    /// Lets players of a ticket answer.
    fn answer(&mut self, ticket: &MatchmakingTicket, players: &[String], accept: bool) {
        let how = if accept { "ACCEPT" } else { "REJECT" };
        let input = json!({ "TicketId": ticket.id, "PlayerIds": players, "AcceptanceType": how });
        if self.world.call::<AcceptMatch>(input).is_ok() {
            self.life.answered((ticket.match_id.clone().unwrap(), players.to_vec(), accept));
        }
    }

    /// Lets all players of a ticket's match accept it, or all but one.
    fn agree(&mut self, ticket: usize, but: Option<usize>) {
        let Some(MatchmakingTicket { match_id: Some(id), .. }) = self.active_ticket(ticket) else { return };
        let tickets: Vec<_> = self.world.gamelift.with_state(|state| {
            state.tickets.values().filter(|ticket| ticket.match_id.as_ref() == Some(&id)).cloned().collect()
        });
        let mut asked: Vec<_> =
            tickets.iter().filter(|ticket| ticket.backfill.is_none()).flat_map(players_of).collect();
        asked.sort();
        let silent = but.and_then(|but| asked.get(but.checked_rem(asked.len())?));
        for ticket in &tickets {
            let mut players = players_of(ticket);
            players.retain(|player| Some(player) != silent);
            self.answer(ticket, &players, true);
        }
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
            Step::Answer { ticket, only, accept } => {
                let Some(ticket) = self.active_ticket(ticket) else { return };
                let mut players = players_of(&ticket);
                if let Some(only) = only {
                    players = vec![players.swap_remove(only % players.len())];
                }
                self.answer(&ticket, &players, accept);
            }
            Step::Agree { ticket, but } => self.agree(ticket, but),
            Step::Stop(ticket) => {
                if let Some(ticket) = self.active_ticket(ticket) {
                    drop(self.world.stop(&ticket.id));
                }
            }
            Step::StopPlacement(placement) => {
                if let Some(id) = self.placement(placement) {
                    self.call::<StopGameSessionPlacement>(json!({ "PlacementId": id }));
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
        self.life.check(&self.world);
    }
}

fn players_of(ticket: &MatchmakingTicket) -> Vec<String> {
    ticket.players.iter().map(|player| player.id.clone()).collect()
}

/// One of some resources, counted in the order in which they were made: their ids are by chance.
fn nth<'a, T, K: Ord>(all: impl Iterator<Item = &'a T>, index: usize, number: impl Fn(&T) -> K) -> Option<&'a T> {
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|it| number(it));
    all.get(index.checked_rem(all.len())?).copied()
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
    let request_timeout = prop_oneof![3 => Just(45), 1 => Just(9)];
    (any::<bool>(), any::<bool>(), 0..2_u8, request_timeout).prop_map(|(automatic, acceptance, free, timeout)| {
        let mut settings = json!({ "AdditionalPlayerCount": free, "RequestTimeoutSeconds": timeout });
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

/// The random steps reach the ends of backfills that they are about, and all changes and events of tickets.
#[test]
fn the_random_games_come_to_each_change_of_tickets_and_each_event() {
    let mut runner = TestRunner::deterministic();
    let (mut ends, mut counts) = (BTreeSet::new(), Counts::new());
    for number in 0..2000 {
        // The rarest change comes once in about a hundred games. Ids are by chance, and so is when.
        if number >= 300 && unseen(&counts).is_empty() {
            break;
        }
        let steps = prop::collection::vec(any_step(), 60).new_tree(&mut runner).unwrap().current();
        let mut game = Game::new(any_settings().new_tree(&mut runner).unwrap().current());
        for step in steps {
            game.run(step);
            game.life.check(&game.world);
        }
        game.world.gamelift.with_state(|state| {
            let backfills = state.tickets.values().filter(|ticket| ticket.backfill.is_some());
            ends.extend(backfills.map(|ticket| ticket.status.name()));
        });
        for (name, count) in game.life.counts {
            *counts.entry(name).or_default() += count;
        }
    }
    for end in ["COMPLETED", "FAILED", "CANCELLED"] {
        assert!(ends.contains(end), "only {ends:?}");
    }
    assert_eq!(unseen(&counts), [""; 0], "of {counts:#?}");
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
