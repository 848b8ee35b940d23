//! What the stream group's capacity runs on.

use serde::{Deserialize, Serialize};

use super::{admin::RuntimeType, state::Capacity};

/// The runtime environment of the streamed application and whether its instances run already.
/// Together they decide how long a stream session waits for capacity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compute {
    /// `UBUNTU` on always-on capacity: 75 seconds.
    #[default]
    AlwaysOn,
    /// `UBUNTU` or `PROTON` on instances that are started on demand: 90 seconds.
    OnDemandLinux,
    /// `WINDOWS` on instances that are started on demand: 10 minutes.
    OnDemandWindows,
}

impl Compute {
    /// What such applications run on.
    pub(crate) fn runtime(self) -> RuntimeType {
        match self {
            Self::AlwaysOn | Self::OnDemandLinux => RuntimeType::Ubuntu,
            Self::OnDemandWindows => RuntimeType::Windows,
        }
    }

    /// Capacity of this kind for so many sessions.
    pub(crate) fn capacity(self, count: u32) -> Capacity {
        let always_on = if self == Self::AlwaysOn { count } else { 0 };
        Capacity { always_on, maximum: count, target_idle: 0 }
    }
}
