//! The route with the AWS SDK's client, against the emulator over sockets: a fleet with two locations.

use std::{collections::BTreeSet, time::Duration};

use aws_config::Region;
use aws_sdk_gamelift::{Client, config::Credentials, types::GameProperty};
use find_session::FindSession;
use gamelift_emulator::{
    Clock, Settings,
    seed::{Compute, Location, Seed},
    server_sdk::client::{Event, ServerParameters, init_sdk},
};
use matchmaking::config::FleetConfig;
use serde_json::json;
use shared::Endpoint;
use testing::{
    emulator,
    events::{Answered, call_endpoint, get, trusting},
};

const OFFICE: &str = "custom-office";

/// More than two of GameLift's pages at home, and a few at the office.
const AT_HOME: usize = 45;
const AT_THE_OFFICE: usize = 7;

const HOSTILE_NAME: &str = "x' OR hasAvailablePlayerSessions=false OR gameSessionName<>'\\";

/// The default world, and a second location with a compute.
fn settings() -> Settings {
    let mut seed = Seed::default();
    seed.locations.push(Location { name: OFFICE.to_owned() });
    seed.fleets[0].locations.push(OFFICE.to_owned());
    let fleet = seed.fleets[0].id.clone();
    let home = seed.computes[0].clone();
    seed.computes.push(Compute { name: "office-pc".to_owned(), fleet, location: OFFICE.to_owned(), ..home });
    let game_servers = u16::try_from(AT_HOME).unwrap();
    Settings { seed, game_servers, activation_delay: Duration::ZERO, ..Settings::default() }
}

/// A game server at the office that activates the game session it gets.
async fn start_game_server(gamelift: &Client, endpoint: &str, number: usize) {
    let token = gamelift.get_compute_auth_token().fleet_id(Settings::FLEET_ID).compute_name("office-pc");
    let parameters = ServerParameters {
        websocket_url: endpoint.replace("http:", "ws:"),
        process_id: format!("office-{number}"),
        host_id: "office-pc".to_owned(),
        fleet_id: Settings::FLEET_ID.to_owned(),
        auth_token: token.send().await.unwrap().auth_token.unwrap(),
        certificate_pem: None,
    };
    let (server, mut events) = init_sdk(parameters, Clock::new(1.0)).await.unwrap();
    server.process_ready(u16::try_from(9000 + number).unwrap(), &[]).await.unwrap();
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            if let Event::StartGameSession(session) = event {
                server.activate_game_session(&session.game_session_id).await.unwrap();
            }
        }
    });
}

async fn create(gamelift: &Client, location: &str, name: &str, map: &str) -> String {
    let map = GameProperty::builder().key("map").value(map).build();
    let call = gamelift.create_game_session().fleet_id(Settings::FLEET_ID).location(location);
    let call = call.name(name).game_properties(map).maximum_player_session_count(4);
    call.send().await.unwrap().game_session.unwrap().game_session_id.unwrap()
}

async fn reserve(gamelift: &Client, session: &str, players: usize) {
    let players = (0..players).map(|number| format!("player-{number}")).collect();
    gamelift.create_player_sessions().game_session_id(session).set_player_ids(Some(players)).send().await.unwrap();
}

fn texts<'a>(answered: &'a Answered, member: &str) -> Vec<&'a str> {
    assert_eq!(answered.status, 200, "{answered:?}");
    answered.body.as_array().unwrap().iter().map(|session| session[member].as_str().unwrap()).collect()
}

async fn client(address: &str) -> Client {
    let loader = aws::clients::loader().unwrap().endpoint_url(address).region(Region::new("us-west-2"));
    Client::new(&loader.credentials_provider(Credentials::new("a", "b", None, None, "test")).load().await)
}

fn endpoint(gamelift: &Client) -> Endpoint<FindSession<Client>> {
    // No creator will join these game sessions, so they are not kept for one and are listed at once.
    let fleets = FleetConfig { creator_time: Duration::ZERO, ..FleetConfig::default() };
    Endpoint::new(Ok(FindSession::new(gamelift.clone(), fleets)), trusting())
}

#[tokio::test]
async fn throttled_searches_are_tried_again() {
    let faults = vec!["SearchGameSessions=throttle:2".parse().unwrap()];
    let (_emulator, address) = emulator::start(&Settings { faults, ..Settings::default() }, Clock::new(1.0)).await;
    let found = call_endpoint(&endpoint(&client(&address).await), get("find_session", &[])).await;
    assert_eq!((found.status, found.body), (200, json!([])));
}

#[tokio::test]
async fn finds_filters_sorts_and_pages_over_two_locations() {
    let (emulator, address) = emulator::start(&settings(), Clock::new(1.0)).await;
    let gamelift = client(&address).await;
    emulator.ready().await;
    for number in 0..AT_THE_OFFICE {
        start_game_server(&gamelift, &address, number).await;
    }
    let mut created = Vec::new();
    for number in 0..AT_HOME {
        created.push(create(&gamelift, Settings::LOCATION, "A match", ["Forest", "Desert"][number % 2]).await);
        if let Some(name) = ["A match", "Bob's \\ \"Session\"\n🎮", HOSTILE_NAME].get(number) {
            created.push(create(&gamelift, OFFICE, name, "Forest").await);
        }
    }
    for _ in 3..AT_THE_OFFICE {
        created.push(create(&gamelift, OFFICE, "A match", "Office").await);
    }
    // All game sessions, page by page.
    let pages = async |endpoint: &Endpoint<FindSession<Client>>| {
        let (mut listed, mut times, mut token) = (Vec::new(), Vec::new(), None::<String>);
        loop {
            let query = [("limit", "11"), ("next_token", token.as_deref().unwrap_or_default())];
            let query = if token.is_some() { &query[..] } else { &query[..1] };
            let page = call_endpoint(endpoint, get("find_session", query)).await;
            listed.extend(texts(&page, "GameSessionId").into_iter().map(str::to_owned));
            // Without the Z, the texts sort as the times do.
            times.extend(texts(&page, "CreationTime").into_iter().map(|time| time.trim_end_matches('Z').to_owned()));
            token = page.header("liftgate-next-token").map(str::to_owned);
            if token.is_none() {
                return (listed, times);
            }
        }
    };
    // The last game servers may still be activating, and an instance of the function lists for a second what it has
    // read: each look is another instance's.
    let (endpoint, listed, times) = loop {
        let endpoint = endpoint(&gamelift);
        let (listed, times) = pages(&endpoint).await;
        if listed.len() >= created.len() {
            break (endpoint, listed, times);
        }
    };
    let find = async |query: &[(&str, &str)]| call_endpoint(&endpoint, get("find_session", query)).await;
    assert_eq!(listed.len(), created.len(), "each once");
    assert_eq!(listed.iter().collect::<BTreeSet<_>>(), created.iter().collect());
    assert!(times.is_sorted_by(|one, other| one >= other), "{times:?}");

    // Some of the game sessions.
    let office = find(&[("location", OFFICE)]).await;
    assert_eq!(texts(&office, "Location"), [OFFICE; AT_THE_OFFICE]);
    assert_eq!(texts(&find(&[("property.map", "Office")]).await, "Name"), ["A match"; 4]);
    for name in ["Bob's \\ \"Session\"\n🎮", HOSTILE_NAME] {
        assert_eq!(texts(&find(&[("name", name)]).await, "Name"), [name]);
    }
    assert_eq!(find(&[("name", "a match")]).await.body, json!([]), "case counts");

    // By players, and by free slots.
    reserve(&gamelift, &created[1], 3).await;
    reserve(&gamelift, &created[10], 2).await;
    reserve(&gamelift, &created[20], 4).await;
    // Another instance of the function, which has read nothing yet.
    let endpoint = self::endpoint(&gamelift);
    let find = async |query: &[(&str, &str)]| call_endpoint(&endpoint, get("find_session", query)).await;
    let fullest = find(&[("sort", "fullest"), ("limit", "2")]).await;
    assert_eq!(texts(&fullest, "GameSessionId"), [&created[1], &created[10]], "the one that is full is not listed");
    let roomy = find(&[("sort", "fullest"), ("limit", "1"), ("min_free_slots", "2")]).await;
    assert_eq!(texts(&roomy, "GameSessionId"), [&created[10]]);
    let emptiest = find(&[("sort", "emptiest"), ("limit", "100")]).await;
    assert_eq!(texts(&emptiest, "GameSessionId")[AT_HOME + AT_THE_OFFICE - 2], created[1], "one less is not full");
}
