//! GameLift Servers: the enumerations of the API model, with their names on the wire, and the instance types.

#![expect(missing_docs, reason = "the names are those of the API")]

use std::str::FromStr;

use garde::Validate;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

macro_rules! names {
    ($($(#[$doc:meta])* $visibility:vis enum $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        $visibility enum $type {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $type {
            /// Every value of the API model.
            const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Returns the name on the wire.
            $visibility fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Returns the value with this name on the wire.
            $visibility fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }

        impl FromStr for $type {
            type Err = String;

            fn from_str(name: &str) -> Result<Self, String> {
                Self::from_name(name).ok_or_else(|| format!("{name:?} is none of the values of {}", stringify!($type)))
            }
        }
    )*};
}

names! {
    /// Whether players can join.
    pub enum PlayerSessionCreationPolicy {
        /// They can.
        AcceptAll = "ACCEPT_ALL",
        /// They cannot.
        DenyAll = "DENY_ALL",
    }

    pub enum GameSessionStatus {
        Activating = "ACTIVATING",
        Active = "ACTIVE",
        Terminating = "TERMINATING",
        Terminated = "TERMINATED",
        Error = "ERROR",
    }

    /// Why a game server is told of its game session.
    pub enum UpdateReason {
        MatchmakingDataUpdated = "MATCHMAKING_DATA_UPDATED",
        BackfillFailed = "BACKFILL_FAILED",
        BackfillTimedOut = "BACKFILL_TIMED_OUT",
        BackfillCancelled = "BACKFILL_CANCELLED",
    }

    pub enum GameSessionStatusReason {
        Interrupted = "INTERRUPTED",
        TriggeredOnProcessTerminate = "TRIGGERED_ON_PROCESS_TERMINATE",
        ForceTerminated = "FORCE_TERMINATED",
    }

    pub enum ProtectionPolicy {
        NoProtection = "NoProtection",
        FullProtection = "FullProtection",
    }

    /// The statuses of an Anywhere fleet, which has nothing to download or to build.
    pub enum FleetStatus {
        Active = "ACTIVE",
        Deleting = "DELETING",
        Terminated = "TERMINATED",
    }

    pub enum PlacementStatus {
        Pending = "PENDING",
        Fulfilled = "FULFILLED",
        Cancelled = "CANCELLED",
        TimedOut = "TIMED_OUT",
        Failed = "FAILED",
    }

    pub enum PriorityType {
        Latency = "LATENCY",
        Cost = "COST",
        Destination = "DESTINATION",
        Location = "LOCATION",
    }

    pub enum FallbackStrategy {
        DefaultAfterSinglePass = "DEFAULT_AFTER_SINGLE_PASS",
        None = "NONE",
    }

    /// Who starts match backfills.
    pub enum BackfillMode {
        Automatic = "AUTOMATIC",
        Manual = "MANUAL",
    }

    /// What becomes of a match.
    pub enum FlexMatchMode {
        /// The match is the result.
        Standalone = "STANDALONE",
        /// A queue places it.
        WithQueue = "WITH_QUEUE",
    }

    /// The status of a matchmaking ticket (`MatchmakingConfigurationStatus`).
    pub enum TicketStatus {
        /// No pass has looked at it.
        Queued = "QUEUED",
        Searching = "SEARCHING",
        RequiresAcceptance = "REQUIRES_ACCEPTANCE",
        Placing = "PLACING",
        Completed = "COMPLETED",
        Failed = "FAILED",
        Cancelled = "CANCELLED",
        TimedOut = "TIMED_OUT",
    }

    pub enum GameServerGroupStatus {
        New = "NEW",
        Activating = "ACTIVATING",
        Active = "ACTIVE",
        DeleteScheduled = "DELETE_SCHEDULED",
        Deleting = "DELETING",
        Deleted = "DELETED",
        Error = "ERROR",
    }

    pub enum BalancingStrategy {
        SpotOnly = "SPOT_ONLY",
        SpotPreferred = "SPOT_PREFERRED",
        OnDemandOnly = "ON_DEMAND_ONLY",
    }

    pub enum GameServerProtection {
        NoProtection = "NO_PROTECTION",
        FullProtection = "FULL_PROTECTION",
    }

    pub enum DeleteOption {
        Safe = "SAFE_DELETE",
        Force = "FORCE_DELETE",
        Retain = "RETAIN",
    }

    /// The status of an instance of a game server group.
    pub enum InstanceStatus {
        /// Game servers on it can be claimed.
        Active = "ACTIVE",
        /// The instance is about to be replaced: no new game servers, and claims only for want of others.
        Draining = "DRAINING",
        /// The instance's Spot capacity is taken back: no claims, and it ends in two minutes.
        SpotTerminating = "SPOT_TERMINATING",
    }

    pub enum UtilizationStatus {
        Available = "AVAILABLE",
        Utilized = "UTILIZED",
    }

    pub enum PlayerSessionStatus {
        Reserved = "RESERVED",
        Active = "ACTIVE",
        Completed = "COMPLETED",
        TimedOut = "TIMEDOUT",
    }
}

impl TicketStatus {
    /// Whether the ticket has ended.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled | Self::TimedOut)
    }
}

impl PlayerSessionStatus {
    /// Whether the player session takes up a slot of its game session.
    pub fn takes_slot(self) -> bool {
        matches!(self, Self::Reserved | Self::Active)
    }
}

/// An instance type that `FleetIQ` knows.
#[derive(Clone, PartialEq, Eq, Deserialize, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub struct InstanceType(
    #[garde(pattern(
        r"^(c4\.(large|[248]?xlarge)|c5\.(large|(|2|4|9|12|18|24)xlarge)|r4\.(large|(|2|4|8|16)xlarge)|m4\.(large|(|2|4|10)xlarge)|(c5a|r5a?|m5a?)\.(large|(|2|4|8|12|16|24)xlarge)|[crm]6g\.(medium|large|(|2|4|8|12|16)xlarge))$"
    ))]
    pub String,
);

/// Whether `FleetIQ` knows this instance type.
pub fn is_instance_type(name: &str) -> bool {
    InstanceType(name.to_owned()).validate().is_ok()
}
