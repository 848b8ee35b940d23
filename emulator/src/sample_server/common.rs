//! What both kinds of sample game servers have.

use std::time::Duration;

/// Between two attempts to start.
pub(crate) const RETRY: Duration = Duration::from_secs(1);
