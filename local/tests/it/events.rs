//! GameLift's events in the local world, on their way into the store.

use std::time::Duration;

use aws_sdk_gamelift::{Client, types::Player};
use gamelift_emulator::{Clock, Settings};
use liftgate::{Options, World};
use rstest::rstest;
use shared::deadline::Deadline;
use store::{
    Store,
    records::{
        news::Status,
        starts::{NewTicket, Started},
        ticket::{Kind, Ticket},
    },
};
use testing::emulator::client_at;
use tokio::time::{sleep, timeout};

const TICKETS: [(&str, &str); 2] = [("t-ana", "ana"), ("t-bo", "bo")];

/// A world whose time runs fast, with these faults, and its client for GameLift.
async fn world(faults: &[&str], change: impl FnOnce(&mut Options)) -> (World, Client) {
    let mut options = Options { port: Some(0), emulator_port: Some(0), time_scale: 50.0, ..Options::default() };
    options.emulator.first_game_port = 0;
    options.emulator.random_seed = Some(1);
    options.emulator.faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    change(&mut options);
    let world = World::start(options).await.unwrap();
    let endpoint = format!("http://{}", world.emulator_address.unwrap());
    (world, client_at(&endpoint, Clock::new(1.0)).await)
}

/// Two players search, with tickets in the store.
async fn search(store: &Store, gamelift: &Client) {
    for (id, player) in TICKETS {
        let players = [player.to_owned()];
        let new =
            NewTicket { id, kind: Kind::Match, players: &players, request: "{}", line: None, key: None, holder: "" };
        assert!(matches!(store.start(&new, Deadline::after(Duration::from_secs(5))).await.unwrap(), Started::New(_)));
        let start = gamelift.start_matchmaking().configuration_name(Settings::MATCHMAKING_CONFIGURATION).ticket_id(id);
        start.players(Player::builder().player_id(player).build()).send().await.unwrap();
    }
}

/// The ticket once it has ended.
async fn ended(store: &Store, id: &str) -> Ticket {
    let ended = async {
        loop {
            let ticket = store.ticket(id).await.unwrap().unwrap();
            if ticket.news.status.is_end() {
                return ticket;
            }
            // The sample game servers are on real sockets.
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(20), ended).await.unwrap()
}

#[rstest]
#[case::as_they_come(&[])]
#[case::twice(&["events=duplicate:30s"])]
#[case::late(&["events=delay:20s"])]
#[case::swapped(&["events=reorder:20s"])]
#[case::all_at_once(&["events=duplicate:30s@0.5", "events=reorder:20s@0.5", "events=delay:9s@0.5"])]
#[tokio::test]
async fn two_players_hear_of_their_match_by_events(#[case] faults: &[&str]) {
    let (world, gamelift) = world(faults, |_| {}).await;
    let store = world.store.clone().unwrap();
    search(&store, &gamelift).await;
    for (id, player) in TICKETS {
        let ticket = ended(&store, id).await;
        assert_eq!(ticket.news.status, Status::Completed);
        let placed = ticket.news.told.placed.unwrap();
        assert!(placed.player_sessions.contains_key(player) && placed.port.is_some(), "{placed:?}");
    }
    world.stop(Duration::from_secs(1)).await.unwrap();
}

#[tokio::test]
async fn a_world_without_a_store_hears_nothing() {
    let (world, _) = world(&[], |options| options.store = false).await;
    assert!(world.store.is_none());
    world.stop(Duration::from_secs(1)).await.unwrap();
}
