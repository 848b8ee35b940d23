//! The enumerations of the API model, with their names on the wire.

use serde::{Serialize, Serializer};

macro_rules! names {
    ($($(#[$doc:meta])* $visibility:vis enum $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $type {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $type {
            /// Every value that the API model has.
            const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name on the wire.
            $visibility fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The value with this name on the wire.
            $visibility fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
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

    pub(crate) enum GameSessionStatus {
        Activating = "ACTIVATING",
        Active = "ACTIVE",
        Terminating = "TERMINATING",
        Terminated = "TERMINATED",
        Error = "ERROR",
    }

    pub(crate) enum PlayerSessionStatus {
        Reserved = "RESERVED",
        Active = "ACTIVE",
        Completed = "COMPLETED",
        TimedOut = "TIMEDOUT",
    }
}

impl PlayerSessionStatus {
    /// Whether the player session takes up a slot of its game session.
    pub(crate) fn takes_slot(self) -> bool {
        matches!(self, Self::Reserved | Self::Active)
    }
}
