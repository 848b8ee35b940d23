//! The AWS SDK's client as the functions use it, against the emulator over a socket.

use std::time::Duration;

use aws::gamelift::{
    AcceptMatch, CreateGameSession, CreatePlayerSessions, DescribeGameSession, DescribeMatchmaking,
    DescribePlayerSessions, NewGameSession, NewMatchmaking, StartMatchmaking, StopMatchmaking, Target,
};
use aws_sdk_gamelift::types::{FlexMatchMode, GameSessionStatus, MatchmakingConfigurationStatus, Player};
use gamelift_emulator::{Clock, Settings, seed::Alias};
use matchmaking::{
    config::{Candidate, FleetConfig, FleetRef},
    fleets::Targets,
    search::{Criteria, Manner, Sort, page},
};
use shared::{Code, deadline::Deadline};
use testing::emulator::{self, client};

fn target(fleet: &str) -> Target {
    Target { fleet: fleet.to_owned(), location: Some(Settings::LOCATION.to_owned()) }
}

fn new_session<'a>(token: &'a str, target: &'a Target) -> NewGameSession<'a> {
    NewGameSession {
        idempotency_token: token,
        target,
        name: "Bob's \"Session\"\n🎮",
        maximum_player_session_count: 2,
        game_properties: &[],
        game_session_data: None,
        creator_id: None,
    }
}

#[tokio::test]
async fn a_search_reads_pages_up_to_its_limit_and_goes_on_behind_it() {
    let settings = Settings { game_servers: 45, activation_delay: Duration::ZERO, ..Settings::default() };
    let (_emulator, endpoint) = emulator::start(&settings, Clock::new(1.0)).await;
    let gamelift = client(&endpoint).await;
    let target = target(Settings::FLEET_ID);
    for number in 0..45 {
        CreateGameSession::create_game_session(&gamelift, &new_session(&format!("token-{number}"), &target))
            .await
            .unwrap();
    }
    let target = Target { location: None, ..target };
    let (criteria, deadline) = (Criteria::read([], Sort::Newest).unwrap(), Deadline::after(Duration::from_secs(10)));
    let manner = Manner { hold: Duration::ZERO, is_look: false };
    let search = async |limit, token: Option<&str>| {
        page(&gamelift, std::slice::from_ref(&target), &criteria, manner, limit, token, deadline).await.unwrap()
    };
    let all = loop {
        let found = search(50, None).await;
        if found.sessions.len() == 45 {
            break found.sessions;
        }
    };
    assert!(all.windows(2).all(|pair| pair[0].creation_time() >= pair[1].creation_time()));
    assert_eq!(all[0].name(), Some("Bob's \"Session\"\n🎮"));

    let some = search(25, None).await;
    let rest = search(25, some.next_token.as_deref()).await;
    assert_eq!((some.sessions.len(), rest.sessions.len(), rest.next_token), (25, 20, None));
}

#[tokio::test]
async fn fleets_are_found_and_refusals_keep_their_meaning() {
    let (_emulator, endpoint) = emulator::start(&Settings::default(), Clock::stopped()).await;
    let gamelift = client(&endpoint).await;
    let target = target(Settings::FLEET_ID);
    let listed = Targets::new(FleetConfig::default()).list(&gamelift, None).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&target));

    let session = CreateGameSession::create_game_session(&gamelift, &new_session("token", &target)).await.unwrap();
    let again = CreateGameSession::create_game_session(&gamelift, &new_session("token", &target)).await.unwrap();
    let id = session.game_session_id().unwrap();
    assert_eq!(again.game_session_id(), Some(id), "the token makes it one");
    assert_eq!(gamelift.game_session_id(&target, "token"), id, "its id is known beforehand");

    let player = ["player-1".to_owned()];
    let reserve =
        async |id: &str| CreatePlayerSessions::create_player_sessions(&gamelift, id, &player, "player-1").await;
    assert_eq!(reserve(id).await.unwrap_err().code(), Code::SessionNotJoinable, "still ACTIVATING");
    assert_eq!(reserve(&format!("{id}0")).await.unwrap_err().code(), Code::SessionNotFound);
    let unknown = DescribeGameSession::describe_game_session(&gamelift, &format!("{id}0")).await.unwrap_err();
    assert_eq!(unknown.code(), Code::SessionNotFound);
    assert_eq!(unknown.upstream().unwrap().exception.as_deref(), Some("NotFoundException"));
    assert!(unknown.upstream().unwrap().request_id.is_some());
    let nowhere = self::target("fleet-9");
    let refused = CreateGameSession::create_game_session(&gamelift, &new_session("other", &nowhere)).await.unwrap_err();
    assert_eq!(refused.code(), Code::NoFleet);
}

#[tokio::test]
async fn an_alias_stands_for_its_fleet_and_the_locations_there() {
    let mut settings = Settings::default();
    let alias = |id: &str, fleet: Option<&str>, message: Option<&str>| Alias {
        id: id.to_owned(),
        name: id.to_owned(),
        description: None,
        fleet: fleet.map(str::to_owned),
        message: message.map(str::to_owned),
    };
    settings.seed.aliases =
        vec![alias("alias-live", Some(Settings::FLEET_ID), None), alias("alias-old", None, Some("Update the game."))];
    let (_emulator, endpoint) = emulator::start(&settings, Clock::stopped()).await;
    let gamelift = client(&endpoint).await;
    let of = async |aliases: &[&str]| {
        let candidate = |alias: &&str| Candidate { fleet: FleetRef::Alias((*alias).to_owned()), locations: Vec::new() };
        let candidates = aliases.iter().map(candidate).collect();
        Targets::new(FleetConfig { candidates, ..FleetConfig::default() }).list(&gamelift, None).await
    };
    assert_eq!(of(&["alias-old", "alias-live"]).await.unwrap(), [target(Settings::FLEET_ID)]);
    let retired = of(&["alias-old"]).await.unwrap_err();
    assert_eq!(retired.code(), Code::NoFleet);
    assert_eq!(retired.upstream().unwrap().exception.as_deref(), Some("TerminalRoutingStrategyException"));
}

#[tokio::test]
async fn all_player_sessions_of_a_player_are_read_in_few_calls() {
    const ROUNDS: usize = 10;
    let settings = Settings { activation_delay: Duration::ZERO, ..Settings::default() };
    let clock = Clock::new(1.0);
    let (emulator, endpoint) = emulator::start(&settings, clock.clone()).await;
    let gamelift = client(&endpoint).await;
    let target = target(Settings::FLEET_ID);
    let new = NewGameSession { maximum_player_session_count: 200, ..new_session("token", &target) };
    let session = CreateGameSession::create_game_session(&gamelift, &new).await.unwrap();
    let id = session.game_session_id().unwrap();
    while DescribeGameSession::describe_game_session(&gamelift, id).await.unwrap().status()
        != Some(&GameSessionStatus::Active)
    {
        emulator.settle();
    }
    // Other calls have reserved all slots for the player, again and again.
    for _ in 0..ROUNDS {
        for _ in 0..8 {
            let party = vec!["player-1".to_owned(); 25];
            CreatePlayerSessions::create_player_sessions(&gamelift, id, &party, "player-1").await.unwrap();
        }
        clock.step(Duration::from_secs(61));
    }
    let known = DescribePlayerSessions::player_sessions_of(&gamelift, "player-1").await.unwrap();
    assert_eq!((known.sessions.len(), known.is_complete), (200 * ROUNDS, true));
}

/// A configuration for matches of two, which have to accept.
async fn configure_duel(gamelift: &aws_sdk_gamelift::Client) {
    let rules = r#"{ "ruleLanguageVersion": "1.0", "teams": [{ "name": "all", "minPlayers": 2, "maxPlayers": 2 }] }"#;
    gamelift.create_matchmaking_rule_set().name("pair").rule_set_body(rules).send().await.unwrap();
    let call = gamelift.create_matchmaking_configuration().name("duel").rule_set_name("pair");
    let call = call.flex_match_mode(FlexMatchMode::Standalone).request_timeout_seconds(600);
    call.acceptance_required(true).acceptance_timeout_seconds(30).send().await.unwrap();
}

#[tokio::test]
async fn a_ticket_is_started_looked_at_accepted_and_stopped() {
    let clock = Clock::stopped();
    let (emulator, endpoint) = emulator::start(&Settings::default(), clock.clone()).await;
    let gamelift = client(&endpoint).await;
    configure_duel(&gamelift).await;
    let start = async |ticket_id: &str, configuration: &str| {
        let players = [Player::builder().player_id(format!("p-{ticket_id}")).build()];
        let new = NewMatchmaking { ticket_id, configuration, players: &players };
        StartMatchmaking::start_matchmaking(&gamelift, &new).await
    };
    let statuses = async |ids: &[&str]| -> Vec<_> {
        let ids: Vec<_> = ids.iter().map(|&id| id.to_owned()).collect();
        let tickets = DescribeMatchmaking::describe_matchmaking(&gamelift, &ids).await.unwrap();
        tickets.into_iter().filter_map(|ticket| ticket.status).collect()
    };
    let stop = async |id: &str| StopMatchmaking::stop_matchmaking(&gamelift, id).await;
    use MatchmakingConfigurationStatus::{Cancelled, Completed, Queued, RequiresAcceptance};

    assert_eq!(start("t-1", "duel").await.unwrap().status, Some(Queued));
    let taken = start("t-1", "duel").await.unwrap_err();
    assert_eq!(taken.code(), Code::InvalidRequest, "a ticket's id counts once");
    assert_eq!(start("t-9", "no-such").await.unwrap_err().code(), Code::BackendMisconfigured);
    start("t-2", "duel").await.unwrap();
    clock.step(Duration::from_secs(2));
    emulator.settle();
    assert_eq!(statuses(&["t-1", "unknown", "t-2"]).await, [RequiresAcceptance, RequiresAcceptance]);
    for id in ["t-1", "t-2"] {
        AcceptMatch::accept_match(&gamelift, id, &[format!("p-{id}")], true).await.unwrap();
    }
    assert_eq!(statuses(&["t-1", "t-2"]).await, [Completed, Completed]);
    assert_eq!(stop("t-1").await.unwrap_err().code(), Code::InvalidRequest, "it has ended");
    let late = AcceptMatch::accept_match(&gamelift, "t-1", &["p-t-1".to_owned()], true).await.unwrap_err();
    assert_eq!(late.code(), Code::InvalidRequest);

    start("t-3", "duel").await.unwrap();
    stop("t-3").await.unwrap();
    assert_eq!(statuses(&["t-3"]).await, [Cancelled]);
}
