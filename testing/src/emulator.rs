//! The emulated AWS on a free port.

use gamelift_emulator::{Clock, Emulator, Settings};
use tokio::net::TcpListener;

/// Starts it and gives the address that an AWS SDK is pointed at. It lives as long as the runtime.
///
/// # Panics
/// When no port is free.
pub async fn start(settings: &Settings, clock: Clock) -> (Emulator, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
    let emulator = Emulator::new(settings, clock);
    let served = emulator.clone();
    tokio::spawn(async move { served.serve(listener, std::future::pending()).await });
    (emulator, endpoint)
}
