//! UDP ping beacons, with which players measure their latency to AWS's locations.
//!
//! Each location has a port. It sends each message back to its sender after the location's delay. The delay is real
//! time, because players measure in real time.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use emulator_core::{
    beacon::Beacon, clock::Clock, model::aws_locations::NAMES, rate_limits::RateLimits, settings::Settings,
};
use tokio::{net::UdpSocket, task::JoinSet, time::sleep};

use crate::net::pause::pause_after;

/// The longest message that AWS's beacons answer.
const MAX_MESSAGE: usize = 300;

/// The most answers that wait for their time. Further messages are lost, as on a real network.
const MAX_WAITING: usize = 1024;

/// Opens a port for each location and answers there as long as `tasks` lives. Returns the ports by location; there are
/// none without a beacon in the settings.
pub(crate) fn start(settings: &Settings, clock: &Clock, tasks: &mut JoinSet<()>) -> BTreeMap<&'static str, u16> {
    let mut ports = BTreeMap::new();
    if settings.beacons.is_empty() {
        return ports;
    }
    let limits = settings.rate_limits.then(|| Arc::new(RateLimits::default()));
    let mut port = settings.first_beacon_port;
    for location in NAMES {
        let opened = bind(settings, port).and_then(|socket| Ok((socket.local_addr()?.port(), socket)));
        match opened {
            Ok((bound, socket)) => {
                ports.insert(*location, bound);
                let delay = delay(&settings.beacons, location);
                tasks.spawn(answer(socket, location, delay, clock.clone(), limits.clone()));
            }
            Err(error) => tracing::error!(location, port, %error, "a UDP ping beacon has no port and does not answer"),
        }
        port = if port == 0 { 0 } else { port.saturating_add(1) };
    }
    ports
}

/// Binds to the address for players, or to all addresses if this machine does not have that one.
fn bind(settings: &Settings, port: u16) -> std::io::Result<UdpSocket> {
    let socket = std::net::UdpSocket::bind((settings.host(), port)).or_else(|error| match error.kind() {
        std::io::ErrorKind::AddrNotAvailable => std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)),
        _ => Err(error),
    })?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}

/// Returns the delay of the last beacon that names the location, else of the last beacon for all locations.
fn delay(beacons: &[Beacon], location: &str) -> Duration {
    let named = |wanted: Option<&str>| beacons.iter().rev().find(|beacon| beacon.location == wanted);
    named(Some(location)).or_else(|| named(None)).map_or(Duration::ZERO, |beacon| beacon.delay)
}

async fn answer(
    socket: UdpSocket,
    location: &'static str,
    delay: Duration,
    clock: Clock,
    limits: Option<Arc<RateLimits>>,
) {
    let socket = Arc::new(socket);
    let mut waiting = JoinSet::new();
    // One byte more reveals messages that are too long.
    let mut message = [0; MAX_MESSAGE + 1];
    loop {
        let (length, sender) = match socket.recv_from(&mut message).await {
            Ok(received) => received,
            // Often the report that an earlier answer found no receiver.
            Err(error) => {
                pause_after(&error, "a UDP ping beacon cannot receive").await;
                continue;
            }
        };
        while waiting.try_join_next().is_some() {}
        let is_too_often = |limits: &RateLimits| !limits.admit_ping(location, sender, clock.now());
        if !(1..=MAX_MESSAGE).contains(&length)
            || limits.as_deref().is_some_and(is_too_often)
            || waiting.len() >= MAX_WAITING
        {
            continue;
        }
        let (socket, message) = (Arc::clone(&socket), message[..length].to_vec());
        waiting.spawn(send_later(socket, message, sender, delay));
    }
}

async fn send_later(socket: Arc<UdpSocket>, message: Vec<u8>, to: SocketAddr, delay: Duration) {
    sleep(delay).await;
    // Errors are ignored: the sender may be gone.
    drop(socket.send_to(&message, to).await);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_has_its_own_delay_or_that_of_all() {
        let beacons = ["10ms", "us-west-2=20ms", "80ms", "eu-west-1=1s"].map(|text| text.parse().unwrap());
        let millis = |location| delay(&beacons, location).as_millis();
        assert_eq!((millis("us-west-2"), millis("eu-west-1"), millis("sa-east-1")), (20, 1000, 80));
        assert_eq!(delay(&beacons[1..2], "sa-east-1"), Duration::ZERO);
    }
}
