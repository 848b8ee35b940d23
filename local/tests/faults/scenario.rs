//! The calls that the matrix makes: the row of the matrix.

use std::{pin::Pin, time::Duration};

use gamelift_emulator::{
    SampleBehaviour, Settings,
    seed::{Alias, Compute, Fleet, Queue, Seed},
};
use serde_json::{Value, json};
use shared::{
    Code,
    config::{Candidate, FleetConfig, FleetRef},
};

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
    /// How the functions are configured.
    pub(crate) fleets: fn() -> FleetConfig,
    /// What has happened before, and the call's body.
    pub(crate) request: for<'a> fn(&'a World) -> Prepared<'a>,
    /// The answer when nothing goes wrong: a code, or 200.
    pub(crate) answer: Option<Code>,
    /// How many game sessions a success makes, at least (and without a fault) and at most.
    pub(crate) creates: (usize, usize),
    /// The operations whose faults are looked at; without any, those that the call uses.
    pub(crate) operations: &'static [&'static str],
}

pub(crate) type Prepared<'a> = Pin<Box<dyn Future<Output = Option<Value>> + 'a>>;

/// The player of every scenario.
pub(crate) const PLAYER: &str = "player-1";

/// A fleet without game servers.
const EMPTY_FLEET: &str = "fleet-99999999-0000-0000-0000-000000000000";

const ALIAS: &str = "alias-11111111-0000-0000-0000-000000000001";

const QUEUE: &str = "everywhere";

pub(crate) const BUDGET: Duration = Duration::from_secs(25);

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "create",
        function: "create_session",
        budget: BUDGET,
        settings: |_| {},
        fleets: FleetConfig::default,
        request: |_| Box::pin(async { Some(create(PLAYER)) }),
        answer: None,
        creates: (1, 1),
        operations: &[],
    },
    Scenario {
        name: "create where no game server ever activates",
        function: "create_session",
        budget: BUDGET,
        settings: |settings| settings.sample_behaviour = SampleBehaviour::NeverActivate,
        fleets: FleetConfig::default,
        request: |_| Box::pin(async { Some(create(PLAYER)) }),
        answer: Some(Code::ActivationTimeout),
        creates: (1, 1),
        operations: &["TerminateGameSession"],
    },
    Scenario {
        name: "create where the reservation is refused",
        function: "create_session",
        budget: BUDGET,
        settings: |settings| {
            settings.faults = vec!["CreatePlayerSessions=exception:UnauthorizedException".parse().unwrap()];
        },
        fleets: FleetConfig::default,
        request: |_| Box::pin(async { Some(create(PLAYER)) }),
        answer: Some(Code::BackendNotPermitted),
        creates: (1, 1),
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
        fleets: || candidates(&[EMPTY_FLEET, Settings::FLEET_ID]),
        request: |_| Box::pin(async { Some(create(PLAYER)) }),
        answer: None,
        creates: (1, 1),
        operations: &["DescribeFleetAttributes", "ListCompute", "CreateGameSession"],
    },
    Scenario {
        name: "create by an alias",
        function: "create_session",
        budget: BUDGET,
        settings: |settings| {
            let fleet = Some(Settings::FLEET_ID.to_owned());
            let (id, name) = (ALIAS.to_owned(), "live".to_owned());
            settings.seed.aliases.push(Alias { id, name, description: None, fleet, message: None });
        },
        fleets: || candidates(&[ALIAS]),
        request: |_| Box::pin(async { Some(create(PLAYER)) }),
        answer: None,
        creates: (1, 1),
        operations: &["ResolveAlias"],
    },
    Scenario {
        name: "create through a queue",
        function: "create_session",
        budget: BUDGET,
        settings: with_queue,
        fleets: queue,
        request: |_| Box::pin(async { Some(create(PLAYER)) }),
        answer: None,
        creates: (1, 1),
        operations: &[],
    },
    Scenario {
        name: "create through a queue without a free game server",
        function: "create_session",
        budget: BUDGET,
        settings: |settings| {
            with_queue(settings);
            settings.game_servers = 0;
        },
        fleets: queue,
        request: |_| Box::pin(async { Some(create(PLAYER)) }),
        answer: Some(Code::NoCapacity),
        creates: (0, 0),
        operations: &["DescribeGameSessionPlacement", "StopGameSessionPlacement"],
    },
    Scenario {
        name: "create through a queue where no game server ever activates",
        function: "create_session",
        budget: BUDGET,
        settings: |settings| {
            with_queue(settings);
            settings.sample_behaviour = SampleBehaviour::NeverActivate;
        },
        fleets: queue,
        request: |_| Box::pin(async { Some(create(PLAYER)) }),
        answer: Some(Code::ActivationTimeout),
        creates: (0, 0),
        operations: &["StopGameSessionPlacement"],
    },
    Scenario {
        name: "find or create where a session is open",
        function: "find_or_create_session",
        budget: BUDGET,
        settings: |_| {},
        fleets: FleetConfig::default,
        request: |world| {
            Box::pin(async {
                world.succeed("create_session", Some(create("host"))).await;
                Some(create(PLAYER))
            })
        },
        answer: None,
        // One that cannot be had is none.
        creates: (0, 1),
        operations: &[],
    },
    Scenario {
        name: "find or create where none is open",
        function: "find_or_create_session",
        budget: BUDGET,
        settings: |_| {},
        fleets: FleetConfig::default,
        request: |_| Box::pin(async { Some(create(PLAYER)) }),
        answer: None,
        creates: (1, 1),
        operations: &["SearchGameSessions", "CreateGameSession", "CreatePlayerSessions"],
    },
    Scenario {
        name: "find",
        function: "find_session",
        budget: Duration::from_secs(12),
        settings: |_| {},
        fleets: FleetConfig::default,
        request: |world| {
            Box::pin(async {
                world.succeed("create_session", Some(create("host"))).await;
                None
            })
        },
        answer: None,
        creates: (0, 0),
        operations: &[],
    },
    Scenario {
        name: "join",
        function: "join_session",
        budget: BUDGET,
        settings: |_| {},
        fleets: FleetConfig::default,
        request: |world| {
            Box::pin(async {
                let created = world.succeed("create_session", Some(create("host"))).await;
                Some(json!({ "GameSessionId": created["GameSessionId"], "uuid": PLAYER }))
            })
        },
        answer: None,
        creates: (0, 0),
        operations: &[],
    },
    Scenario {
        name: "start a stream",
        function: "reconnect_stream",
        budget: BUDGET,
        settings: |_| {},
        fleets: FleetConfig::default,
        request: |_| Box::pin(async { Some(stream("first", None)) }),
        answer: None,
        creates: (0, 0),
        operations: &[],
    },
    Scenario {
        name: "reconnect to a stream",
        function: "reconnect_stream",
        budget: BUDGET,
        settings: |_| {},
        fleets: FleetConfig::default,
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
        creates: (0, 0),
        operations: &[],
    },
];

fn candidates(fleets: &[&str]) -> FleetConfig {
    let candidate = |id: &&str| {
        let id = (*id).to_owned();
        let fleet = if id == ALIAS { FleetRef::Alias(id) } else { FleetRef::Fleet(id) };
        Candidate { fleet, locations: Vec::new() }
    };
    FleetConfig { candidates: fleets.iter().map(candidate).collect(), ..FleetConfig::default() }
}

fn with_queue(settings: &mut Settings) {
    settings.seed.queues.push(Queue {
        name: QUEUE.to_owned(),
        timeout_seconds: None,
        destinations: vec![Settings::FLEET_ID.to_owned()],
        latency_policies: Vec::new(),
        priority_order: Vec::new(),
        location_order: Vec::new(),
        custom_event_data: None,
    });
}

fn queue() -> FleetConfig {
    FleetConfig { queue: Some(QUEUE.to_owned()), ..FleetConfig::default() }
}

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
