//! The UDP ping beacons, over real sockets.

use std::time::{Duration, Instant};

use gamelift_emulator::Settings;
use serde_json::{Value, json};
use tokio::net::UdpSocket;

use crate::product::support::{World, settings};

const SLOW: Duration = Duration::from_millis(60);

async fn world(rate_limits: bool) -> World {
    let beacons = ["us-west-2=60ms", "0ms"].map(|beacon| beacon.parse().unwrap()).into();
    World::new(Settings { beacons, rate_limits, game_servers: 0, ..settings() }).await
}

/// Returns a socket that pings the location's beacon, whose address `ListLocations` returns.
async fn towards(world: &World, location: &str) -> UdpSocket {
    let locations = world.call("ListLocations", json!({ "Filters": ["AWS"] })).await.unwrap();
    let beacon = |found: &&Value| found["LocationName"] == location;
    let found = locations["Locations"].as_array().unwrap().iter().find(beacon).unwrap();
    let endpoint = &found["PingBeacon"]["UDPEndpoint"];
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = u16::try_from(endpoint["Port"].as_u64().unwrap()).unwrap();
    socket.connect((endpoint["Domain"].as_str().unwrap(), port)).await.unwrap();
    socket
}

async fn answer(socket: &UdpSocket) -> Vec<u8> {
    let mut answer = vec![0; 1000];
    let received = tokio::time::timeout(Duration::from_secs(10), socket.recv(&mut answer)).await;
    answer.truncate(received.expect("a beacon answers").unwrap());
    answer
}

#[tokio::test]
async fn a_beacon_answers_after_its_locations_delay() {
    let world = world(false).await;
    let (slow, fast) = (towards(&world, "us-west-2").await, towards(&world, "us-west-2-lax-1").await);
    assert_ne!(slow.peer_addr().unwrap(), fast.peer_addr().unwrap());
    let sent = Instant::now();
    slow.send(b"slow").await.unwrap();
    fast.send(b"fast").await.unwrap();
    assert_eq!(answer(&fast).await, b"fast");
    assert_eq!(answer(&slow).await, b"slow");
    assert!(sent.elapsed() >= SLOW);
}

#[tokio::test]
async fn a_message_has_1_to_300_bytes() {
    let world = world(false).await;
    let socket = towards(&world, "eu-west-1").await;
    // The packets of a bad length get no answer: an answer to them would come first.
    for length in [1, 301, 0, 1000, 300] {
        socket.send(&vec![b'x'; length]).await.unwrap();
    }
    assert_eq!(answer(&socket).await.len(), 1);
    assert_eq!(answer(&socket).await.len(), 300);
}

#[tokio::test]
async fn with_rate_limits_a_sender_has_three_messages_a_second() {
    let world = world(true).await;
    let socket = towards(&world, "eu-west-1").await;
    for number in 0..5 {
        socket.send(&[number]).await.unwrap();
    }
    for number in 0..3 {
        assert_eq!(answer(&socket).await, [number]);
    }
    let other = towards(&world, "sa-east-1").await;
    other.send(b"another beacon").await.unwrap();
    assert_eq!(answer(&other).await, b"another beacon");
    world.emulator.clock.step(Duration::from_secs(1));
    socket.send(b"later").await.unwrap();
    assert_eq!(answer(&socket).await, b"later", "and the fourth and the fifth never come");
}

#[tokio::test]
async fn beacons_outlive_a_reset() {
    let world = world(false).await;
    let before = towards(&world, "eu-west-1").await.peer_addr().unwrap();
    world.emulator.reset();
    let socket = towards(&world, "eu-west-1").await;
    assert_eq!(socket.peer_addr().unwrap(), before);
    socket.send(b"ping").await.unwrap();
    assert_eq!(answer(&socket).await, b"ping");
}

#[tokio::test]
async fn without_beacons_of_its_own_the_emulator_lists_those_of_aws() {
    let world = World::new(Settings { game_servers: 0, ..settings() }).await;
    let locations = world.call("ListLocations", json!({ "Filters": ["AWS"], "Limit": 1 })).await.unwrap();
    let expected = json!({ "UDPEndpoint": { "Domain": "gamelift-ping.af-south-1.api.aws", "Port": 7770 } });
    assert_eq!(locations["Locations"][0]["PingBeacon"], expected);
}
