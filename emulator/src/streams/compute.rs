//! What the stream group's capacity runs on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

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
    /// How long a stream session waits for capacity before it ends with `placementTimeout`
    /// (`StartStreamSession`).
    pub fn placement_timeout(self) -> Duration {
        Duration::from_secs(match self {
            Self::AlwaysOn => 75,
            Self::OnDemandLinux => 90,
            Self::OnDemandWindows => 600,
        })
    }

    /// A stream class that runs such applications, one session an instance.
    pub(crate) fn stream_class(self) -> &'static str {
        match self {
            Self::AlwaysOn | Self::OnDemandLinux => "gen5n_ultra",
            Self::OnDemandWindows => "gen5n_win2022",
        }
    }
}
