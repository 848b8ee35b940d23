//! Constants of both kinds of sample game servers.

use std::time::Duration;

/// The time between two attempts to start.
pub(crate) const RETRY: Duration = Duration::from_secs(1);
