//! Turns of a call that GameLift takes only so often from an account.
//!
//! Of many players whose calls come at once, most would be throttled, and would come again at random times: some of them
//! long after the last call that was possible, while calls between were used by nobody. So each call takes a turn in the
//! store, and comes when it is due. Who comes so late that it would not have a turn in time takes none.
//!
//! A store that fails lets everybody call at once, and who is throttled comes again, as without a store.

use std::time::Duration;

use shared::deadline::Deadline;
use store::{Store, fail_open::fail_open, records::limits::Bucket};
use tokio::time::sleep;

/// Whose the buckets are.
pub(crate) const ACCOUNT: &str = "account";

/// The time that a call needs behind its turn.
pub(crate) const TIME_TO_CALL: Duration = Duration::from_secs(1);

/// Waits for a turn of this bucket, and says how long; `None` at once if the turn would come too late for the call to be
/// made before the deadline.
pub(crate) async fn until_turn(store: &Store, bucket: Bucket<'_>, deadline: Deadline) -> Option<Duration> {
    let most = deadline.remaining().saturating_sub(TIME_TO_CALL);
    match fail_open("a turn", store.turn(bucket, most)).await {
        Some(Some(wait)) => {
            sleep(wait).await;
            Some(wait)
        }
        Some(None) => None,
        None => Some(Duration::ZERO),
    }
}
