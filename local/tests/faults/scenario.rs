//! The calls that the matrix makes: the row of the matrix.

use std::{pin::Pin, time::Duration};

use gamelift_emulator::{
    SampleBehaviour, Settings,
    seed::{Compute, Fleet, Seed},
};
use serde_json::{Value, json};
use shared::Code;

use crate::world::World;

/// What a player does, in some world.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// The function that is called.
    pub(crate) function: &'static str,
    /// What the answer may take: the contract's 25 s; the stock client gives a search up after 15 s.
    pub(crate) budget: Duration,
    /// What is different in this world.
    pub(crate) settings: fn(&mut Settings),
    /// `LIFTGATE_FLEETS`.
    pub(crate) fleets: &'static [&'static str],
    /// What has happened before, and the call's body.
    pub(crate) request: for<'a> fn(&'a World) -> Prepared<'a>,
    /// The answer when nothing goes wrong: a code, or 200.
    pub(crate) answer: Option<Code>,
    /// The operations whose faults are looked at; without any, those that the call uses.
    pub(crate) operations: &'static [&'static str],
}

pub(crate) type Prepared<'a> = Pin<Box<dyn Future<Output = Option<Value>> + 'a>>;

/// The player of every scenario.
pub(crate) const PLAYER: &str = "player-1";

/// A fleet without game servers.
const EMPTY_FLEET: &str = "fleet-99999999-0000-0000-0000-000000000000";

const BUDGET: Duration = Duration::from_secs(25);

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "create",
        function: "create_session",
        budget: BUDGET,
        settings: |_| {},
        fleets: &[],
        request: |_| Box::pin(async { Some(create(PLAYER)) }),
        answer: None,
        operations: &[],
    },
    Scenario {
        name: "create where no game server ever activates",
        function: "create_session",
        budget: BUDGET,
        settings: |settings| settings.sample_behaviour = SampleBehaviour::NeverActivate,
        fleets: &[],
        request: |_| Box::pin(async { Some(create(PLAYER)) }),
        answer: Some(Code::ActivationTimeout),
        operations: &["TerminateGameSession"],
    },
    Scenario {
        name: "create where the reservation is refused",
        function: "create_session",
        budget: BUDGET,
        settings: |settings| settings.faults = vec!["CreatePlayerSessions=reservation_race".parse().unwrap()],
        fleets: &[],
        request: |_| Box::pin(async { Some(create(PLAYER)) }),
        answer: Some(Code::SessionFull),
        operations: &["TerminateGameSession"],
    },
    Scenario {
        name: "create in the second fleet",
        function: "create_session",
        budget: BUDGET,
        settings: |settings| {
            let Seed { fleets, computes, .. } = &mut settings.seed;
            fleets.push(Fleet { id: EMPTY_FLEET.to_owned(), ..fleets[0].clone() });
            // The sample game servers run on the first compute.
            computes.push(Compute { fleet: EMPTY_FLEET.to_owned(), ..computes[0].clone() });
        },
        fleets: &[EMPTY_FLEET, Settings::FLEET_ID],
        request: |_| Box::pin(async { Some(create(PLAYER)) }),
        answer: None,
        operations: &["DescribeFleetAttributes", "ListCompute", "CreateGameSession"],
    },
    Scenario {
        name: "find",
        function: "find_session",
        budget: Duration::from_secs(12),
        settings: |_| {},
        fleets: &[],
        request: |world| {
            Box::pin(async {
                world.succeed("create_session", Some(create("host"))).await;
                None
            })
        },
        answer: None,
        operations: &[],
    },
    Scenario {
        name: "join",
        function: "join_session",
        budget: BUDGET,
        settings: |_| {},
        fleets: &[],
        request: |world| {
            Box::pin(async {
                let created = world.succeed("create_session", Some(create("host"))).await;
                Some(json!({ "GameSessionId": created["GameSessionId"], "uuid": PLAYER }))
            })
        },
        answer: None,
        operations: &[],
    },
    Scenario {
        name: "start a stream",
        function: "reconnect_stream",
        budget: BUDGET,
        settings: |_| {},
        fleets: &[],
        request: |_| Box::pin(async { Some(stream("first", None)) }),
        answer: None,
        operations: &[],
    },
    Scenario {
        name: "reconnect to a stream",
        function: "reconnect_stream",
        budget: BUDGET,
        settings: |_| {},
        fleets: &[],
        request: |world| {
            Box::pin(async {
                let started = world.succeed("reconnect_stream", Some(stream("first", None))).await;
                let id = started["StreamSessionId"].as_str().unwrap();
                world.emulator.streams.client_connected(id).unwrap();
                world.emulator.streams.client_disconnected(id).unwrap();
                Some(stream("second", Some(id)))
            })
        },
        answer: None,
        operations: &[],
    },
];

pub(crate) fn create(player: &str) -> Value {
    json!({ "session_name": "Bob's Session", "uuid": player, "num_connections": 4, "build_id": -1_893_421 })
}

/// A call with a browser's offer; `name` tells offers apart.
fn stream(name: &str, stream_session_id: Option<&str>) -> Value {
    let sdp = format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\na=ice-ufrag:{name}\r\n\
         a=ice-pwd:abcdefghijklmnopqrstuvwx\r\n\
         a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n\
         m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n\
         m=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:1\r\na=recvonly\r\na=rtpmap:102 H264/90000\r\n\
         m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n"
    );
    let offer = json!({ "type": "offer", "sdp": sdp }).to_string();
    json!({ "uuid": PLAYER, "signal_request": offer, "stream_session_id": stream_session_id })
}
