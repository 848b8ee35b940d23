//! A matchmaker of pairs, and what its tests ask of it.

use std::{sync::Arc, time::Duration};

use emulator_core::{
    clock::Clock,
    events::{EventBus, Read, Reader},
    faults::set::Faults,
    model::gamelift_rules::Rules,
    seed::Seed,
    settings::Settings,
};
use serde_json::{Value, json};

use crate::{
    operation::{Operation, run},
    operations::{
        accept_match::AcceptMatch, create_game_session_queue::CreateGameSessionQueue,
        create_matchmaking_configuration::CreateMatchmakingConfiguration,
        create_matchmaking_rule_set::CreateMatchmakingRuleSet, describe_matchmaking::DescribeMatchmaking,
        start_matchmaking::StartMatchmaking, stop_matchmaking::StopMatchmaking,
    },
    processes::ProcessConnection,
    resources::connect_request::ConnectRequest,
    service::GameLift,
};

pub(crate) const QUEUE: &str = "arn:aws:gamelift:us-west-2:111122223333:gamesessionqueue/q";
pub(crate) const TICK: Duration = Duration::from_millis(500);

/// A matchmaker of pairs, whose skills are at most 5 apart, after 30 s 20.
pub(crate) struct World {
    pub(crate) gamelift: Arc<GameLift>,
    pub(crate) clock: Clock,
    pub(crate) events: EventBus,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Rules::default())
    }

    pub(crate) fn with(rules: Rules) -> Self {
        let clock = Clock::stopped();
        let seed = Seed { gamelift_rules: rules, ..Seed::default() };
        let settings = Settings { seed, random_seed: Some(1), ..Settings::default() };
        let gamelift = GameLift::new(&settings, clock.clone(), Faults::default(), EventBus::default());
        let events = gamelift.with_state(|state| state.events.clone());
        let world = Self { gamelift: Arc::new(gamelift), clock, events };
        let body = json!({
            "ruleLanguageVersion": "1.0",
            "playerAttributes": [
                { "name": "skill", "type": "number", "default": 10 },
                { "name": "roles", "type": "string_list", "default": ["any"] },
            ],
            "teams": [{ "name": "north", "minPlayers": 1, "maxPlayers": 1 }, { "name": "south", "minPlayers": 1, "maxPlayers": 1 }],
            "rules": [{ "name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 5 }],
            "expansions": [{ "target": "rules[Near].maxDistance", "steps": [{ "waitTimeSeconds": 30, "value": 20 }] }],
        });
        world.rule_set("pair", &body);
        let fleet = world.gamelift.with_state(|state| state.fleets[Settings::FLEET_ID].arn.clone());
        let queue = json!({ "Name": "q", "TimeoutInSeconds": 20, "Destinations": [{ "DestinationArn": fleet }] });
        world.call::<CreateGameSessionQueue>(queue).unwrap();
        world
    }

    /// Returns the output, or the exception with its message.
    pub(crate) fn call<O: Operation>(&self, input: Value) -> Result<Value, String> {
        let output = run::<O>(&self.gamelift.shared, serde_json::from_value(input).unwrap());
        output.map(|output| serde_json::to_value(output).unwrap()).map_err(|error| error.to_string())
    }

    pub(crate) fn rule_set(&self, name: &str, body: &Value) {
        self.call::<CreateMatchmakingRuleSet>(json!({ "Name": name, "RuleSetBody": body.to_string() })).unwrap();
    }

    /// Creates the configuration `duel`, with these settings beside or in place of its own.
    pub(crate) fn configure(&self, settings: Value) -> &Self {
        let mut input =
            json!({ "Name": "duel", "RuleSetName": "pair", "RequestTimeoutSeconds": 60, "AcceptanceRequired": false });
        input.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        self.call::<CreateMatchmakingConfiguration>(input).unwrap();
        self
    }

    /// A matchmaker whose players have 10 s to accept.
    pub(crate) fn with_acceptance(rules: Rules) -> Self {
        let world = Self::with(rules);
        world.configure(json!({ "AcceptanceRequired": true, "AcceptanceTimeoutSeconds": 10 }));
        world
    }

    /// Starts a ticket for one player of the same name.
    pub(crate) fn start(&self, id: &str) {
        self.start_for(id, id, json!({})).unwrap();
    }

    pub(crate) fn start_for(&self, id: &str, player: &str, attributes: Value) -> Result<Value, String> {
        let players = json!([{ "PlayerId": player, "PlayerAttributes": attributes }]);
        self.call::<StartMatchmaking>(json!({ "TicketId": id, "ConfigurationName": "duel", "Players": players }))
    }

    /// Lets time pass. All that is due on the way happens at its time.
    pub(crate) fn step(&self, time: Duration) {
        assert!(self.clock.step(time));
    }

    pub(crate) fn ticket(&self, id: &str) -> Value {
        self.call::<DescribeMatchmaking>(json!({ "TicketIds": [id] })).unwrap()["TicketList"][0].clone()
    }

    pub(crate) fn status(&self, id: &str) -> String {
        self.ticket(id)["Status"].as_str().unwrap_or("none").to_owned()
    }

    pub(crate) fn statuses(&self, ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| self.status(id)).collect()
    }

    pub(crate) fn answer(&self, id: &str, how: &str) -> Result<Value, String> {
        self.call::<AcceptMatch>(json!({ "TicketId": id, "PlayerIds": [id], "AcceptanceType": how }))
    }

    pub(crate) fn stop(&self, id: &str) -> Result<Value, String> {
        self.call::<StopMatchmaking>(json!({ "TicketId": id }))
    }

    pub(crate) fn connect_request() -> ConnectRequest {
        ConnectRequest {
            fleet_id: Settings::FLEET_ID.into(),
            compute_name: Settings::COMPUTE_NAME.into(),
            ..ConnectRequest::default()
        }
    }

    /// Connects a game server that is ready.
    pub(crate) fn game_server(&self) -> ProcessConnection {
        let server = self.gamelift.connect_process(&Self::connect_request()).unwrap();
        self.gamelift.process_ready(&server, 7777).unwrap();
        self.gamelift.heartbeat(server.id(), true).unwrap();
        server
    }

    /// A player of a ticket with the same name as an event tells of it, with its team and more members.
    pub(crate) fn seated(&self, id: &str, mut more: Value) -> Value {
        more["playerId"] = json!(id);
        more["team"] = self.ticket(id)["Players"][0]["Team"].clone();
        more
    }

    pub(crate) fn match_of(&self, id: &str) -> String {
        self.gamelift.with_state(|state| state.tickets[id].match_id.clone()).unwrap()
    }
}

/// The end of a ticket, as it describes itself.
pub(crate) fn end(ticket: &Value) -> (&str, &str, &str) {
    let text = |member: &str| ticket[member].as_str().unwrap_or_default();
    (text("Status"), text("StatusReason"), text("StatusMessage"))
}

/// Returns the details of the next events of matchmaking, without times.
pub(crate) async fn details(reader: &mut Reader, count: usize) -> Vec<Value> {
    let mut found = Vec::new();
    while found.len() < count {
        let Read::Event(event) = reader.next().await else { panic!("nothing was missed") };
        let mut event = serde_json::to_value(&*event).unwrap();
        if event["detail-type"] == "GameLift Matchmaking Event" {
            assert!(event["resources"][0].as_str().unwrap().ends_with(":matchmakingconfiguration/duel"));
            for ticket in event["detail"]["tickets"].as_array_mut().unwrap() {
                assert!(ticket["startTime"].take().as_str().unwrap().ends_with('Z'));
            }
            found.push(event["detail"].take());
        }
    }
    found
}

/// The detail of an event about tickets of one player of the same name, with more members.
pub(crate) fn detail(kind: &str, players: &[Value], mut more: Value) -> Value {
    let ticket = |it: &Value| json!({ "ticketId": it["playerId"], "startTime": null, "players": [it] });
    more["type"] = json!(kind);
    more["tickets"] = players.iter().map(ticket).collect();
    more["gameSessionInfo"]["players"] = json!(players);
    more
}
