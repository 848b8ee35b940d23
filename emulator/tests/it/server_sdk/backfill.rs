//! Match backfill as game servers ask for it, and what they are told.

use std::collections::BTreeMap;

use gamelift_emulator::{
    Clock,
    server_sdk::client::{AttributeValue, Event, Player, ServerParameters, StartMatchBackfill, UpdateReason, init_sdk},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::server_sdk::support::{COMPUTE, CONFIGURATION, FLEET, GameServer, World, settings, world};

/// A game server that hosts the match of `ann`, and the ARN of the game session.
async fn matched(settings: Value) -> (World, GameServer, String) {
    let world = world().await;
    world.prepare_matchmaking(FLEET, settings).await;
    let mut server = world.available("proc-1").await;
    let push = server.host_match(&world, "ann").await;
    let session = push["GameSessionId"].as_str().unwrap().to_owned();
    (world, server, session)
}

/// The members of `StartMatchBackfill` for `ann`, with these attributes.
fn start(session: &str, ticket: &str, attributes: Value) -> Value {
    json!({
        "GameSessionArn": session,
        "MatchmakingConfigurationArn": CONFIGURATION,
        "TicketId": ticket,
        "Players": [{ "PlayerId": "ann", "Team": "all", "PlayerAttributes": attributes, "LatencyInMs": {} }],
    })
}

fn matchmaker_data(push: &Value) -> Value {
    serde_json::from_str(push["GameSession"]["MatchmakerData"].as_str().unwrap()).unwrap()
}

/// The forms of the SDKs: members that do not count are left out, empty, or null.
#[rstest]
#[case::cpp(json!({
    "skill": { "AttrType": "DOUBLE", "N": 12.5 }, "mode": { "AttrType": "STRING", "S": "ctf" },
    "roles": { "AttrType": "STRING_LIST", "SL": ["tank"] }, "maps": { "AttrType": "STRING_DOUBLE_MAP", "SDM": { "dune": 3 } },
}))]
#[case::with_empty_members(json!({
    "skill": { "AttrType": "DOUBLE", "S": "", "N": 12.5, "SL": [], "SDM": {} },
    "mode": { "AttrType": "STRING", "S": "ctf", "N": 0, "SL": [], "SDM": {} },
    "roles": { "AttrType": "STRING_LIST", "S": "", "N": 0, "SL": ["tank"], "SDM": {} },
    "maps": { "AttrType": "STRING_DOUBLE_MAP", "S": "", "N": 0, "SL": [], "SDM": { "dune": 3 } },
    "none": { "AttrType": "NONE", "S": "", "N": 0, "SL": [], "SDM": {} },
}))]
#[case::with_nulls(json!({
    "skill": { "AttrType": "DOUBLE", "S": null, "N": 12.5, "SL": null, "SDM": null },
    "mode": { "AttrType": "STRING", "S": "ctf", "N": null, "SL": null, "SDM": null },
    "roles": { "AttrType": "STRING_LIST", "S": null, "N": null, "SL": ["tank"], "SDM": null },
    "maps": { "AttrType": "STRING_DOUBLE_MAP", "S": null, "N": null, "SL": null, "SDM": { "dune": 3 } },
}))]
#[case::as_the_api_has_them(json!({
    "skill": { "N": 12.5 }, "mode": { "S": "ctf" }, "roles": { "SL": ["tank"] }, "maps": { "SDM": { "dune": 3 } },
}))]
#[tokio::test]
async fn a_game_server_gets_the_match_with_the_new_player(#[case] attributes: Value) {
    let (world, mut server, session) = matched(json!({})).await;
    let answer = server.succeed("StartMatchBackfill", start(&session, "t-1", attributes)).await;
    assert_eq!(answer["TicketId"], "t-1");
    world.match_player("ben").await;
    let push = server.push("UpdateGameSession").await;
    assert_eq!((&push["UpdateReason"], &push["BackfillTicketId"]), (&json!("MATCHMAKING_DATA_UPDATED"), &json!("t-1")));
    assert_eq!(
        (&push["GameSession"]["GameSessionId"], &push["GameSession"]["FleetId"]),
        (&json!(session), &json!(FLEET))
    );
    let mut players = matchmaker_data(&push)["teams"][0]["players"].as_array().unwrap().clone();
    players.sort_by_key(|player| player["playerId"].to_string());
    let value = |name: &str| players[0]["attributes"][name]["valueAttribute"].clone();
    let expected = (json!(12.5), json!("ctf"), json!(["tank"]), json!({ "dune": 3.0 }));
    assert_eq!((value("skill"), value("mode"), value("roles"), value("maps")), expected);
    assert_eq!(players[1]["playerId"], "ben");
    let connection = &world.ticket("ben").await["GameSessionConnectionInfo"];
    assert_eq!(connection["GameSessionArn"], json!(session));
    let player = &connection["MatchedPlayerSessions"][0]["PlayerSessionId"];
    server.succeed("AcceptPlayerSession", json!({ "GameSessionId": session, "PlayerSessionId": player })).await;
}

#[tokio::test]
async fn the_service_names_a_ticket_that_has_no_name_and_says_how_it_ends() {
    let (world, mut server, session) = matched(json!({})).await;
    let ticket = server.succeed("StartMatchBackfill", start(&session, "", json!({}))).await["TicketId"].clone();
    assert_eq!(world.ticket(ticket.as_str().unwrap()).await["Status"], "QUEUED");
    world.step(60);
    let push = server.push("UpdateGameSession").await;
    assert_eq!((&push["UpdateReason"], &push["BackfillTicketId"]), (&json!("BACKFILL_TIMED_OUT"), &ticket));
    assert_eq!(push["GameSession"]["Status"], "ACTIVE");

    let named = |ticket: &str| start(&session, ticket, json!({}));
    server.succeed("StartMatchBackfill", named("t-1")).await;
    server.fail("StopMatchBackfill", named("t-2"), 404).await;
    server.succeed("StopMatchBackfill", named("t-1")).await;
    assert_eq!(server.push("UpdateGameSession").await["UpdateReason"], "BACKFILL_CANCELLED");
    server.fail("StopMatchBackfill", named("t-1"), 404).await;

    server.succeed("StartMatchBackfill", named("t-3")).await;
    let closed = json!({ "GameSessionId": session, "PlayerSessionPolicy": "DENY_ALL" });
    server.succeed("UpdatePlayerSessionCreationPolicy", closed).await;
    world.match_player("ben").await;
    assert_eq!(server.push("UpdateGameSession").await["UpdateReason"], "BACKFILL_FAILED");
}

#[rstest]
#[case::session_of_another_process("GameSessionArn", json!("arn:aws:gamelift:us-west-2::gamesession/fleet-1/x"), 404)]
#[case::no_session("GameSessionArn", Value::Null, 400)]
#[case::no_configuration("MatchmakingConfigurationArn", Value::Null, 400)]
#[case::unknown_configuration("MatchmakingConfigurationArn", json!("arn:aws:gamelift:us-west-2:111122223333:matchmakingconfiguration/x"), 404)]
#[case::nobody("Players", json!([]), 400)]
#[case::null("Players", Value::Null, 400)]
#[case::player_without_team("Players", json!([{ "PlayerId": "ann", "Team": "" }]), 400)]
#[case::no_player("Players", json!([7]), 400)]
#[case::ticket_that_was_there("TicketId", json!("ann"), 400)]
#[tokio::test]
async fn a_request_that_is_wrong_is_refused(#[case] member: &str, #[case] value: Value, #[case] status: u16) {
    let (_world, mut server, session) = matched(json!({})).await;
    let mut wrong = start(&session, "t-1", json!({}));
    wrong[member] = value;
    server.fail("StartMatchBackfill", wrong, status).await;
    server.succeed("StartMatchBackfill", start(&session, "t-1", json!({}))).await;
}

#[tokio::test]
async fn a_game_session_that_is_not_active_or_was_not_matched_has_no_backfill() {
    let world = world().await;
    world.prepare_matchmaking(FLEET, json!({})).await;
    let mut server = world.available("proc-1").await;
    world.match_player("ann").await;
    let session = server.push("CreateGameSession").await["GameSessionId"].as_str().unwrap().to_owned();
    server.fail("StartMatchBackfill", start(&session, "t-1", json!({})), 400).await;
    let (mut plain, session) = world.hosting("proc-2").await;
    plain.fail("StartMatchBackfill", start(&session, "t-1", json!({})), 400).await;
}

#[tokio::test]
async fn a_backfill_by_the_api_and_an_automatic_one_are_pushed_too() {
    let (world, mut server, session) = matched(json!({ "BackfillMode": "AUTOMATIC" })).await;
    let data = world.game_session(&session).await["MatchmakerData"].as_str().unwrap().to_owned();
    let data: Value = serde_json::from_str(&data).unwrap();
    assert_eq!(data["autoBackfillMode"], "AUTOMATIC");
    let automatic = data["autoBackfillTicketId"].clone();
    let mut by_api = start(&session, "t-1", json!({}));
    by_api["ConfigurationName"] = "m".into();
    world.call("StartMatchBackfill", by_api).await;
    let push = server.push("UpdateGameSession").await;
    assert_eq!((&push["UpdateReason"], &push["BackfillTicketId"]), (&json!("BACKFILL_CANCELLED"), &automatic));
    world.match_player("ben").await;
    let push = server.push("UpdateGameSession").await;
    assert_eq!((&push["UpdateReason"], &push["BackfillTicketId"]), (&json!("MATCHMAKING_DATA_UPDATED"), &json!("t-1")));
    assert_eq!(
        matchmaker_data(&push)["autoBackfillTicketId"],
        Value::Null,
        "a manual backfill ends the automatic ones"
    );
}

#[tokio::test]
async fn backfills_of_a_process_have_a_limit() {
    let world = World::new(gamelift_emulator::Settings { rate_limits: true, ..settings() }).await;
    world.prepare_matchmaking(FLEET, json!({})).await;
    let mut server = world.available("proc-1").await;
    let push = server.host_match(&world, "ann").await;
    let session = push["GameSessionId"].as_str().unwrap();
    for ticket in ["t-1", "t-2", "t-3"] {
        server.succeed("StartMatchBackfill", start(session, ticket, json!({}))).await;
    }
    server.fail("StartMatchBackfill", start(session, "t-4", json!({})), 429).await;
}

#[tokio::test]
async fn a_game_server_in_rust_backfills_its_match() {
    let world = world().await;
    world.prepare_matchmaking(FLEET, json!({})).await;
    let parameters = ServerParameters {
        websocket_url: format!("ws://{}", world.address),
        process_id: "proc-1".into(),
        host_id: COMPUTE.into(),
        fleet_id: FLEET.into(),
        auth_token: world.token().await,
        certificate_pem: None,
    };
    let (server, mut events) = init_sdk(parameters, Clock::stopped()).await.unwrap();
    server.process_ready(7777, &[]).await.unwrap();
    server.compute_certificate().await.unwrap();
    world.match_player("ann").await;
    let Some(Event::StartGameSession(session)) = events.next().await else { panic!("a game session") };
    server.activate_game_session(&session.game_session_id).await.unwrap();
    let request = StartMatchBackfill {
        ticket_id: String::new(),
        game_session_arn: session.game_session_id.clone(),
        matchmaking_configuration_arn: CONFIGURATION.into(),
        players: vec![Player {
            player_id: "ann".into(),
            team: "all".into(),
            player_attributes: BTreeMap::from([
                ("skill".to_owned(), AttributeValue::Double(12.5)),
                ("mode".to_owned(), AttributeValue::String("ctf".into())),
                ("roles".to_owned(), AttributeValue::StringList(vec!["tank".into()])),
                ("maps".to_owned(), AttributeValue::StringDoubleMap(BTreeMap::from([("dune".to_owned(), 3.0)]))),
            ]),
            latency_in_ms: BTreeMap::from([("custom-home".to_owned(), 30)]),
        }],
    };
    let ticket = server.start_match_backfill(&request).await.unwrap();
    let described = world.ticket(&ticket).await;
    assert_eq!(described["Players"][0]["PlayerAttributes"]["maps"], json!({ "SDM": { "dune": 3.0 } }));
    assert_eq!(described["Players"][0]["LatencyInMs"], json!({ "custom-home": 30 }));
    server.stop_match_backfill(&session.game_session_id, CONFIGURATION, &ticket).await.unwrap();
    let cancelled = Event::UpdateGameSession {
        game_session: session.clone(),
        update_reason: UpdateReason::BackfillCancelled,
        backfill_ticket_id: ticket,
    };
    assert_eq!(events.next().await, Some(cancelled));

    let ticket = server.start_match_backfill(&request).await.unwrap();
    world.match_player("ben").await;
    let Some(Event::UpdateGameSession { game_session, update_reason, backfill_ticket_id }) = events.next().await else {
        panic!("an update")
    };
    assert_eq!((update_reason, backfill_ticket_id), (UpdateReason::MatchmakingDataUpdated, ticket));
    assert!(game_session.matchmaker_data.contains("\"ben\"") && game_session.matchmaker_data.contains("\"dune\""));
}
