//! A game session that matchmaking made, and its game server.

use std::time::Duration;

use emulator_core::model::gamelift::PlayerSessionCreationPolicy;
use futures_util::FutureExt as _;
use serde_json::{Value, json};

use crate::{
    operations::{describe_game_sessions::DescribeGameSessions, start_match_backfill::StartMatchBackfill},
    processes::ProcessConnection,
    resources::{
        connect_request::ConnectRequest,
        server_process::ProcessId,
        server_push::{HostedGameSession, ServerPush},
    },
    tests::matchmaking::support::{QUEUE, TICK, World},
};

/// The players of the game session that is backfilled. Each has a ticket of the same name.
pub(crate) const FIRST: [&str; 2] = ["ann", "ben"];

/// The end of a backfill for which there is a newer one.
pub(crate) const REPLACED: (&str, &str, &str) =
    ("CANCELLED", "Cancelled", "Replaced by a newer backfill ticket of the game session.");

/// The push that the game server has got.
pub(crate) fn next_push(server: &mut ProcessConnection) -> ServerPush {
    server.next_push().now_or_never().flatten().expect("there is a push")
}

/// A game session that matchmaking made for two teams of 1 to 2, and its game server.
pub(crate) struct Game {
    pub(crate) world: World,
    pub(crate) server: ProcessConnection,
    pub(crate) session: String,
}

impl Game {
    /// `settings` are added to those of the configuration.
    pub(crate) fn new(settings: Value) -> Self {
        Self::play(Self::world(settings, json!({})), &FIRST)
    }

    /// A world with the configuration, and with these members beside or in place of the rule set's own.
    pub(crate) fn world(settings: Value, of_rule_set: Value) -> World {
        let world = World::new();
        let mut squads = json!({
            "ruleLanguageVersion": "1.0",
            "playerAttributes": [{ "name": "skill", "type": "number", "default": 10 }],
            "teams": [{ "name": "red", "minPlayers": 1, "maxPlayers": 2 }, { "name": "blue", "minPlayers": 1, "maxPlayers": 2 }],
            "rules": [{ "name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 5 }],
        });
        squads.as_object_mut().unwrap().extend(of_rule_set.as_object().unwrap().clone());
        world.rule_set("squads", &squads);
        let mut all = json!({ "RuleSetName": "squads", "GameSessionQueueArns": [QUEUE] });
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        world.configure(all);
        world
    }

    /// Lets these players come into a game session.
    pub(crate) fn play(world: World, players: &[&str]) -> Self {
        let server = world.game_server();
        players.iter().for_each(|id| world.start(id));
        world.step(TICK);
        if world.status(players[0]) == "REQUIRES_ACCEPTANCE" {
            players.iter().for_each(|id| drop(world.answer(id, "ACCEPT").unwrap()));
        }
        let game = Self::begin(world, server, players[0]);
        assert!(players.iter().all(|id| game.world.status(id) == "COMPLETED"));
        game
    }

    /// Lets the game session begin that this ticket's match is placed in.
    pub(crate) fn begin(world: World, mut server: ProcessConnection, ticket: &str) -> Self {
        assert_eq!(world.status(ticket), "PLACING");
        let ServerPush::CreateGameSession { game_session_id: session, .. } = next_push(&mut server) else {
            panic!("the game server is told of its game session")
        };
        world.gamelift.activate_game_session(server.id(), &session).unwrap();
        Self { world, server, session }
    }

    /// Lets time pass, and all happen that is due on the way.
    pub(crate) fn step(&self, time: Duration) {
        self.world.step(time);
        self.world.gamelift.with_state(|_| ());
    }

    pub(crate) fn team(&self, ticket: &str) -> Value {
        self.world.ticket(ticket)["Players"][0]["Team"].clone()
    }

    /// The players of these tickets, each in the team of the match.
    pub(crate) fn players(&self, tickets: &[&str]) -> Value {
        tickets.iter().map(|id| json!({ "PlayerId": id, "Team": self.team(id) })).collect()
    }

    /// Asks for players beside the first ones, with these members in place of others.
    pub(crate) fn backfill_with(&self, id: &str, members: Value) -> Result<Value, String> {
        let mut input = json!({
            "TicketId": id, "ConfigurationName": "duel", "GameSessionArn": self.session, "Players": self.players(&FIRST),
        });
        input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        self.world.call::<StartMatchBackfill>(input)
    }

    pub(crate) fn backfill(&self, id: &str) {
        self.backfill_with(id, json!({})).unwrap();
    }

    /// The next `UpdateGameSession`: its reason, ticket and game session.
    pub(crate) fn update(&mut self) -> (&'static str, String, HostedGameSession) {
        match next_push(&mut self.server) {
            ServerPush::UpdateGameSession { game_session, reason, backfill_ticket_id } => {
                (reason.name(), backfill_ticket_id, *game_session)
            }
            push => panic!("{push:?}"),
        }
    }

    /// The match as the game session has it now.
    pub(crate) fn data(&self) -> Value {
        let found = self.world.call::<DescribeGameSessions>(json!({ "GameSessionId": self.session })).unwrap();
        serde_json::from_str(found["GameSessions"][0]["MatchmakerData"].as_str().unwrap()).unwrap()
    }

    /// The ids of the players in the match, by team.
    pub(crate) fn seats(&self) -> Vec<(String, String)> {
        let data = self.data();
        let teams = data["teams"].as_array().unwrap().iter().flat_map(|team| {
            let name = team["name"].as_str().unwrap().to_owned();
            let players = team["players"].as_array().unwrap().clone();
            players.into_iter().map(move |player| (player["playerId"].as_str().unwrap().to_owned(), name.clone()))
        });
        let mut seats: Vec<_> = teams.collect();
        seats.sort();
        seats
    }

    pub(crate) fn slots_taken(&self) -> usize {
        self.world.gamelift.with_state(|state| state.game_sessions[&self.session].slots_taken)
    }

    /// Comes back after its connection was lost, and with it all that it has not read.
    pub(crate) fn reconnect(self) -> Self {
        let Self { world, server, session } = self;
        let id = server.id().clone();
        drop(server);
        Self::come_back(world, &id, session)
    }

    /// Lets the process of this id connect again.
    pub(crate) fn come_back(world: World, id: &ProcessId, session: String) -> Self {
        let request = ConnectRequest { process_id: Some(id.0.clone()), ..World::connect_request() };
        let server = world.gamelift.connect_process(&request).unwrap();
        Self { world, server, session }
    }

    pub(crate) fn has_update(&mut self) -> bool {
        self.server.next_push().now_or_never().is_some()
    }

    pub(crate) fn close(&self) {
        let policy = PlayerSessionCreationPolicy::DenyAll;
        self.world.gamelift.update_player_session_creation_policy(self.server.id(), &self.session, policy).unwrap();
    }
}

/// The id of the automatic backfill in the match of the game session.
pub(crate) fn next(game: &Game) -> String {
    let data = game.data();
    assert_eq!(data["autoBackfillMode"], "AUTOMATIC");
    data["autoBackfillTicketId"].as_str().unwrap_or_default().to_owned()
}
