//! Turns of the calls about one search or match, `AcceptMatch` and `StopMatchmaking`. GameLift takes 100 a second of each
//! from an account, as it does of `StartMatchmaking`, and so each comes at the rate of these. All players of a match
//! answer at once, five for a party's one search.

use std::time::Duration;

use shared::{deadline::Deadline, rate::Rate};
use store::{Store, records::limits::Bucket};

use crate::{
    config::admission::{AdmissionConfig, rate},
    turn::{ACCOUNT, TIME_TO_CALL, until_turn},
};

/// The longest wait for a turn. Calls that wait each hold one of Lambda's places, and thousands may come at once.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// How often each of the calls is made in a second, by all functions together.
#[derive(Clone, Copy, Debug)]
pub struct Turns(Rate);

impl Turns {
    /// As often as searches begin.
    pub fn of(config: &AdmissionConfig) -> Self {
        Self(rate(config.searches))
    }

    /// Waits for the turn of a call of this operation, and says how long; `None` at once if it would come after the
    /// longest wait, or too late for the call.
    pub(crate) async fn until(self, operation: &str, store: &Store, deadline: Deadline) -> Option<Duration> {
        let deadline = deadline.or_before(Some(Deadline::after(LONGEST_WAIT + TIME_TO_CALL)));
        until_turn(store, Bucket { scope: operation, who: ACCOUNT, rate: self.0 }, deadline).await
    }
}
