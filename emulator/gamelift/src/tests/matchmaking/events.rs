//! The events of matchmaking, member by member.

use std::time::Duration;

use emulator_core::model::gamelift_rules::Rules;
use serde_json::{Value, json};

use crate::{
    operations::delete_game_session_queue::DeleteGameSessionQueue,
    tests::matchmaking::support::{QUEUE, TICK, World, detail, details},
};

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
    let ended = |world: &World, reason: &str, message: &str| json!({ "matchId": world.match_of("ann"), "reason": reason, "message": message });
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
            let mut told = details(&mut reader, 1).await.remove(0);
            if ["MatchmakingCancelled", "MatchmakingTimedOut", "MatchmakingFailed"].iter().any(|it| told["type"] == *it)
            {
                let metrics = told.as_object_mut().unwrap().remove("ruleEvaluationMetrics").unwrap();
                assert_eq!((&metrics[0]["ruleName"], &metrics[0]["failedCount"]), (&json!("Near"), &json!(0)));
                assert!(metrics[0]["passedCount"].as_u64().unwrap() > 0, "{metrics}");
                return (world, told);
            }
        }
    };

    let (world, told) = end_of_ann(&[("ann", "REJECT")], |_| ()).await;
    let rejected = ended(&world, "Rejected", "A player of this ticket rejected the match.");
    assert_eq!(told, detail("MatchmakingCancelled", &[json!({ "playerId": "ann" })], rejected));

    let (world, told) = end_of_ann(&[("ann", "ACCEPT")], |world| world.step(Duration::from_secs(4))).await;
    let timed_out = ended(&world, "TimedOut", "Removed from matchmaking due to timing out.");
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
