//! The store.

use shared::Error;
use store::{Store, fail_open::PATIENCE};
use tokio::time::Instant;

use crate::{
    checks::unanswered::Look,
    report::{Check, Status},
};

const NAME: &str = "store";

/// The id of a reading that nobody writes. The look costs one read.
const NOTHING: &str = "health";

/// How bad a store is that fails: only matchmaking cannot do without it.
pub(crate) const fn weight(has_matchmaking: bool) -> Status {
    if has_matchmaking { Status::Unhealthy } else { Status::Degraded }
}

pub(crate) async fn check(store: Option<&Store>, has_matchmaking: bool, look: Look) -> Check {
    let Some(store) = store else {
        let detail = "LIFTGATE_TABLE is not set. Without a store there is no matchmaking, each player who waits asks GameLift, which counts against limits of the account, and two calls with one Idempotency-Key at the same moment are not held apart. The template makes a table with its parameter Tickets.";
        return Check::of(NAME, Status::Ok, detail);
    };
    let mut check = Check::new(NAME);
    let begun = Instant::now();
    match store.reading(NOTHING).await {
        Ok(_) if begun.elapsed() > PATIENCE => check.find(
            Status::Degraded,
            format!(
                "The store answers, but takes longer than {} ms, so limits of players do not hold. Look at the metrics of the table in LIFTGATE_TABLE for throttled requests.",
                PATIENCE.as_millis()
            ),
        ),
        Ok(_) => {}
        Err(error) if is_no_table(&error) => {
            let detail = "There is no such table as LIFTGATE_TABLE names in this account and Region. Correct it, or create the table.";
            check.find(weight(has_matchmaking), detail);
            check.because(&error);
        }
        Err(error) => look.with_weight(weight(has_matchmaking)).failed(&mut check, &error),
    }
    check.or_fine("The store answers.")
}

fn is_no_table(error: &Error) -> bool {
    let exception = error.upstream().and_then(|upstream| upstream.exception.as_deref());
    exception == Some("ResourceNotFoundException")
}
