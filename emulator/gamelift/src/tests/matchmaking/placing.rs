//! Matches that a queue places.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    operations::{
        delete_game_session_queue::DeleteGameSessionQueue,
        describe_game_session_placement::DescribeGameSessionPlacement,
        start_game_session_placement::StartGameSessionPlacement, start_matchmaking::StartMatchmaking,
        stop_game_session_placement::StopGameSessionPlacement, update_game_session::UpdateGameSession,
        update_matchmaking_configuration::UpdateMatchmakingConfiguration,
    },
    resources::server_push::ServerPush,
    state::{placement::MOST_OF_MATCHES, quota::QUOTA},
    tests::matchmaking::support::{QUEUE, TICK, World, end},
};

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
fn the_name_of_a_queue_in_place_of_its_arn_is_refused_with_the_arn() {
    let world = World::new();
    world.configure(json!({}));
    let refused = |queue: &str| {
        let input = json!({ "Name": "duel", "FlexMatchMode": "WITH_QUEUE", "GameSessionQueueArns": [queue] });
        world.call::<UpdateMatchmakingConfiguration>(input).unwrap_err()
    };
    let error = refused("q");
    assert!(error.contains("NotFoundException") && error.contains(&format!("The ARN of q is {QUEUE}.")), "{error}");
    assert!(refused("r").contains("The ARN of a queue r does not exist."), "{}", refused("r"));
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

/// The game server has closed the game session, or made it smaller, before it was ACTIVE.
#[rstest]
#[case::closed(json!({ "PlayerSessionCreationPolicy": "DENY_ALL" }))]
#[case::too_small(json!({ "MaximumPlayerSessionCount": 1 }))]
fn a_match_whose_game_session_does_not_take_its_players_fails(#[case] mut change: Value) {
    let world = World::new();
    world.configure(json!({ "GameSessionQueueArns": [QUEUE] }));
    let server = world.game_server();
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    let session = world.gamelift.with_state(|state| state.game_sessions.keys().next().cloned()).unwrap();
    change["GameSessionId"] = json!(session);
    world.call::<UpdateGameSession>(change).unwrap();
    let id = world.match_of("ann");
    world.gamelift.activate_game_session(server.id(), &session).unwrap();
    let expected = ("FAILED", "UNEXPECTED_ERROR", "An unexpected error was encountered during match placing.");
    assert_eq!([end(&world.ticket("ann")), end(&world.ticket("ben"))], [expected, expected]);
    let placement = world.call::<DescribeGameSessionPlacement>(json!({ "PlacementId": id })).unwrap();
    assert_eq!(placement["GameSessionPlacement"]["Status"], "FAILED");
    world.gamelift.with_state(|state| state.check()).unwrap();
}

#[test]
fn only_so_many_ended_placements_of_matches_are_remembered() {
    let world = World::new();
    world.configure(json!({ "GameSessionQueueArns": [QUEUE] }));
    let mine = json!({ "PlacementId": "mine", "GameSessionQueueName": "q", "MaximumPlayerSessionCount": 1 });
    world.call::<StartGameSessionPlacement>(mine).unwrap();
    world.call::<StopGameSessionPlacement>(json!({ "PlacementId": "mine" })).unwrap();
    let mut ids = Vec::new();
    for round in 0..=MOST_OF_MATCHES {
        let ann = format!("ann-{round}");
        world.start(&ann);
        world.start(&format!("ben-{round}"));
        world.step(TICK);
        ids.push(world.match_of(&ann));
        world.call::<StopGameSessionPlacement>(json!({ "PlacementId": ids[round] })).unwrap();
    }
    let is_known = |id: &str| world.call::<DescribeGameSessionPlacement>(json!({ "PlacementId": id })).is_ok();
    assert_eq!(ids.iter().map(|id| is_known(id)).filter(|is_known| !is_known).count(), 1);
    assert!(!is_known(&ids[0]) && is_known("mine"), "the oldest of a match goes");
    let file = world.gamelift.encode_state().to_string();
    world.gamelift.restore(world.gamelift.decode_state(&file).unwrap());
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    world.call::<StopGameSessionPlacement>(json!({ "PlacementId": world.match_of("ann") })).unwrap();
    assert!(!is_known(&ids[1]) && is_known(&ids[2]), "a state file knows which ended first");
}
