//! Many players who start a stream at the same moment, within AWS's documented rates, and come back as long as they are
//! told to.
//!
//! Every player calls a separate instance of the function, as on Lambda.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use gamelift_emulator::Settings;
use matchmaking::config::StreamConfig;
use reconnect_stream::ReconnectStream;
use serde_json::json;
use shared::{Endpoint, clock::Clock};
use store::Store;
use testing::events;
use tokio::time::sleep;

use crate::{
    aws::{Aws, Calls},
    report::{answers, by_operation, percentile, seconds, sorted},
};

/// Number of requests after which a player gives up.
const MOST_REQUESTS: usize = 10;

/// The size of a rush.
#[derive(Clone, Copy, Debug)]
pub struct Rush {
    /// Players, all at once. There is capacity for all.
    pub players: u32,
    /// How long a stream session takes to be ACTIVE.
    pub start: Duration,
}

/// The players' way of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// `intent` `auto`, and waits.
    Waiting,
    /// The same, with a store, by which the players share their looks.
    Sharing,
    /// `intent` `auto`, with `Prefer: respond-async`.
    Polling,
    /// `intent` `new`, and waits.
    New,
}

impl Client {
    /// All ways of asking.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Polling, Self::New, Self::Sharing];

    /// Returns the client's name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "`auto`",
            Self::Sharing => "`auto`, with a store",
            Self::Polling => "`auto`, `respond-async`",
            Self::New => "`new`",
        }
    }
}

/// The measures of one rush.
#[derive(Clone, Debug)]
pub struct Report {
    /// For each player: the answers to its requests, and the time until it had its stream.
    players: Vec<(Vec<String>, Duration)>,
    /// Stream sessions that were handed to players.
    streams: usize,
    /// Calls by operation, throttled ones included.
    calls: BTreeMap<String, usize>,
}

impl Rush {
    /// Runs the rush on a fresh emulator.
    ///
    /// # Errors
    /// When the environment holds settings that cannot be used.
    pub async fn run(&self, client: Client) -> Result<Report, shared::Error> {
        let settings = Settings {
            first_game_port: 0,
            game_servers: 0,
            stream_capacity: self.players,
            stream_start_delay: self.start,
            rate_limits: true,
            ..Settings::default()
        };
        let (aws, calls) = (Aws::start(&settings).await, Calls::default());
        let store = (client == Client::Sharing).then(|| Store::in_memory(Clock::system()));
        let mut instances = Vec::new();
        for _ in 0..self.players {
            let config = StreamConfig {
                stream_group: Settings::STREAM_GROUP_ID.to_owned(),
                applications: vec![Settings::APPLICATION_ID.to_owned()],
                // With the limit of streams for a player.
                ..StreamConfig::allowances_from_env()?
            };
            let route = ReconnectStream::new(aws.streams_client(&calls).await?, config).with_store(store.clone());
            instances.push(Endpoint::new(Ok(route), events::trusting()));
        }
        let players = join_all(instances.iter().enumerate().map(|(number, function)| async move {
            let intent = if client == Client::New { "new" } else { "auto" };
            let body = json!({ "uuid": format!("player-{number}"), "signal_request": offer(number), "intent": intent });
            let (started, mut answers) = (Instant::now(), Vec::new());
            let mut stream = None;
            while stream.is_none() && answers.len() < MOST_REQUESTS {
                let mut request = events::post("reconnect_stream", &body);
                if client == Client::Polling {
                    request = events::with_header(request, "prefer", "respond-async");
                }
                let answer = events::call_endpoint(function, request).await;
                answers.push(answer.code().map_or_else(|| answer.status.to_string(), str::to_owned));
                if answer.status == 200 {
                    stream = answer.body["StreamSessionId"].as_str().map(str::to_owned);
                } else {
                    let wait = answer.header("retry-after").and_then(|wait| wait.parse().ok());
                    sleep(Duration::from_secs(wait.unwrap_or(1))).await;
                }
            }
            (answers, started.elapsed(), stream)
        }))
        .await;
        let streams: BTreeSet<_> = players.iter().filter_map(|(.., stream)| stream.clone()).collect();
        let players = players.into_iter().map(|(answers, took, _)| (answers, took)).collect();
        Ok(Report { players, streams: streams.len(), calls: calls.take() })
    }
}

impl Report {
    fn rows(&self) -> Vec<(&'static str, String)> {
        let first = self.players.iter().map(|(answers, _)| answers.first().map_or("none", String::as_str).to_owned());
        let requests = self.players.iter().map(|(answers, _)| answers.len());
        let times = sorted(self.players.iter().map(|(_, took)| *took));
        let throttled = self.players.iter().flat_map(|(answers, _)| answers).filter(|answer| *answer == "RATE_LIMITED");
        let calls: usize = self.calls.values().sum();
        vec![
            ("first answers", answers(first)),
            ("streams", self.streams.to_string()),
            ("answers that tell of throttling", throttled.count().to_string()),
            ("requests of a player, at most", requests.max().unwrap_or_default().to_string()),
            ("to the stream, p50", seconds(percentile(&times, 50))),
            ("to the stream, the last", seconds(percentile(&times, 100))),
            ("AWS calls for each player", format!("{:.1}", calls as f64 / self.players.len().max(1) as f64)),
            ("by operation", by_operation(&self.calls)),
        ]
    }
}

/// Returns a Markdown table with a column for each report.
pub fn table(reports: &[(&str, Report)]) -> String {
    let columns: Vec<_> = reports.iter().map(|(name, report)| (*name, report.rows())).collect();
    crate::report::columns(&columns)
}

/// Returns a browser's offer, a different one for each player.
fn offer(number: usize) -> String {
    let fingerprint = vec!["00"; 32].join(":");
    let sdp = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1 2",
        &format!("a=ice-ufrag:bench{number}"),
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        &format!("a=fingerprint:sha-256 {fingerprint}"),
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=mid:0",
        "a=recvonly",
        "a=rtpmap:111 opus/48000/2",
        "m=video 9 UDP/TLS/RTP/SAVPF 102",
        "a=mid:1",
        "a=recvonly",
        "a=rtpmap:102 H264/90000",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=mid:2",
        "a=sctp-port:5000",
        "",
    ];
    json!({ "type": "offer", "sdp": sdp.join("\r\n") }).to_string()
}
