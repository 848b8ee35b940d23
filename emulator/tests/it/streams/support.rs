//! A world with a stopped clock, and the SDK's client for it.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use aws_sdk_gameliftstreams::{
    Client,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    error::SdkError,
    operation::{
        create_stream_session_connection::{
            CreateStreamSessionConnectionError as ConnectError, CreateStreamSessionConnectionOutput as Connection,
        },
        get_stream_session::GetStreamSessionOutput,
        start_stream_session::builders::StartStreamSessionFluentBuilder as Start,
    },
    types::{Protocol, StreamSessionStatus, StreamSessionStatusReason},
};
use gamelift_emulator::{Clock, Emulator, Settings};
use tokio::net::TcpListener;

pub(crate) const GROUP: &str = Settings::STREAM_GROUP_ID;
pub(crate) const APPLICATION: &str = Settings::APPLICATION_ID;
pub(crate) const ARN: &str = "arn:aws:gameliftstreams:us-west-2:111122223333";

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) url: String,
    pub(crate) client: Client,
}

/// Returns settings without sample game servers, which no test here needs.
pub(crate) fn settings() -> Settings {
    Settings { game_servers: 0, ..Settings::default() }
}

pub(crate) async fn world() -> World {
    world_with(settings()).await
}

pub(crate) async fn world_with(settings: Settings) -> World {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let emulator = Emulator::new(&settings, Clock::stopped());
    let serving = emulator.clone();
    tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
    let config = aws_sdk_gameliftstreams::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-west-2"))
        .credentials_provider(Credentials::new("dummy", "dummy", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(&url)
        .build();
    World { emulator, url, client: Client::from_conf(config) }
}

/// Returns a new offer in the form of the Web SDK's.
pub(crate) fn offer() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let sdp = format!(
        "v=0\no=- {number} 2 IN IP4 127.0.0.1\ns=-\nt=0 0\na=group:BUNDLE 0 1 2\n\
         m=audio 9 UDP/TLS/RTP/SAVPF 111\na=ice-ufrag:u{number:03}\na=ice-pwd:0123456789012345678901\n\
         a=fingerprint:sha-256 AA:BB\na=setup:actpass\na=mid:0\na=recvonly\na=rtpmap:111 opus/48000/2\nb=AS:128\n\
         m=video 9 UDP/TLS/RTP/SAVPF 102\na=mid:1\na=recvonly\na=rtpmap:102 H264/90000\n\
         m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:2\na=sctp-port:5000\n"
    );
    serde_json::json!({ "type": "offer", "sdp": sdp, "webSdkVersion": "1.2.0" }).to_string()
}

impl World {
    pub(crate) fn step(&self, seconds: u64) {
        self.emulator.clock.step(Duration::from_secs(seconds));
    }

    /// Returns a valid request to start a session.
    pub(crate) fn request(&self) -> Start {
        self.client
            .start_stream_session()
            .identifier(GROUP)
            .application_identifier(APPLICATION)
            .protocol(Protocol::Webrtc)
            .signal_request(offer())
    }

    pub(crate) async fn start(&self) -> String {
        self.start_with(|request| request).await
    }

    /// Returns the id of a new session.
    pub(crate) async fn start_with(&self, with: impl FnOnce(Start) -> Start) -> String {
        id_of(with(self.request()).send().await.unwrap().arn().unwrap()).to_owned()
    }

    /// Returns the id of a session that has just become ACTIVE.
    pub(crate) async fn active_with(&self, with: impl FnOnce(Start) -> Start) -> String {
        let id = self.start_with(with).await;
        self.step(1);
        self.expect(&id, StreamSessionStatus::Active, None).await;
        id
    }

    /// Returns the id of a session whose client has just connected.
    pub(crate) async fn connected_with(&self, with: impl FnOnce(Start) -> Start) -> String {
        let id = self.active_with(with).await;
        self.emulator.streams.client_connected(&id).unwrap();
        id
    }

    pub(crate) async fn get(&self, id: &str) -> GetStreamSessionOutput {
        let request = self.client.get_stream_session().identifier(GROUP).stream_session_identifier(id);
        request.send().await.unwrap()
    }

    /// Returns the session, which has to be in this status with this reason.
    pub(crate) async fn expect(
        &self,
        id: &str,
        status: StreamSessionStatus,
        reason: Option<StreamSessionStatusReason>,
    ) -> GetStreamSessionOutput {
        let session = self.get(id).await;
        assert_eq!((session.status(), session.status_reason()), (Some(&status), reason.as_ref()));
        session
    }

    pub(crate) async fn connect(&self, id: &str, offer: &str) -> Result<Connection, ConnectError> {
        let request = self.client.create_stream_session_connection().identifier(GROUP).stream_session_identifier(id);
        request.signal_request(offer).send().await.map_err(SdkError::into_service_error)
    }

    pub(crate) async fn terminate(&self, id: &str) {
        let request = self.client.terminate_stream_session().identifier(GROUP).stream_session_identifier(id);
        request.send().await.unwrap();
    }

    pub(crate) async fn expect_terminated(&self, id: &str, reason: StreamSessionStatusReason) {
        self.expect(id, StreamSessionStatus::Terminated, Some(reason)).await;
    }
}

pub(crate) fn id_of(arn: &str) -> &str {
    arn.strip_prefix(ARN).unwrap().strip_prefix(":streamsession/sg-Local0001/").unwrap()
}
