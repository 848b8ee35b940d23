//! The resources of GameLift Servers.

use std::net::IpAddr;

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    model::gamelift::{InstanceStatus, is_instance_type},
    seed::limits::MAX_INTEGER,
};

/// A custom location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// For example `custom-home`.
    #[garde(length(chars, min = 8, max = 64), pattern(r"^custom-[A-Za-z0-9\-]+$"))]
    pub name: String,
}

/// An Anywhere fleet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// For example `fleet-11111111-2222-3333-4444-555555555555` or `fleet-123`.
    #[garde(length(chars, max = 128), pattern(r"^fleet-[a-zA-Z0-9\-]+$"))]
    pub id: String,
    /// Need not be unique.
    #[garde(length(chars, min = 1, max = 1024))]
    pub name: String,
    /// Free text.
    #[garde(inner(length(chars, min = 1, max = 1024)))]
    pub description: Option<String>,
    /// Names of [`Seed::locations`](crate::seed::Seed::locations).
    #[garde(length(min = 1, max = 100))]
    pub locations: Vec<String>,
}

/// A machine that is registered to a fleet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Compute {
    /// Unique in its fleet.
    #[garde(length(chars, max = 128), pattern(r"^[a-zA-Z0-9\-]+(/[a-zA-Z0-9\-]+)?$"))]
    pub name: String,
    /// The id of one of [`Seed::fleets`](crate::seed::Seed::fleets).
    #[garde(skip)]
    pub fleet: String,
    /// One of the fleet's locations.
    #[garde(skip)]
    pub location: String,
    /// The address that players connect to. By default [`Settings::public_ip`](crate::settings::Settings::public_ip).
    #[garde(inner(custom(an_ip_address)))]
    pub ip_address: Option<String>,
    /// The host name that players may use instead; `DnsName` in every answer that has the address.
    #[garde(inner(length(chars, min = 1, max = 256), pattern(r"^[0-9a-zA-Z_\-\.]+$")))]
    pub dns_name: Option<String>,
    /// The path of its game servers' TLS certificate. They ask for it with `GetComputeCertificate`.
    #[garde(inner(length(chars, min = 1, max = 1024)))]
    pub certificate_path: Option<String>,
}

/// Another name of a fleet, or a name that no longer leads to one. It has exactly one of `fleet` and `message`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// For example `alias-11111111-0000-0000-0000-000000000001`.
    #[garde(length(chars, max = 128), pattern(r"^alias-[!-~]+$"))]
    pub id: String,
    /// Need not be unique.
    #[garde(length(chars, min = 1, max = 1024))]
    pub name: String,
    /// Free text.
    #[garde(inner(length(chars, min = 1, max = 1024)))]
    pub description: Option<String>,
    /// SIMPLE: the id of one of [`Seed::fleets`](crate::seed::Seed::fleets).
    #[garde(skip)]
    pub fleet: Option<String>,
    /// TERMINAL: the error for every call that uses the alias.
    #[garde(skip)]
    pub message: Option<String>,
}

/// A queue, which places game sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Unique.
    #[garde(length(chars, min = 1, max = 128), pattern(r"^[a-zA-Z0-9-]+$"))]
    pub name: String,
    /// How long a placement is tried, by default AWS's 600 s.
    #[garde(inner(range(min = 10, max = 600)))]
    pub timeout_seconds: Option<u32>,
    /// Ids of [`Seed::fleets`](crate::seed::Seed::fleets) and [`Seed::aliases`](crate::seed::Seed::aliases), the first
    /// choice first.
    #[garde(skip)]
    pub destinations: Vec<String>,
    /// The latencies that a game session may have, and for how long; the strictest policy first.
    #[serde(default)]
    #[garde(dive)]
    pub latency_policies: Vec<LatencyPolicy>,
    /// The criteria that decide between destinations, the most important first: `LATENCY`, `COST`, `DESTINATION`,
    /// `LOCATION`. If empty, AWS's order, which is this one.
    #[serde(default)]
    #[garde(length(max = 4), inner(pattern(r"^(LATENCY|COST|DESTINATION|LOCATION)$")))]
    pub priority_order: Vec<String>,
    /// For the priority `LOCATION`: the locations, the first choice first.
    #[serde(default)]
    #[garde(skip)]
    pub location_order: Vec<String>,
    /// A text that every event of the queue repeats.
    #[garde(inner(length(chars, max = 256)))]
    pub custom_event_data: Option<String>,
}

/// The latency that a game session may have, and for how long (`PlayerLatencyPolicy`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct LatencyPolicy {
    /// The latency that no player may exceed.
    #[garde(range(max = MAX_INTEGER))]
    pub maximum_milliseconds: u32,
    /// How long this policy holds until the next one does; by default until the time-out.
    #[garde(inner(range(max = MAX_INTEGER)))]
    pub seconds: Option<u32>,
}

/// A game server group (`FleetIQ`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct GameServerGroup {
    /// Unique.
    #[garde(length(chars, min = 1, max = 128), pattern(r"^[a-zA-Z0-9\-\.]+$"))]
    pub name: String,
    /// The role with which AWS would manage instances. Only repeated in descriptions.
    #[garde(length(chars, max = 256), pattern(r"^arn:.*:role/[a-zA-Z0-9_+=,.@-]+$"))]
    pub role_arn: String,
    /// At least two, for example `c5.large`. Only repeated in descriptions.
    #[garde(length(min = 2, max = 20), inner(custom(an_instance_type)))]
    pub instance_types: Vec<String>,
    /// Number of ACTIVE instances to keep: a new one takes the place of one that ends. By default the number of ACTIVE
    /// [`Self::instances`].
    #[garde(inner(range(max = 100)))]
    pub min_size: Option<usize>,
    /// The instances that game servers register from.
    #[serde(default)]
    #[garde(dive)]
    pub instances: Vec<Instance>,
}

/// An instance of a game server group. It is only a name, as there is no machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// For example `i-0123456789abcdef0`.
    #[garde(pattern(r"^i-[0-9a-zA-Z]{17}$"))]
    pub id: String,
    /// ACTIVE by default.
    #[serde(default = "active")]
    #[garde(skip)]
    pub status: InstanceStatus,
}

fn active() -> InstanceStatus {
    InstanceStatus::Active
}

fn an_ip_address(text: &str, (): &()) -> garde::Result {
    match text.parse::<IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) => Err(garde::Error::new("not an IP address")),
    }
}

fn an_instance_type(name: &str, (): &()) -> garde::Result {
    if is_instance_type(name) { Ok(()) } else { Err(garde::Error::new("not an instance type that FleetIQ knows")) }
}
