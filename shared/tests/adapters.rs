//! The AWS SDK's client as the functions use it, against the emulator over a socket.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::time::Duration;

use aws_config::Region;
use aws_sdk_gamelift::{Client, config::Credentials};
use gamelift_emulator::{Clock, Settings};
use shared::{
    Code,
    config::{FleetConfig, FleetRef},
    deadline::Deadline,
    fleets::{Target, Targets},
    gamelift::{CreateGameSession, CreatePlayerSession, DescribeGameSession, NewGameSession},
    search::{Criteria, Sort, page},
};
use testing::emulator;

async fn client(endpoint: &str) -> Client {
    let loader = shared::aws::loader().unwrap().endpoint_url(endpoint).region(Region::new("us-west-2"));
    Client::new(&loader.credentials_provider(Credentials::new("a", "b", None, None, "test")).load().await)
}

fn new_session<'a>(token: &str, fleet: &'a FleetRef) -> NewGameSession<'a> {
    NewGameSession {
        idempotency_token: token.to_owned(),
        fleet,
        location: Some(Settings::LOCATION),
        name: "Bob's \"Session\"\n🎮",
        maximum_player_session_count: 2,
        game_properties: &[],
        game_session_data: None,
    }
}

#[tokio::test]
async fn a_search_reads_pages_up_to_its_limit_and_goes_on_behind_it() {
    let settings = Settings { game_servers: 45, activation_delay: Duration::ZERO, ..Settings::default() };
    let (_emulator, endpoint) = emulator::start(&settings, Clock::new(1.0)).await;
    let gamelift = client(&endpoint).await;
    let fleet = FleetRef::Fleet(Settings::FLEET_ID.to_owned());
    for number in 0..45 {
        CreateGameSession::create_game_session(&gamelift, &new_session(&format!("token-{number}"), &fleet))
            .await
            .unwrap();
    }
    let target = Target { fleet, location: None };
    let (criteria, deadline) = (Criteria::read([], Sort::Newest).unwrap(), Deadline::after(Duration::from_secs(10)));
    let search = async |limit, token: Option<&str>| {
        page(&gamelift, std::slice::from_ref(&target), &criteria, limit, token, deadline).await.unwrap()
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
    let fleet = FleetRef::Fleet(Settings::FLEET_ID.to_owned());
    let target = Target { fleet: fleet.clone(), location: Some(Settings::LOCATION.to_owned()) };
    assert_eq!(Targets::new(FleetConfig::default()).list(&gamelift).await.unwrap(), [target]);

    let session = CreateGameSession::create_game_session(&gamelift, &new_session("token", &fleet)).await.unwrap();
    let again = CreateGameSession::create_game_session(&gamelift, &new_session("token", &fleet)).await.unwrap();
    let id = session.game_session_id().unwrap();
    assert_eq!(again.game_session_id(), Some(id), "the token makes it one");

    let reserve = async |id: &str| CreatePlayerSession::create_player_session(&gamelift, id, "player-1").await;
    assert_eq!(reserve(id).await.unwrap_err().code(), Code::SessionNotJoinable, "still ACTIVATING");
    assert_eq!(reserve(&format!("{id}0")).await.unwrap_err().code(), Code::SessionNotFound);
    let unknown = DescribeGameSession::describe_game_session(&gamelift, &format!("{id}0")).await.unwrap_err();
    assert_eq!(unknown.code(), Code::SessionNotFound);
    assert_eq!(unknown.upstream().unwrap().exception.as_deref(), Some("NotFoundException"));
    assert!(unknown.upstream().unwrap().request_id.is_some());
    let nowhere = FleetRef::Fleet("fleet-9".to_owned());
    let refused = CreateGameSession::create_game_session(&gamelift, &new_session("other", &nowhere)).await.unwrap_err();
    assert_eq!(refused.code(), Code::NoFleet);
}
