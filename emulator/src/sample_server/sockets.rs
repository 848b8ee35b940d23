//! The ports of sample game servers for players.

use std::{
    io,
    net::{IpAddr, Ipv4Addr},
};

use emulator_core::settings::Settings;
use tokio::net::TcpListener;

/// The highest port that GameLift allows a game server.
const MAX_PORT: u16 = 60_000;

/// Opens the sockets for players. Returns each with its port.
pub(crate) fn listeners(settings: &Settings) -> Vec<(TcpListener, u16)> {
    let ip = settings.public_ip.parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let mut listeners = Vec::new();
    let mut port = settings.first_game_port;
    for _ in 0..settings.game_servers {
        match listen(ip, port) {
            Ok((listener, bound)) => {
                if port != 0 && bound != port {
                    tracing::warn!(taken = port, port = bound, "a port is taken; the sample game server moves on");
                }
                listeners.push((listener, bound));
                port = if port == 0 { 0 } else { bound.saturating_add(1) };
            }
            Err(error) => {
                tracing::error!(%ip, port, %error, "a sample game server has no port and does not start");
                break;
            }
        }
    }
    listeners
}

/// Listens on `port` or the next free one; 0 is any free port.
fn listen(ip: IpAddr, port: u16) -> io::Result<(TcpListener, u16)> {
    let mut candidate = port;
    loop {
        match bind(ip, candidate) {
            Ok((listener, bound)) if bound <= MAX_PORT => return Ok((listener, bound)),
            // The system chose a port that GameLift does not allow: try again.
            Ok(_) if port == 0 => {}
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && (1..MAX_PORT).contains(&candidate) => {
                candidate += 1;
            }
            Err(error) => return Err(error),
            Ok(_) => return Err(io::Error::new(io::ErrorKind::AddrInUse, "no port up to 60000 is free")),
        }
    }
}

fn bind(ip: IpAddr, port: u16) -> io::Result<(TcpListener, u16)> {
    let listener = match std::net::TcpListener::bind((ip, port)) {
        // The public address belongs to another machine, which forwards to this one.
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
            std::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?
        }
        bound => bound?,
    };
    listener.set_nonblocking(true)?;
    let bound = listener.local_addr()?.port();
    Ok((TcpListener::from_std(listener)?, bound))
}
