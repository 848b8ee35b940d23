//! The frames of AWS's own SDKs, as they were recorded: what the Go and C++ SDKs send, and the
//! answers that they have been seen to understand.

use serde_json::{Value, json};

use crate::support::{COMPUTE, FLEET, GameServer, world};

/// Sends `frame` and compares the answer byte by byte.
async fn exchange(server: &mut GameServer, frame: &str, answer: &str) {
    server.send(frame).await;
    assert_eq!(server.frame().await, answer);
}

fn with_session(frame: &str, session: &str, player_session: &str) -> String {
    frame.replace("SESSION", session).replace("PSESS", player_session)
}

#[tokio::test]
async fn go_5_6_0_hosts_a_game_session() {
    let world = world().await;
    let mut server = world.connect("proc-go-1", "f5a26c10-6bf5-47a4-ad72-c23baa4b99f8").await.unwrap();
    exchange(
        &mut server,
        r#"{"Action":"ActivateServerProcess","RequestId":"900c7d3f-a9cf-49ea-8a82-dd319773bf8b","SdkVersion":"5.6.0","SdkLanguage":"Go","Port":7777,"LogPaths":["/local/game/logs/server.log"]}"#,
        r#"{"Action":"ActivateServerProcess","RequestId":"900c7d3f-a9cf-49ea-8a82-dd319773bf8b","StatusCode":200}"#,
    )
    .await;
    exchange(
        &mut server,
        r#"{"Action":"HeartbeatServerProcess","RequestId":"06fc504e-7d95-42af-acfd-f94313338c15","HealthStatus":true}"#,
        r#"{"Action":"HeartbeatServerProcess","RequestId":"06fc504e-7d95-42af-acfd-f94313338c15","StatusCode":200}"#,
    )
    .await;

    let input = json!({
        "FleetId": FLEET,
        "Location": "custom-home",
        "MaximumPlayerSessionCount": 8,
        "Name": "n1",
        "GameSessionData": "data",
        "GameProperties": [{ "Key": "k", "Value": "v" }],
    });
    let created = world.call("CreateGameSession", input).await;
    let id = created["GameSession"]["GameSessionId"].as_str().unwrap();
    let push = server.push("CreateGameSession").await;
    let expected = json!({
        "Action": "CreateGameSession",
        "MaximumPlayerSessionCount": 8,
        "Port": 7777,
        "IpAddress": "127.0.0.1",
        "GameSessionId": id,
        "GameSessionName": "n1",
        "GameSessionData": "data",
        "GameProperties": { "k": "v" },
    });
    assert_eq!(push, expected);

    let exchanges = [
        (
            r#"{"Action":"ActivateGameSession","RequestId":"b19adc1b","GameSessionId":"SESSION"}"#,
            r#"{"Action":"ActivateGameSession","RequestId":"b19adc1b","StatusCode":200}"#,
        ),
        (
            r#"{"Action":"UpdatePlayerSessionCreationPolicy","RequestId":"8d3959e9","GameSessionId":"SESSION","PlayerSessionPolicy":"DENY_ALL"}"#,
            r#"{"Action":"UpdatePlayerSessionCreationPolicy","RequestId":"8d3959e9","StatusCode":200}"#,
        ),
        (
            r#"{"Action":"UpdatePlayerSessionCreationPolicy","RequestId":"8d3959ea","GameSessionId":"SESSION","PlayerSessionPolicy":"ACCEPT_ALL"}"#,
            r#"{"Action":"UpdatePlayerSessionCreationPolicy","RequestId":"8d3959ea","StatusCode":200}"#,
        ),
    ];
    for (frame, answer) in exchanges {
        exchange(&mut server, &with_session(frame, id, ""), answer).await;
    }
    let player = world.reserve(id, "p1").await;
    let accept = r#"{"Action":"AcceptPlayerSession","RequestId":"8f0da6f4","GameSessionId":"SESSION","PlayerSessionId":"PSESS"}"#;
    let accepted = r#"{"Action":"AcceptPlayerSession","RequestId":"8f0da6f4","StatusCode":200}"#;
    exchange(&mut server, &with_session(accept, id, &player), accepted).await;
    server.send(&with_session(accept, id, "psess-bad")).await;
    let refused: Value = serde_json::from_str(&server.frame().await).unwrap();
    assert_eq!((&refused["StatusCode"], &refused["RequestId"]), (&json!(404), &json!("8f0da6f4")));
    assert_eq!(refused["ErrorMessage"], "Player session psess-bad does not exist.");

    let describe = r#"{"Action":"DescribePlayerSessions","RequestId":"7b4be503","GameSessionId":"SESSION","Limit":10}"#;
    server.send(&with_session(describe, id, "")).await;
    let described: Value = serde_json::from_str(&server.frame().await).unwrap();
    let expected = json!({
        "Action": "DescribePlayerSessions",
        "RequestId": "7b4be503",
        "StatusCode": 200,
        "PlayerSessions": [{
            "PlayerId": "p1",
            "PlayerSessionId": player,
            "GameSessionId": id,
            "FleetId": FLEET,
            "PlayerData": "",
            "IpAddress": "127.0.0.1",
            "Port": 7777,
            "CreationTime": world.emulator.clock.now().as_millisecond(),
            "TerminationTime": 0,
            "DnsName": "",
            "Status": "ACTIVE",
        }],
        "NextToken": "",
    });
    assert_eq!(described, expected);

    let remove = r#"{"Action":"RemovePlayerSession","RequestId":"b62c72b6","GameSessionId":"SESSION","PlayerSessionId":"PSESS"}"#;
    let removed = r#"{"Action":"RemovePlayerSession","RequestId":"b62c72b6","StatusCode":200}"#;
    exchange(&mut server, &with_session(remove, id, &player), removed).await;
    exchange(
        &mut server,
        r#"{"Action":"GetComputeCertificate","RequestId":"3c70cc96"}"#,
        &format!(
            r#"{{"Action":"GetComputeCertificate","RequestId":"3c70cc96","StatusCode":200,"CertificatePath":"","ComputeName":"{COMPUTE}"}}"#
        ),
    )
    .await;
    exchange(
        &mut server,
        r#"{"Action":"GetFleetRoleCredentials","RequestId":"4a3a5a54","RoleArn":"arn:aws:iam::123456789012:role/x","RoleSessionName":"fleet-1-my-compute"}"#,
        r#"{"Action":"GetFleetRoleCredentials","RequestId":"4a3a5a54","StatusCode":200,"AssumedRoleUserArn":"","AssumedRoleId":"","AccessKeyId":"","SecretAccessKey":"","SessionToken":"","Expiration":0}"#,
    )
    .await;
    exchange(
        &mut server,
        r#"{"Action":"TerminateServerProcess","RequestId":"3da4d981"}"#,
        r#"{"Action":"TerminateServerProcess","RequestId":"3da4d981","StatusCode":200}"#,
    )
    .await;
    server.closed_with(1000).await;
    assert_eq!(world.status(id).await, "TERMINATED");
    assert_eq!(world.player_status(&player).await, "COMPLETED");
}

#[tokio::test]
async fn cpp_leaves_the_log_paths_out_and_go_sends_null() {
    let world = world().await;
    for (process, frame) in [
        (
            "cpp",
            r#"{"Action":"ActivateServerProcess","RequestId":"SOW9Js5KRjCRgQ62nYg3McODG6TvGEaZ","SdkVersion":"5.4.0","SdkLanguage":"Cpp","Port":7778}"#,
        ),
        (
            "go",
            r#"{"Action":"ActivateServerProcess","RequestId":"SOW9Js5KRjCRgQ62nYg3McODG6TvGEaZ","SdkVersion":"5.6.0","SdkLanguage":"Go","SdkToolName":null,"Port":7778,"LogPaths":null}"#,
        ),
    ] {
        let mut server = world.connect(process, "BOwg15bg6cDjltDXnpH30aiFHqxqYWyu").await.unwrap();
        let answer =
            r#"{"Action":"ActivateServerProcess","RequestId":"SOW9Js5KRjCRgQ62nYg3McODG6TvGEaZ","StatusCode":200}"#;
        exchange(&mut server, frame, answer).await;
    }
}

#[tokio::test]
async fn a_termination_is_told_in_milliseconds() {
    let world = world().await;
    let (mut server, id) = world.hosting("proc-1").await;
    world.terminate(&id).await;
    let push = server.push("TerminateProcess").await;
    let in_five_minutes = world.emulator.clock.now().as_millisecond() + 300_000;
    assert_eq!(push, json!({ "Action": "TerminateProcess", "TerminationTime": in_five_minutes }));
}

#[tokio::test]
async fn a_backfill_finds_nobody_and_says_so() {
    let world = world().await;
    let (mut server, id) = world.hosting("proc-1").await;
    let start = json!({
        "GameSessionArn": id,
        "MatchmakingConfigurationArn": "arn:aws:gamelift:us-west-2:111122223333:matchmakingconfiguration/m",
        "TicketId": "",
        "Players": [],
    });
    let ticket = server.succeed("StartMatchBackfill", start.clone()).await["TicketId"].clone();
    assert!(!ticket.as_str().unwrap().is_empty());
    world.step(60);
    let push = server.push("UpdateGameSession").await;
    assert_eq!((&push["UpdateReason"], &push["BackfillTicketId"]), (&json!("BACKFILL_TIMED_OUT"), &ticket));
    assert_eq!((&push["GameSession"]["GameSessionId"], &push["GameSession"]["FleetId"]), (&json!(id), &json!(FLEET)));
    assert_eq!(push["GameSession"]["Status"], "ACTIVE");

    let named =
        |ticket: &str| json!({ "GameSessionArn": id, "MatchmakingConfigurationArn": "arn", "TicketId": ticket });
    server.succeed("StartMatchBackfill", named("t-1")).await;
    server.fail("StopMatchBackfill", named("t-2"), 404).await;
    server.succeed("StopMatchBackfill", named("t-1")).await;
    assert_eq!(server.push("UpdateGameSession").await["UpdateReason"], "BACKFILL_CANCELLED");
}
