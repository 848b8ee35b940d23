//! Turns of `StartStreamSession`, where there is a store: GameLift Streams takes 20 starts a second of an account.

use shared::{Code, Error, deadline::Deadline, rate::Rate};
use store::{Store, records::limits::Bucket};

use crate::turn;

/// What AWS documents for an account in a Region, evenly: so no second has more.
const RATE: Rate = Rate::per_second(20, 1);

/// Waits for the turn of a start.
///
/// # Errors
/// `RATE_LIMITED` if it would not come before the deadline.
pub(crate) async fn until_turn(store: Option<&Store>, deadline: Deadline) -> Result<(), Error> {
    let Some(store) = store else { return Ok(()) };
    let bucket = Bucket { scope: "StartStreamSession", who: turn::ACCOUNT, rate: RATE };
    let turn = turn::until_turn(store, bucket, deadline).await;
    turn.map(drop).ok_or_else(|| Error::new(Code::RateLimited, TOO_MANY))
}

const TOO_MANY: &str =
    "So many players start a stream now that GameLift Streams would not take this start within the call's time.";

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use futures_util::future::join_all;
    use shared::clock::Clock;
    use store::memory::Memory;
    use testing::failing_table::{FailingTable, Failure};
    use tokio::time::Instant;

    use super::*;

    fn clock() -> Clock {
        Clock::with_tokio(Duration::from_secs(1_800_000_000))
    }

    /// The turns of a hundred starts at once, each with 5 s: when they came, or were refused.
    async fn turns(store: Option<&Store>) -> (Vec<u128>, Vec<u128>) {
        let (begun, deadline) = (Instant::now(), Deadline::after(Duration::from_secs(5)));
        let all = join_all((0..100).map(|_| async {
            let turn = until_turn(store, deadline).await;
            let at = begun.elapsed().as_millis();
            turn.map(|()| at).map_err(|error| (error.code(), at))
        }));
        let (mut come, mut refused) = (Vec::new(), Vec::new());
        for turn in all.await {
            match turn {
                Ok(at) => come.push(at),
                Err((code, at)) => {
                    assert_eq!(code, Code::RateLimited);
                    refused.push(at);
                }
            }
        }
        come.sort_unstable();
        (come, refused)
    }

    #[tokio::test(start_paused = true)]
    async fn starts_come_evenly_and_who_would_come_too_late_is_told_at_once() {
        let (come, refused) = turns(Some(&Store::in_memory(clock()))).await;
        assert_eq!(come, (0..=80).map(|number| 50 * number).collect::<Vec<_>>());
        assert_eq!(refused, [0; 19]);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_store_and_while_it_fails_nobody_waits() {
        let table = FailingTable::new(Arc::new(Memory::new(clock())));
        table.fail(|_| Some(Failure::Before));
        let failing = Store::new(Arc::new(table), clock());
        for store in [None, Some(&failing)] {
            assert_eq!(turns(store).await, (vec![0; 100], Vec::new()));
        }
    }
}
