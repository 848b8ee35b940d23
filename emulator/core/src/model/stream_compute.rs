//! The machines that a stream group's capacity runs on.

use serde::{Deserialize, Serialize};

use crate::model::streams::RuntimeType;

/// The runtime environment of the streamed application, and whether its instances already run. Both decide how long a
/// stream session waits for capacity.
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
    /// Returns the runtime environment of applications on such machines.
    pub fn runtime(self) -> RuntimeType {
        match self {
            Self::AlwaysOn | Self::OnDemandLinux => RuntimeType::Ubuntu,
            Self::OnDemandWindows => RuntimeType::Windows,
        }
    }
}
