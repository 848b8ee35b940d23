//! The calls that the matrix makes: its rows.

use std::{pin::Pin, time::Duration};

use gamelift_emulator::{
    SampleBehaviour, Settings,
    seed::{Alias, Compute, Fleet, Queue, Seed},
};
use matchmaking::config::{Candidate, FleetConfig, FleetRef, LimitConfig};
use serde_json::{Value, json};
use shared::Code;

use crate::faults::{game_servers, openings, resumed, searches, streams, tickets, world::World};

/// A player's call in some world.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// The function that is called.
    pub(crate) function: &'static str,
    /// Longest time for the answer: the contract's 25 s; for a search less, as the stock client gives up after 15 s.
    pub(crate) budget: Duration,
    /// Changes the emulator's settings of this world.
    pub(crate) settings: fn(&mut Settings),
    /// How the functions are configured.
    pub(crate) fleets: fn() -> FleetConfig,
    /// The limits per player, if there are some.
    pub(crate) limits: Option<fn() -> LimitConfig>,
    /// How many live streams a player may have; 0 is without a limit.
    pub(crate) max_streams: usize,
    /// Prepares the world, and returns the call's body.
    pub(crate) request: for<'a> fn(&'a World) -> Prepared<'a>,
    /// The call's headers.
    pub(crate) headers: Headers,
    /// The answer when nothing goes wrong: a code, or 200.
    pub(crate) answer: Option<Code>,
    /// How many game sessions or stream sessions a success makes: at least (and without a fault), and at most.
    pub(crate) creates: (usize, usize),
    /// The operations whose faults are tried; if empty, all that the call uses.
    pub(crate) operations: &'static [&'static str],
}

pub(crate) type Headers = &'static [(&'static str, &'static str)];

impl Scenario {
    /// Whether the client can come back for a session that the call leaves.
    pub(crate) fn can_resume(&self) -> bool {
        !self.headers.is_empty()
    }

    /// Whether the scenario is about a stream.
    pub(crate) fn is_of_streams(&self) -> bool {
        matches!(self.function, "reconnect_stream" | "terminate_stream")
    }
}

pub(crate) type Prepared<'a> = Pin<Box<dyn Future<Output = Option<Value>> + 'a>>;

/// The player of every scenario.
pub(crate) const PLAYER: &str = "player-1";

/// A fleet without game servers.
pub(crate) const EMPTY_FLEET: &str = "fleet-99999999-0000-0000-0000-000000000000";

const ALIAS: &str = "alias-11111111-0000-0000-0000-000000000001";

/// A client that may send its call again.
pub(crate) const KEYED: Headers = &[("Idempotency-Key", "key-1")];

/// A client that prefers to come back instead of waiting.
pub(crate) const ASYNC: Headers = &[("Prefer", "respond-async")];

/// The one that looks for the player's other game sessions first.
pub(crate) const LIMITED: &str = "create within the limits of one player";

pub(crate) const QUEUE: &str = "everywhere";

pub(crate) const BUDGET: Duration = Duration::from_secs(25);

/// Returns the scenarios of this file and of the others.
pub(crate) fn all() -> impl Iterator<Item = &'static Scenario> {
    let others = resumed::SCENARIOS.iter().chain(game_servers::SCENARIOS).chain(streams::scenario::SCENARIOS);
    SCENARIOS.iter().chain(others).chain(tickets::SCENARIOS).chain(searches::SCENARIOS).chain(openings::SCENARIOS)
}

/// A `create_session`; the others override its members.
pub(crate) const BASE: Scenario = Scenario {
    name: "",
    function: "create_session",
    budget: BUDGET,
    settings: |_| {},
    fleets: FleetConfig::default,
    limits: None,
    max_streams: 0,
    request: |_| Box::pin(async { Some(create(PLAYER)) }),
    headers: &[],
    answer: None,
    creates: (1, 1),
    operations: &[],
};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "create", ..BASE },
    Scenario {
        name: LIMITED,
        limits: Some(LimitConfig::default),
        operations: &["DescribeGameSessionDetails", "DescribePlayerSessions"],
        ..BASE
    },
    Scenario {
        name: "create where no game server ever activates",
        settings: |settings| settings.sample_behaviour = SampleBehaviour::NeverActivate,
        answer: Some(Code::ActivationTimeout),
        operations: &["TerminateGameSession"],
        ..BASE
    },
    Scenario {
        name: "create where the reservation is refused",
        settings: |settings| {
            settings.faults = vec!["CreatePlayerSessions=exception:UnauthorizedException".parse().unwrap()];
        },
        answer: Some(Code::BackendNotPermitted),
        operations: &["TerminateGameSession"],
        ..BASE
    },
    Scenario {
        name: "create in the second fleet",
        settings: with_an_empty_fleet,
        fleets: in_two_fleets,
        operations: &["DescribeFleetAttributes", "ListCompute", "CreateGameSession"],
        ..BASE
    },
    Scenario {
        name: "create by an alias",
        settings: |settings| {
            let fleet = Some(Settings::FLEET_ID.to_owned());
            let (id, name) = (ALIAS.to_owned(), "live".to_owned());
            settings.seed.aliases.push(Alias { id, name, description: None, fleet, message: None });
        },
        fleets: || candidates(&[ALIAS]),
        operations: &["ResolveAlias"],
        ..BASE
    },
    Scenario {
        name: "invite oneself",
        function: "create_invitation",
        request: |_| Box::pin(async { Some(json!({ "uuid": PLAYER })) }),
        creates: (0, 0),
        ..BASE
    },
    Scenario { name: "create through a queue", settings: with_queue, fleets: queue, ..BASE },
    Scenario {
        name: "create through a queue without a free game server",
        settings: |settings| {
            with_queue(settings);
            settings.game_servers = 0;
        },
        fleets: queue,
        answer: Some(Code::NoCapacity),
        creates: (0, 0),
        operations: &["DescribeGameSessionPlacement", "StopGameSessionPlacement"],
        ..BASE
    },
    Scenario {
        name: "create through a queue where no game server ever activates",
        settings: |settings| {
            with_queue(settings);
            settings.sample_behaviour = SampleBehaviour::NeverActivate;
        },
        fleets: queue,
        answer: Some(Code::ActivationTimeout),
        creates: (0, 0),
        operations: &["StopGameSessionPlacement"],
        ..BASE
    },
    Scenario {
        name: "find or create where a session is open",
        function: "find_or_create_session",
        request: |world| {
            Box::pin(async {
                world.succeed("create_session", Some(create("host"))).await;
                Some(create(PLAYER))
            })
        },
        // A placement that cannot be had makes no game session.
        creates: (0, 1),
        ..BASE
    },
    Scenario {
        name: "find or create where none is open",
        function: "find_or_create_session",
        operations: &["SearchGameSessions", "CreateGameSession", "CreatePlayerSessions"],
        ..BASE
    },
    Scenario {
        name: "find",
        function: "find_session",
        budget: Duration::from_secs(12),
        request: |world| {
            Box::pin(async {
                world.succeed("create_session", Some(create("host"))).await;
                None
            })
        },
        creates: (0, 0),
        ..BASE
    },
    Scenario {
        name: "join",
        function: "join_session",
        request: |world| {
            Box::pin(async {
                let created = world.succeed("create_session", Some(create("host"))).await;
                Some(json!({ "GameSessionId": created["GameSessionId"], "uuid": PLAYER }))
            })
        },
        creates: (0, 0),
        ..BASE
    },
];

pub(crate) fn candidates(fleets: &[&str]) -> FleetConfig {
    let candidate = |id: &&str| {
        let id = (*id).to_owned();
        let fleet = if id == ALIAS { FleetRef::Alias(id) } else { FleetRef::Fleet(id) };
        Candidate { fleet, locations: Vec::new() }
    };
    FleetConfig { candidates: fleets.iter().map(candidate).collect(), ..FleetConfig::default() }
}

/// A second fleet, without game servers.
pub(crate) fn with_an_empty_fleet(settings: &mut Settings) {
    let Seed { fleets, computes, .. } = &mut settings.seed;
    fleets.push(Fleet { id: EMPTY_FLEET.to_owned(), ..fleets[0].clone() });
    // The sample game servers run on the first compute.
    computes.push(Compute { fleet: EMPTY_FLEET.to_owned(), ..computes[0].clone() });
}

/// Returns two candidates, the empty fleet first.
pub(crate) fn in_two_fleets() -> FleetConfig {
    candidates(&[EMPTY_FLEET, Settings::FLEET_ID])
}

pub(crate) fn with_queue(settings: &mut Settings) {
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

pub(crate) fn queue() -> FleetConfig {
    FleetConfig { queue: Some(QUEUE.to_owned()), ..FleetConfig::default() }
}

pub(crate) fn create(player: &str) -> Value {
    json!({ "session_name": "Bob's Session", "uuid": player, "num_connections": 4, "build_id": -1_893_421 })
}
