//! What both kinds of sample game servers have.

use std::time::Duration;

/// What the ids of sample game servers begin with. Only the id tells one that is registered in a game
/// server group from others.
pub(crate) const SAMPLE_ID: &str = "sample-";
/// Between two attempts to start.
pub(crate) const RETRY: Duration = Duration::from_secs(1);
