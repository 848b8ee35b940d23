//! Matchmaking: the life of tickets, from the request to a game session.

use std::{sync::Arc, time::Duration};

use emulator_core::{
    clock::Clock,
    events::{EventBus, Read, Reader},
    faults::set::Faults,
    model::gamelift_rules::{Rules, SilentOnReject},
    seed::Seed,
    settings::Settings,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    operation::{Operation, run},
    operations::{
        accept_match::AcceptMatch, create_game_session_queue::CreateGameSessionQueue,
        create_matchmaking_configuration::CreateMatchmakingConfiguration,
        create_matchmaking_rule_set::CreateMatchmakingRuleSet, delete_game_session_queue::DeleteGameSessionQueue,
        delete_matchmaking_configuration::DeleteMatchmakingConfiguration,
        describe_game_session_placement::DescribeGameSessionPlacement, describe_matchmaking::DescribeMatchmaking,
        start_game_session_placement::StartGameSessionPlacement, start_matchmaking::StartMatchmaking,
        stop_game_session_placement::StopGameSessionPlacement, stop_matchmaking::StopMatchmaking,
        update_matchmaking_configuration::UpdateMatchmakingConfiguration,
    },
    processes::ProcessConnection,
    resources::{connect_request::ConnectRequest, server_push::ServerPush},
    service::GameLift,
    state::quota::QUOTA,
};

pub(super) const QUEUE: &str = "arn:aws:gamelift:us-west-2:111122223333:gamesessionqueue/q";
pub(super) const TICK: Duration = Duration::from_millis(500);

/// A matchmaker of pairs, whose skills are at most 5 apart, after 30 s 20.
pub(super) struct World {
    pub(super) gamelift: Arc<GameLift>,
    clock: Clock,
    pub(super) events: EventBus,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(Rules::default())
    }

    fn with(rules: Rules) -> Self {
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
    pub(super) fn call<O: Operation>(&self, input: Value) -> Result<Value, String> {
        let output = run::<O>(&self.gamelift.shared, serde_json::from_value(input).unwrap());
        output.map(|output| serde_json::to_value(output).unwrap()).map_err(|error| error.to_string())
    }

    pub(super) fn rule_set(&self, name: &str, body: &Value) {
        self.call::<CreateMatchmakingRuleSet>(json!({ "Name": name, "RuleSetBody": body.to_string() })).unwrap();
    }

    /// Creates the configuration `duel`, with these settings beside or in place of its own.
    pub(super) fn configure(&self, settings: Value) -> &Self {
        let mut input =
            json!({ "Name": "duel", "RuleSetName": "pair", "RequestTimeoutSeconds": 60, "AcceptanceRequired": false });
        input.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        self.call::<CreateMatchmakingConfiguration>(input).unwrap();
        self
    }

    /// A matchmaker whose players have 10 s to accept.
    fn with_acceptance(rules: Rules) -> Self {
        let world = Self::with(rules);
        world.configure(json!({ "AcceptanceRequired": true, "AcceptanceTimeoutSeconds": 10 }));
        world
    }

    /// Starts a ticket for one player of the same name.
    pub(super) fn start(&self, id: &str) {
        self.start_for(id, id, json!({})).unwrap();
    }

    pub(super) fn start_for(&self, id: &str, player: &str, attributes: Value) -> Result<Value, String> {
        let players = json!([{ "PlayerId": player, "PlayerAttributes": attributes }]);
        self.call::<StartMatchmaking>(json!({ "TicketId": id, "ConfigurationName": "duel", "Players": players }))
    }

    /// Lets time pass. All that is due on the way happens at its time.
    pub(super) fn step(&self, time: Duration) {
        assert!(self.clock.step(time));
    }

    pub(super) fn ticket(&self, id: &str) -> Value {
        self.call::<DescribeMatchmaking>(json!({ "TicketIds": [id] })).unwrap()["TicketList"][0].clone()
    }

    pub(super) fn status(&self, id: &str) -> String {
        self.ticket(id)["Status"].as_str().unwrap_or("none").to_owned()
    }

    pub(super) fn statuses(&self, ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| self.status(id)).collect()
    }

    pub(super) fn answer(&self, id: &str, how: &str) -> Result<Value, String> {
        self.call::<AcceptMatch>(json!({ "TicketId": id, "PlayerIds": [id], "AcceptanceType": how }))
    }

    pub(super) fn stop(&self, id: &str) -> Result<Value, String> {
        self.call::<StopMatchmaking>(json!({ "TicketId": id }))
    }

    /// Connects a game server that is ready.
    pub(super) fn game_server(&self) -> ProcessConnection {
        let request = ConnectRequest {
            fleet_id: Settings::FLEET_ID.into(),
            compute_name: Settings::COMPUTE_NAME.into(),
            ..ConnectRequest::default()
        };
        let server = self.gamelift.connect_process(&request).unwrap();
        self.gamelift.process_ready(&server, 7777).unwrap();
        self.gamelift.heartbeat(server.id(), true).unwrap();
        server
    }

    /// A player of a ticket with the same name as an event tells of it, with its team and more members.
    fn seated(&self, id: &str, mut more: Value) -> Value {
        more["playerId"] = json!(id);
        more["team"] = self.ticket(id)["Players"][0]["Team"].clone();
        more
    }

    pub(super) fn match_of(&self, id: &str) -> String {
        self.gamelift.with_state(|state| state.tickets[id].match_id.clone()).unwrap()
    }
}

/// The end of a ticket, as it describes itself.
pub(super) fn end(ticket: &Value) -> (&str, &str, &str) {
    let text = |member: &str| ticket[member].as_str().unwrap_or_default();
    (text("Status"), text("StatusReason"), text("StatusMessage"))
}

#[test]
fn two_tickets_of_one_tick_become_a_match() {
    let world = World::new();
    world.configure(json!({}));
    world.start("ann");
    world.step(TICK / 2);
    world.start("ben");
    assert_eq!(world.statuses(&["ann", "ben"]), ["QUEUED", "QUEUED"]);
    world.step(TICK / 2);
    assert_eq!(world.statuses(&["ann", "ben"]), ["COMPLETED", "COMPLETED"]);
    let mut teams: Vec<_> = ["ann", "ben"].iter().map(|id| world.ticket(id)["Players"][0]["Team"].clone()).collect();
    teams.sort_by_key(Value::to_string);
    assert_eq!(teams, ["north", "south"]);
    let ann = world.ticket("ann");
    assert!(ann["EndTime"].is_number() && ann["GameSessionConnectionInfo"].is_null() && ann["StatusReason"].is_null());
}

#[test]
fn a_ticket_searches_until_its_time_is_over() {
    let world = World::new();
    world.configure(json!({}));
    world.start("ann");
    world.step(TICK);
    assert_eq!(world.status("ann"), "SEARCHING");
    assert!(world.ticket("ann")["EndTime"].is_null());
    world.step(Duration::from_secs(60) - TICK - Duration::from_millis(1));
    assert_eq!(world.status("ann"), "SEARCHING");
    world.step(Duration::from_millis(1));
    let expected = ("TIMED_OUT", "TimedOut", "Removed from matchmaking due to timing out.");
    assert_eq!(end(&world.ticket("ann")), expected);
    world.start("ben");
    world.step(TICK);
    assert_eq!(world.status("ben"), "SEARCHING", "who has timed out is matched no more");
}

#[test]
fn an_expansion_acts_when_the_younger_ticket_is_old_enough() {
    let world = World::new();
    world.configure(json!({}));
    world.start("ann");
    world.step(Duration::from_secs(20));
    world.start_for("ben", "ben", json!({ "skill": { "N": 25 } })).unwrap();
    world.step(Duration::from_secs(30) - Duration::from_millis(1));
    assert_eq!(world.statuses(&["ann", "ben"]), ["SEARCHING", "SEARCHING"]);
    world.step(Duration::from_millis(1));
    assert_eq!(world.statuses(&["ann", "ben"]), ["COMPLETED", "COMPLETED"]);
}

#[test]
fn passes_over_a_pool_in_which_nothing_changes_become_rare() {
    let world = World::new();
    world.configure(json!({ "RequestTimeoutSeconds": 43200 }));
    world.start("ann");
    let until_next = || {
        world.gamelift.with_state(|state| state.pools["duel"].next_pass.unwrap().duration_since(state.now).as_secs())
    };
    world.step(Duration::from_secs(30));
    assert!(until_next() < 1, "the expansion has just changed the limits");
    world.step(Duration::from_secs(4000));
    world.step(Duration::from_secs(1 + until_next().unsigned_abs()));
    assert!(until_next() > 400, "{}", until_next());
    world.start("ben");
    world.step(TICK);
    assert_eq!(world.status("ann"), "COMPLETED", "a new ticket has its pass at once");
}

#[rstest]
#[case::attribute_of_another_type(json!([{ "PlayerId": "p", "PlayerAttributes": { "skill": { "S": "x" } } }]), "attributes[skill]")]
#[case::attribute_without_value(json!([{ "PlayerId": "p", "PlayerAttributes": { "skill": {} } }]), "exactly one of S, N, SL and SDM")]
#[case::attribute_with_two_values(json!([{ "PlayerId": "p", "PlayerAttributes": { "skill": { "N": 1, "S": "x" } } }]), "exactly one of")]
#[case::player_twice(json!([{ "PlayerId": "p" }, { "PlayerId": "p" }]), "more than once")]
#[case::nobody(json!([]), "greater than or equal to 1")]
#[case::player_without_id(json!([{}]), "Member must not be null")]
#[case::latency_of_nothing(json!([{ "PlayerId": "p", "LatencyInMs": { "us-west-2": 0 } }]), "1 or more")]
#[case::text_too_long(json!([{ "PlayerId": "p", "PlayerAttributes": { "x": { "S": "x".repeat(101) } } }]), "less than or equal to 100")]
fn players_that_make_no_ticket_are_refused(#[case] players: Value, #[case] expected: &str) {
    let world = World::new();
    world.configure(json!({}));
    let start = json!({ "TicketId": "t", "ConfigurationName": "duel", "Players": players });
    let refused = world.call::<StartMatchmaking>(start).unwrap_err();
    assert!(refused.starts_with("InvalidRequestException: ") && refused.contains(expected), "{refused}");
    assert_eq!(world.status("t"), "none");
}

#[rstest]
#[case("", 10, 1)]
#[case("x", 11, 1)]
#[case("x", 1, 101)]
fn too_much_of_a_player_is_refused(#[case] key: &str, #[case] attributes: usize, #[case] strings: usize) {
    let world = World::new();
    world.configure(json!({}));
    let value = json!({ "SL": (0..strings).map(|it| it.to_string()).collect::<Vec<_>>() });
    let map = (0..attributes).map(|it| (if it == 0 { key.to_owned() } else { it.to_string() }, value.clone()));
    let refused = world.start_for("t", "p", map.collect::<serde_json::Map<_, _>>().into()).unwrap_err();
    assert!(refused.starts_with("InvalidRequestException: "), "{refused}");
}

#[test]
fn a_ticket_id_is_used_once_until_it_is_forgotten() {
    let world = World::new();
    world.configure(json!({}));
    world.start("ann");
    assert!(world.start_for("ann", "ben", json!({})).unwrap_err().contains("is QUEUED"));
    world.stop("ann").unwrap();
    assert!(world.start_for("ann", "ben", json!({})).unwrap_err().contains("is CANCELLED"));
    let generated = json!({ "TicketId": "", "ConfigurationName": "duel", "Players": [{ "PlayerId": "cid" }] });
    let generated = world.call::<StartMatchmaking>(generated).unwrap();
    assert_eq!(generated["MatchmakingTicket"]["TicketId"].as_str().map(str::len), Some(36));
    world.step(Duration::from_secs(24 * 60 * 60));
    assert_eq!(world.status("ann"), "none");
    world.start("ann");
    world.step(Duration::from_secs(25 * 60 * 60));
    world.gamelift.with_state(|state| {
        assert!(state.tickets.is_empty() && state.ended_tickets.is_empty() && state.ticket_of.is_empty());
        assert_eq!(state.timers.next_due(), None, "nothing is left of tickets that are forgotten");
    });
}

#[test]
fn a_ticket_can_be_stopped_until_its_match_is_placed() {
    let world = World::with_acceptance(Rules::default());
    assert!(world.stop("unknown").unwrap_err().starts_with("NotFoundException"));
    world.start("ann");
    world.stop("ann").unwrap();
    assert_eq!(end(&world.ticket("ann")), ("CANCELLED", "Cancelled", "Cancelled by request."));
    assert!(world.stop("ann").unwrap_err().contains("CANCELLED"));
    world.start_for("ann-2", "ann", json!({})).unwrap();
    world.start("ben");
    world.step(TICK);
    assert_eq!(world.statuses(&["ann-2", "ben"]), ["REQUIRES_ACCEPTANCE", "REQUIRES_ACCEPTANCE"]);
    world.stop("ann-2").unwrap();
    assert_eq!(world.statuses(&["ann-2", "ben"]), ["CANCELLED", "SEARCHING"]);
    assert!(world.ticket("ben")["StatusReason"].is_string() && world.ticket("ben")["Players"][0]["Team"].is_null());
    world.start("cid");
    world.step(TICK);
    assert_eq!(world.statuses(&["ben", "cid"]), ["REQUIRES_ACCEPTANCE", "REQUIRES_ACCEPTANCE"]);
}

#[test]
fn a_player_in_a_second_ticket_ends_the_first() {
    let world = World::with_acceptance(Rules::default());
    world.start("ann");
    world.step(TICK);
    world.start_for("ann-2", "ann", json!({})).unwrap();
    let expected = ("CANCELLED", "Cancelled", "Cancelled due to duplicate player");
    assert_eq!(end(&world.ticket("ann")), expected);
    world.start("ben");
    world.step(TICK);
    assert_eq!(world.status("ben"), "REQUIRES_ACCEPTANCE");
    world.start_for("ann-3", "ann", json!({})).unwrap();
    assert_eq!(world.statuses(&["ann-2", "ben", "ann-3"]), ["CANCELLED", "SEARCHING", "QUEUED"]);
    // A refused request ends nothing.
    world.start_for("ann-4", "ann", json!({ "skill": { "S": "x" } })).unwrap_err();
    assert_eq!(world.status("ann-3"), "QUEUED");
}

#[test]
fn a_match_that_all_accept_is_complete() {
    let world = World::with_acceptance(Rules::default());
    world.start("ann");
    assert!(world.answer("ann", "ACCEPT").unwrap_err().contains("QUEUED"));
    assert!(world.answer("nobody", "ACCEPT").unwrap_err().starts_with("NotFoundException"));
    world.start("ben");
    world.step(TICK);
    let stranger = json!({ "TicketId": "ann", "PlayerIds": ["ben"], "AcceptanceType": "ACCEPT" });
    assert!(world.call::<AcceptMatch>(stranger).unwrap_err().starts_with("InvalidRequestException"));
    let nobody = json!({ "TicketId": "ann", "PlayerIds": [], "AcceptanceType": "ACCEPT" });
    assert!(world.call::<AcceptMatch>(nobody).unwrap_err().starts_with("InvalidRequestException"));
    world.answer("ann", "ACCEPT").unwrap();
    world.answer("ann", "ACCEPT").unwrap();
    assert_eq!(world.statuses(&["ann", "ben"]), ["REQUIRES_ACCEPTANCE", "REQUIRES_ACCEPTANCE"]);
    world.answer("ben", "ACCEPT").unwrap();
    assert_eq!(world.statuses(&["ann", "ben"]), ["COMPLETED", "COMPLETED"]);
    world.step(Duration::from_secs(10));
    assert_eq!(world.statuses(&["ann", "ben"]), ["COMPLETED", "COMPLETED"], "the time to accept is no matter any more");
    assert!(world.stop("ann").unwrap_err().contains("COMPLETED"));
}

#[rstest]
#[case::a_reject_ends_who_has_not_answered(SilentOnReject::Cancel, &[("ann", "REJECT")], ["CANCELLED", "CANCELLED"])]
#[case::or_lets_them_search(SilentOnReject::Search, &[("ann", "REJECT")], ["CANCELLED", "SEARCHING"])]
#[case::who_accepted_searches(SilentOnReject::Cancel, &[("ben", "ACCEPT"), ("ann", "REJECT")], ["CANCELLED", "SEARCHING"])]
#[case::the_last_answer_counts(SilentOnReject::Cancel, &[("ann", "ACCEPT"), ("ann", "REJECT")], ["CANCELLED", "CANCELLED"])]
#[case::time_ends_who_has_not_answered(SilentOnReject::Search, &[("ann", "ACCEPT")], ["SEARCHING", "CANCELLED"])]
#[case::all_of_them(SilentOnReject::Search, &[], ["CANCELLED", "CANCELLED"])]
fn a_match_that_not_all_accept_is_dissolved(
    #[case] silent_on_reject: SilentOnReject,
    #[case] answers: &[(&str, &str)],
    #[case] expected: [&str; 2],
) {
    let world = World::with_acceptance(Rules { silent_on_reject, ..Rules::default() });
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    for (who, how) in answers {
        world.answer(who, how).unwrap();
    }
    if answers.iter().all(|(_, how)| *how == "ACCEPT") {
        world.step(Duration::from_secs(10) - Duration::from_millis(1));
        assert_eq!(world.statuses(&["ann", "ben"]), ["REQUIRES_ACCEPTANCE", "REQUIRES_ACCEPTANCE"]);
        world.step(Duration::from_millis(1));
    }
    assert_eq!(world.statuses(&["ann", "ben"]), expected);
    world.gamelift.with_state(|state| assert!(state.matches.is_empty()));
}

#[tokio::test]
async fn a_match_is_placed_and_its_game_server_knows_it() {
    let world = World::new();
    let settings = json!({
        "GameSessionQueueArns": [QUEUE], "GameProperties": [{ "Key": "mode", "Value": "duel" }], "GameSessionData": "map",
    });
    world.configure(settings);
    let mut server = world.game_server();
    let attributes = json!({ "skill": { "N": 12 }, "roles": { "SL": ["tank", "tank"] }, "unknown": { "S": "x" } });
    world.start_for("ann", "ann", attributes).unwrap();
    let ben = json!([{ "PlayerId": "ben", "LatencyInMs": { "custom-home": 30 } }]);
    let ben = json!({ "TicketId": "ben", "ConfigurationName": "duel", "Players": ben });
    world.call::<StartMatchmaking>(ben).unwrap();
    world.step(TICK);
    assert_eq!(world.statuses(&["ann", "ben"]), ["PLACING", "PLACING"]);
    let stopped = world.stop("ann").unwrap_err();
    assert!(stopped.ends_with("Matchmaking ticket is in PLACING status and cannot be canceled."), "{stopped}");

    let Some(ServerPush::CreateGameSession {
        game_session_id,
        game_session_data,
        matchmaker_data,
        game_properties,
        maximum_player_session_count,
        ..
    }) = server.next_push().await
    else {
        panic!("the game server is told of the game session")
    };
    assert_eq!((game_session_data.as_deref(), maximum_player_session_count), (Some("map"), 2));
    assert_eq!(game_properties["mode"], "duel");
    let id = world.match_of("ann");
    let team = |ticket: &str| world.ticket(ticket)["Players"][0]["Team"].as_str().unwrap().to_owned();
    let player = |name: &str, roles: &str, skill: &str| {
        format!(
            r#"{{"playerId":"{name}","attributes":{{"roles":{{"attributeType":"STRING_LIST","valueAttribute":["{roles}"]}},"skill":{{"attributeType":"DOUBLE","valueAttribute":{skill}}}}}}}"#
        )
    };
    let (ann, ben) = (player("ann", "tank", "12.0"), player("ben", "any", "10.0"));
    let (north, south) = if team("ann") == "north" { (ann, ben) } else { (ben, ann) };
    let expected = format!(
        r#"{{"matchId":"{id}","matchmakingConfigurationArn":"arn:aws:gamelift:us-west-2:111122223333:matchmakingconfiguration/duel","teams":[{{"name":"north","players":[{north}]}},{{"name":"south","players":[{south}]}}],"autoBackfillMode":null,"autoBackfillTicketId":null}}"#
    );
    assert_eq!(matchmaker_data.as_deref(), Some(&*expected));

    world.gamelift.activate_game_session(server.id(), &game_session_id).unwrap();
    let placement = world.call::<DescribeGameSessionPlacement>(json!({ "PlacementId": id })).unwrap();
    let placement = &placement["GameSessionPlacement"];
    assert_eq!((&placement["Status"], &placement["MatchmakerData"]), (&json!("FULFILLED"), &json!(expected)));
    assert_eq!(placement["PlayerLatencies"][0]["LatencyInMilliseconds"], 30.0);
    let ben = world.ticket("ben");
    let connection = &ben["GameSessionConnectionInfo"];
    assert_eq!((&ben["Status"], &connection["GameSessionArn"]), (&json!("COMPLETED"), &json!(game_session_id)));
    assert_eq!((&connection["IpAddress"], &connection["Port"]), (&json!("127.0.0.1"), &json!(7777)));
    assert_eq!(connection["MatchedPlayerSessions"].as_array().map(Vec::len), Some(1));
    let session = connection["MatchedPlayerSessions"][0]["PlayerSessionId"].as_str().unwrap();
    world.gamelift.accept_player_session(server.id(), &game_session_id, session).unwrap();
}

#[test]
fn a_match_without_a_place_in_time_is_dissolved_and_formed_again() {
    let world = World::new();
    world.configure(json!({ "GameSessionQueueArns": [QUEUE], "RequestTimeoutSeconds": 45 }));
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    let first = world.match_of("ann");
    world.step(Duration::from_secs(20));
    assert_eq!(world.statuses(&["ann", "ben"]), ["SEARCHING", "SEARCHING"]);
    world.step(TICK);
    assert_eq!(world.status("ann"), "PLACING");
    assert_ne!(world.match_of("ann"), first);
    // A newer ticket of a player leaves one that is being placed alone, until that one would search again.
    world.start_for("ben-2", "ben", json!({})).unwrap();
    assert_eq!(world.status("ben"), "PLACING");
    world.step(Duration::from_secs(20));
    assert_eq!(world.statuses(&["ann", "ben", "ben-2"]), ["SEARCHING", "CANCELLED", "SEARCHING"]);
    world.step(TICK);
    assert_eq!(world.statuses(&["ann", "ben-2"]), ["PLACING", "PLACING"]);
    // The ticket's own time ends while its match is being placed. The match goes with it.
    let third = world.match_of("ann");
    world.step(Duration::from_secs(45) - Duration::from_millis(41_500));
    assert_eq!(world.statuses(&["ann", "ben-2"]), ["TIMED_OUT", "SEARCHING"]);
    let placement = world.call::<DescribeGameSessionPlacement>(json!({ "PlacementId": third })).unwrap();
    assert_eq!(placement["GameSessionPlacement"]["Status"], "CANCELLED");
}

/// A ticket came and went while another one of its player was being placed, and that one searches again.
#[rstest]
#[case::in_the_same_configuration("duel")]
#[case::in_another_configuration("other")]
fn a_ticket_that_searches_again_ends_for_the_next_one_of_its_player(#[case] configuration: &str) {
    let world = World::new();
    world.configure(json!({ "GameSessionQueueArns": [QUEUE] }));
    let other =
        json!({ "Name": "other", "RuleSetName": "pair", "RequestTimeoutSeconds": 60, "AcceptanceRequired": false });
    world.call::<CreateMatchmakingConfiguration>(other).unwrap();
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    world.start_for("ann-2", "ann", json!({})).unwrap();
    world.stop("ann-2").unwrap();
    world.step(Duration::from_secs(20));
    assert_eq!(world.statuses(&["ann", "ben"]), ["SEARCHING", "SEARCHING"]);
    let third = json!({ "TicketId": "ann-3", "ConfigurationName": configuration, "Players": [{ "PlayerId": "ann" }] });
    world.call::<StartMatchmaking>(third).unwrap();
    assert_eq!(end(&world.ticket("ann")), ("CANCELLED", "Cancelled", "Cancelled due to duplicate player"));
    world.step(TICK);
    let expected = if configuration == "duel" { ["PLACING", "PLACING"] } else { ["SEARCHING", "SEARCHING"] };
    assert_eq!(world.statuses(&["ben", "ann-3"]), expected);
}

#[tokio::test]
async fn a_party_ends_the_tickets_of_its_players_though_they_are_in_one_match() {
    let world = World::with_acceptance(Rules::default());
    let mut reader = world.events.read(None);
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    let party = json!([{ "PlayerId": "ann" }, { "PlayerId": "ben" }]);
    let party = json!({ "TicketId": "party", "ConfigurationName": "duel", "Players": party });
    world.call::<StartMatchmaking>(party).unwrap();
    assert_eq!(world.statuses(&["ann", "ben", "party"]), ["CANCELLED", "CANCELLED", "QUEUED"]);
    world.stop("party").unwrap();
    let told = details(&mut reader, 4).await;
    assert_eq!(told[2]["type"], "PotentialMatchCreated");
    assert_eq!(told[3]["type"], "MatchmakingCancelled", "no ticket has searched again");
}

#[tokio::test]
async fn tickets_of_one_match_time_out_together_if_they_are_due_together() {
    let world = World::with_acceptance(Rules::default());
    world.call::<UpdateMatchmakingConfiguration>(json!({ "Name": "duel", "RequestTimeoutSeconds": 5 })).unwrap();
    let mut reader = world.events.read(None);
    world.start("ann");
    world.start("ben");
    world.step(Duration::from_secs(5));
    assert_eq!(world.statuses(&["ann", "ben"]), ["TIMED_OUT", "TIMED_OUT"]);
    let told = details(&mut reader, 5).await;
    assert_eq!(told[2]["type"], "PotentialMatchCreated");
    assert!(told[3..].iter().all(|told| told["type"] == "MatchmakingTimedOut"), "neither has searched again");
}

#[rstest]
#[case::queue_is_deleted(|world: &World| world.call::<DeleteGameSessionQueue>(json!({ "Name": "q" })))]
#[case::placement_is_stopped(|world: &World| {
    world.call::<StopGameSessionPlacement>(json!({ "PlacementId": world.match_of("ann") }))
})]
fn a_match_whose_placement_fails_fails(#[case] fails: fn(&World) -> Result<Value, String>) {
    let world = World::new();
    world.configure(json!({ "GameSessionQueueArns": [QUEUE] }));
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    fails(&world).unwrap();
    let expected = ("FAILED", "UNEXPECTED_ERROR", "An unexpected error was encountered during match placing.");
    assert_eq!([end(&world.ticket("ann")), end(&world.ticket("ben"))], [expected, expected]);
}

#[test]
fn placements_of_matches_do_not_count_among_those_that_can_wait() {
    let world = World::new();
    world.configure(json!({ "GameSessionQueueArns": [QUEUE] }));
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    assert_eq!(world.status("ann"), "PLACING");
    let start = |id: usize| {
        let input =
            json!({ "PlacementId": id.to_string(), "GameSessionQueueName": "q", "MaximumPlayerSessionCount": 1 });
        world.call::<StartGameSessionPlacement>(input)
    };
    for id in 0..QUOTA {
        start(id).unwrap();
    }
    assert!(start(QUOTA).unwrap_err().starts_with("LimitExceededException"));
    assert_eq!(world.status("ann"), "PLACING");
}

#[test]
fn a_match_whose_queue_is_gone_fails() {
    let world = World::new();
    world.configure(json!({ "GameSessionQueueArns": [QUEUE] }));
    world.call::<DeleteGameSessionQueue>(json!({ "Name": "q" })).unwrap();
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    assert_eq!(world.statuses(&["ann", "ben"]), ["FAILED", "FAILED"]);
}

#[rstest]
#[case::with_a_queue(json!([QUEUE]), "FAILED")]
#[case::without_a_queue(json!([]), "COMPLETED")]
fn only_a_match_that_is_placed_can_have_too_much_matchmaker_data(#[case] queues: Value, #[case] expected: &str) {
    let world = World::new();
    let names: Vec<_> = (0..10).map(|it| it.to_string()).collect();
    let declared: Vec<_> = names.iter().map(|name| json!({ "name": name, "type": "string_list" })).collect();
    let wide = json!({
        "ruleLanguageVersion": "1.0", "playerAttributes": declared,
        "teams": [{ "name": "all", "minPlayers": 1, "maxPlayers": 1 }],
    });
    world.rule_set("wide", &wide);
    world.configure(json!({ "RuleSetName": "wide", "GameSessionQueueArns": queues }));
    // Each of these characters has six in JSON.
    let list: Vec<_> = (0..100).map(|it| format!("{it:\u{1}>100}")).collect();
    let attributes = names.into_iter().map(|name| (name, json!({ "SL": list })));
    world.start_for("ann", "ann", attributes.collect::<serde_json::Map<_, _>>().into()).unwrap();
    world.step(TICK);
    assert_eq!(world.status("ann"), expected);
}

#[test]
fn waiting_tickets_follow_an_update_and_their_configuration_stays_for_them() {
    let world = World::new();
    world.configure(json!({}));
    let alone = json!({ "ruleLanguageVersion": "1.0", "teams": [{ "name": "all", "minPlayers": 1, "maxPlayers": 1 }] });
    world.rule_set("alone", &alone);
    world.start("ann");
    world.step(TICK);
    let refused = world.call::<DeleteMatchmakingConfiguration>(json!({ "Name": "duel" })).unwrap_err();
    assert!(refused.contains("ann is SEARCHING"), "{refused}");
    let update = json!({ "Name": "duel", "RuleSetName": "alone", "RequestTimeoutSeconds": 1 });
    world.call::<UpdateMatchmakingConfiguration>(update).unwrap();
    assert_eq!(world.status("ann"), "SEARCHING");
    world.step(TICK);
    assert_eq!(world.status("ann"), "COMPLETED");
    world.call::<DeleteMatchmakingConfiguration>(json!({ "Name": "duel" })).unwrap();
    assert_eq!(world.status("ann"), "COMPLETED");
}

#[test]
fn the_estimated_wait_is_that_of_tickets_that_were_completed_lately() {
    let world = World::new();
    world.configure(json!({}));
    world.start("ann");
    assert!(world.ticket("ann")["EstimatedWaitTime"].is_null());
    world.step(Duration::from_secs(30));
    world.start("ben");
    world.step(TICK);
    assert_eq!(world.statuses(&["ann", "ben"]), ["COMPLETED", "COMPLETED"]);
    world.start("cid");
    assert_eq!(world.ticket("cid")["EstimatedWaitTime"], 15);
    world.step(Duration::from_secs(16 * 60));
    world.start("dan");
    assert!(world.ticket("dan")["EstimatedWaitTime"].is_null());
}

#[test]
fn matchmaking_goes_on_from_a_state_file() {
    let world = World::with_acceptance(Rules::default());
    for id in ["ann", "ben"] {
        world.start(id);
    }
    world.step(TICK);
    world.start("cid");
    let file = world.gamelift.encode_state().to_string();
    world.gamelift.reset(&Settings::default());
    assert_eq!(world.status("cid"), "none");
    world.gamelift.restore(world.gamelift.decode_state(&file).unwrap());
    assert_eq!(world.statuses(&["ann", "ben", "cid"]), ["REQUIRES_ACCEPTANCE", "REQUIRES_ACCEPTANCE", "QUEUED"]);
    world.start_for("cid-2", "cid", json!({})).unwrap();
    assert_eq!(world.status("cid"), "CANCELLED");
    world.start("dan");
    world.step(TICK);
    assert_eq!(world.statuses(&["cid-2", "dan"]), ["REQUIRES_ACCEPTANCE", "REQUIRES_ACCEPTANCE"]);
    world.answer("ann", "ACCEPT").unwrap();
    world.answer("ben", "ACCEPT").unwrap();
    assert_eq!(world.status("ben"), "COMPLETED");
    world.step(Duration::from_secs(24 * 60 * 60));
    assert_eq!(world.statuses(&["ann", "cid"]), ["none", "none"]);
}

#[rstest]
#[case("/tickets/ann/match_id", Value::Null)]
#[case("/tickets/ann/status", json!("PLACING"))]
#[case("/tickets/ann/status", json!("CANCELLED"))]
#[case("/tickets/cid/status", json!("PLACING"))]
#[case("/tickets/cid/configuration", json!("other"))]
#[case("/configurations/duel/settings/rule_set", json!("other"))]
#[case("/timers/due", json!([]))]
fn a_state_file_that_contradicts_itself_is_refused(#[case] place: &str, #[case] value: Value) {
    let world = World::with_acceptance(Rules::default());
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    world.start("cid");
    let mut file = world.gamelift.encode_state();
    *file.pointer_mut(place).unwrap() = value.clone();
    let is_allowed = value == json!("PLACING") && place.contains("ann");
    assert_eq!(world.gamelift.decode_state(&file.to_string()).is_ok(), is_allowed, "{place} {value}");
}

/// Returns the details of the next events of matchmaking, without times.
pub(super) async fn details(reader: &mut Reader, count: usize) -> Vec<Value> {
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
fn detail(kind: &str, players: &[Value], mut more: Value) -> Value {
    let ticket = |it: &Value| json!({ "ticketId": it["playerId"], "startTime": null, "players": [it] });
    more["type"] = json!(kind);
    more["tickets"] = players.iter().map(ticket).collect();
    more["gameSessionInfo"]["players"] = json!(players);
    more
}

#[tokio::test]
async fn a_match_that_is_accepted_and_placed_is_told_step_by_step() {
    let world = World::new();
    let settings = json!({
        "AcceptanceRequired": true, "AcceptanceTimeoutSeconds": 10, "GameSessionQueueArns": [QUEUE],
        "CustomEventData": "season-7",
    });
    world.configure(settings);
    let server = world.game_server();
    let mut reader = world.events.read(None);
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    world.answer("ann", "ACCEPT").unwrap();
    world.answer("ben", "ACCEPT").unwrap();
    let session = world.gamelift.with_state(|state| state.game_sessions.keys().next().cloned()).unwrap();
    world.gamelift.activate_game_session(server.id(), &session).unwrap();

    let told = details(&mut reader, 7).await;
    let types: Vec<_> = told.iter().map(|detail| detail["type"].as_str().unwrap()).collect();
    let expected = [
        "MatchmakingSearching",
        "MatchmakingSearching",
        "PotentialMatchCreated",
        "AcceptMatch",
        "AcceptMatch",
        "AcceptMatchCompleted",
        "MatchmakingSucceeded",
    ];
    assert_eq!(types, expected);
    let id = world.match_of("ann");
    let custom = |mut more: Value| {
        more["customEventData"] = json!("season-7");
        more
    };
    let searching = custom(json!({ "estimatedWaitMillis": "NOT_AVAILABLE" }));
    assert_eq!(told[0], detail("MatchmakingSearching", &[json!({ "playerId": "ann" })], searching));
    let seated = [world.seated("ann", json!({})), world.seated("ben", json!({}))];
    let potential = custom(json!({
        "matchId": id, "acceptanceRequired": true, "acceptanceTimeout": 10,
        "ruleEvaluationMetrics": [{ "ruleName": "Near", "passedCount": 2, "failedCount": 0 }],
    }));
    assert_eq!(told[2], detail("PotentialMatchCreated", &seated, potential));
    let answer = custom(json!({ "matchId": id }));
    let ann_only = [world.seated("ann", json!({ "accepted": true })), world.seated("ben", json!({}))];
    assert_eq!(told[3], detail("AcceptMatch", &ann_only, answer.clone()));
    let both = ["ann", "ben"].map(|id| world.seated(id, json!({ "accepted": true })));
    assert_eq!(told[4], detail("AcceptMatch", &both, answer));
    let accepted = custom(json!({ "matchId": id, "acceptance": "Accepted" }));
    assert_eq!(told[5], detail("AcceptMatchCompleted", &both, accepted));
    let player_session = |id: &str| {
        let connection = &world.ticket(id)["GameSessionConnectionInfo"];
        world.seated(id, json!({ "playerSessionId": connection["MatchedPlayerSessions"][0]["PlayerSessionId"] }))
    };
    let info = json!({
        "gameSessionArn": session, "ipAddress": "127.0.0.1", "port": 7777, "playerGatewayStatus": "DISABLED",
    });
    let succeeded = custom(json!({ "matchId": id, "gameSessionInfo": info }));
    assert_eq!(told[6], detail("MatchmakingSucceeded", &[player_session("ann"), player_session("ben")], succeeded));
}

/// The first end after both players have been asked to accept their match.
#[tokio::test]
async fn an_event_of_an_end_has_no_answers_and_a_cancelled_one_no_team() {
    let not_evaluated = |world: &World, reason: &str, message: &str| {
        json!({
            "matchId": world.match_of("ann"), "reason": reason, "message": message, "ruleEvaluationMetrics": [],
        })
    };
    let settings = json!({
        "AcceptanceRequired": true, "AcceptanceTimeoutSeconds": 10, "RequestTimeoutSeconds": 5,
        "GameSessionQueueArns": [QUEUE],
    });
    let end_of_ann = async |answers: &[(&str, &str)], end: fn(&World)| {
        let world = World::new();
        world.configure(settings.clone());
        let mut reader = world.events.read(None);
        world.start("ann");
        world.step(TICK);
        world.start("ben");
        world.step(TICK);
        for (who, how) in answers {
            world.answer(who, how).unwrap();
        }
        end(&world);
        assert!(world.ticket("ann")["EndTime"].is_number());
        loop {
            let told = details(&mut reader, 1).await.remove(0);
            if ["MatchmakingCancelled", "MatchmakingTimedOut", "MatchmakingFailed"].iter().any(|it| told["type"] == *it)
            {
                return (world, told);
            }
        }
    };

    let (world, told) = end_of_ann(&[("ann", "REJECT")], |_| ()).await;
    let rejected = not_evaluated(&world, "Rejected", "A player of this ticket rejected the match.");
    assert_eq!(told, detail("MatchmakingCancelled", &[json!({ "playerId": "ann" })], rejected));

    let (world, told) = end_of_ann(&[("ann", "ACCEPT")], |world| world.step(Duration::from_secs(4))).await;
    let timed_out = not_evaluated(&world, "TimedOut", "Removed from matchmaking due to timing out.");
    assert_eq!(told, detail("MatchmakingTimedOut", &[world.seated("ann", json!({}))], timed_out));

    let (world, told) = end_of_ann(&[("ann", "ACCEPT"), ("ben", "ACCEPT")], |world| {
        world.call::<DeleteGameSessionQueue>(json!({ "Name": "q" })).unwrap();
    })
    .await;
    let failed = json!({
        "matchId": world.match_of("ann"), "reason": "UNEXPECTED_ERROR",
        "message": "An unexpected error was encountered during match placing.",
    });
    let seated = [world.seated("ann", json!({})), world.seated("ben", json!({}))];
    assert_eq!(told, detail("MatchmakingFailed", &seated, failed));
}

#[tokio::test]
async fn ends_are_told_but_for_a_duplicate_player() {
    let world = World::with_acceptance(Rules::default());
    let mut reader = world.events.read(None);
    world.start("ann");
    world.start_for("ann-2", "ann", json!({})).unwrap();
    world.stop("ann-2").unwrap();
    world.start("ben");
    world.step(TICK);
    world.start("cid");
    world.step(TICK);
    world.answer("cid", "REJECT").unwrap();
    let told = details(&mut reader, 8).await;
    let short = |detail: &Value| {
        let tickets = detail["tickets"].as_array().unwrap();
        let ticket = tickets.iter().map(|ticket| ticket["ticketId"].as_str().unwrap()).collect::<Vec<_>>().join("+");
        let more = detail["acceptance"].as_str().or(detail["reason"].as_str()).unwrap_or_default();
        format!("{} {ticket} {more}", detail["type"].as_str().unwrap()).trim_end().to_owned()
    };
    let told: Vec<_> = told.iter().map(short).collect();
    let expected = [
        "MatchmakingCancelled ann-2 Cancelled",
        "MatchmakingSearching ben",
        "MatchmakingSearching cid",
        "PotentialMatchCreated ben+cid",
        "AcceptMatch ben+cid",
        "AcceptMatchCompleted ben+cid Rejected",
    ];
    assert_eq!(told[..6], expected);
    let mut ends = told[6..].to_vec();
    ends.sort();
    assert_eq!(ends, ["MatchmakingCancelled ben AcceptanceTimedOut", "MatchmakingCancelled cid Rejected"]);
}
