//! The emulated AWS on a free port.

use std::time::SystemTime;

use aws_config::Region;
use aws_sdk_gamelift::{Client, config::Credentials};
use aws_smithy_async::time::TimeSource;
use gamelift_emulator::{Clock, Emulator, Settings};
use tokio::net::TcpListener;

/// Starts the emulator and returns its address for an AWS SDK. It lives as long as the runtime.
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

/// Returns the functions' own GameLift client, on the emulated AWS at `endpoint`.
///
/// # Panics
/// When the environment holds settings that cannot be used.
pub async fn client(endpoint: &str) -> Client {
    client_at(endpoint, Clock::new(1.0)).await
}

/// Returns the same client for functions that use the emulator's clock.
///
/// # Panics
/// As [`client`].
pub async fn client_at(endpoint: &str, clock: Clock) -> Client {
    let loader = aws::clients::loader().expect("no CA bundle is set").endpoint_url(endpoint);
    let loader = loader.region(Region::new(Settings::default().region)).time_source(EmulatedTime(clock));
    Client::new(&loader.credentials_provider(Credentials::new("a", "b", None, None, "test")).load().await)
}

/// The emulator's clock as the time source of an AWS SDK.
#[derive(Clone, Debug)]
pub struct EmulatedTime(pub Clock);

impl TimeSource for EmulatedTime {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}
