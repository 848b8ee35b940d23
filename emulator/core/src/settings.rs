//! The resources and delays of a fresh emulator.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use crate::{
    beacon::Beacon, defaults, faults::spec::Fault, limits::Limits, model::stream_compute::Compute, seed::file::Seed,
    signature::AccessKey,
};

/// The resources and delays of a fresh emulator.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The Region in every ARN, for example `us-west-2`.
    pub region: String,
    /// The account in every ARN, twelve digits.
    pub account: String,
    /// The IP address that players connect to.
    pub public_ip: String,
    /// The emulator's port, for the addresses that it hands out.
    pub port: u16,
    /// How the sample game servers are hosted.
    pub hosting: Hosting,
    /// Number of sample game servers. Each hosts one game session at a time.
    pub game_servers: u16,
    /// The port of the first game server; the others follow.
    pub first_game_port: u16,
    /// How long a sample game server takes to activate a game session.
    pub activation_delay: Duration,
    /// Time without players after which a sample game server ends its game session.
    pub empty_session_timeout: Duration,
    /// How long GameLift waits for a game server to activate its game session.
    pub activation_timeout: Duration,
    /// The behaviour of a fleet's sample game server when it gets a game session.
    pub sample_behaviour: SampleBehaviour,
    /// Whether sample game servers ask for players in place of those who left a match.
    pub sample_backfill: bool,
    /// The resources at the start.
    pub seed: Seed,
    /// Orders searches without a sort expression; `None` draws one and logs it.
    pub random_seed: Option<u64>,
    /// How long a stream session takes from ACTIVATING to ACTIVE.
    pub stream_start_delay: Duration,
    /// Number of stream sessions that the stream group can run at once.
    pub stream_capacity: u32,
    /// The machines of that capacity, which decide how long a stream session waits for it.
    pub stream_compute: Compute,
    /// Any fleet id starting with `fleet-` is a fleet, as in GameLift Local.
    pub lenient: bool,
    /// The key that every call has to be signed with; `None` ignores signatures.
    pub access_key: Option<AccessKey>,
    /// Whether AWS's documented rate limits hold.
    pub rate_limits: bool,
    /// Delays of UDP ping beacons. With any, the emulator answers the beacons of AWS's locations itself.
    pub beacons: Vec<Beacon>,
    /// The port of the first beacon; the others follow. With 0 each beacon gets any free port.
    pub first_beacon_port: u16,
    /// Faults at the start, besides those of the [`Seed`].
    pub faults: Vec<Fault>,
    /// Limits for one peer.
    pub limits: Limits,
    /// Names by which this machine may be called, besides those that no stranger can own.
    pub allowed_hosts: Vec<String>,
}

/// How the sample game servers are hosted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Hosting {
    /// On the seed's first compute, of an Anywhere fleet: GameLift gives them game sessions
    #[default]
    Anywhere,
    /// On instances of the seed's first game server group: they register themselves and are claimed
    #[value(name = "fleetiq")]
    FleetIq,
}

/// The behaviour of a fleet's sample game server when it gets a game session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SampleBehaviour {
    /// Activates it after [`Settings::activation_delay`].
    #[default]
    Activate,
    /// Never activates it, so that the activation times out.
    NeverActivate,
    /// Crashes after [`Settings::activation_delay`].
    CrashInsteadOfActivating,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            region: "us-west-2".into(),
            account: "111122223333".into(),
            public_ip: "127.0.0.1".into(),
            port: 9870,
            hosting: Hosting::Anywhere,
            game_servers: 8,
            first_game_port: 7777,
            activation_delay: Duration::from_secs(1),
            empty_session_timeout: Duration::from_secs(300),
            activation_timeout: Duration::from_secs(300),
            sample_behaviour: SampleBehaviour::Activate,
            sample_backfill: false,
            seed: Seed::default(),
            random_seed: None,
            stream_start_delay: Duration::from_secs(1),
            stream_capacity: 4,
            stream_compute: Compute::AlwaysOn,
            lenient: false,
            access_key: None,
            rate_limits: false,
            beacons: Vec::new(),
            first_beacon_port: 0,
            faults: Vec::new(),
            limits: Limits::default(),
            allowed_hosts: Vec::new(),
        }
    }
}

/// Prefix of sample game servers' ids. Only the id distinguishes a sample game server in a game server group from
/// others.
pub const SAMPLE_ID: &str = "sample-";

impl Settings {
    /// Returns [`Settings::public_ip`] as an address, or this machine's if it is not an address.
    pub fn host(&self) -> IpAddr {
        self.public_ip.parse().unwrap_or(Ipv4Addr::LOCALHOST.into())
    }

    /// The id of the fleet of the default [`Seed`].
    pub const FLEET_ID: &str = defaults::FLEET_ID;
    /// The custom location of that fleet.
    pub const LOCATION: &str = defaults::LOCATION;
    /// The compute that the sample game servers run on.
    pub const COMPUTE_NAME: &str = defaults::COMPUTE_NAME;
    /// The queue of the default [`Seed`], which places game sessions on that fleet.
    pub const QUEUE: &str = defaults::QUEUE;
    /// The matchmaking rule set of the default [`Seed`].
    pub const RULE_SET: &str = defaults::RULE_SET;
    /// The matchmaking configuration of the default [`Seed`], with that rule set and that queue.
    pub const MATCHMAKING_CONFIGURATION: &str = defaults::MATCHMAKING_CONFIGURATION;
    /// The game server group of the default [`Seed`].
    pub const GAME_SERVER_GROUP: &str = defaults::GAME_SERVER_GROUP;
    /// The instance of that group.
    pub const INSTANCE_ID: &str = defaults::INSTANCE_ID;
    /// The stream group of the default [`Seed`].
    pub const STREAM_GROUP_ID: &str = defaults::STREAM_GROUP_ID;
    /// The application that this stream group streams.
    pub const APPLICATION_ID: &str = defaults::APPLICATION_ID;
}
