//! Remembers the outcomes of a request's calls to AWS, including the SDK's own retries. A call that the time budget
//! cuts off has no result; its error is taken from here instead of guessed.

use std::{cell::RefCell, pin::pin, time::Duration};

use tokio::time::{Instant, timeout_at};

use crate::error::{Code, Error, Upstream};

/// A time that is too short for a call.
const BRIEF: Duration = Duration::from_millis(250);

/// The upstream message of a call without an answer.
const UNANSWERED: &str = "No answer came in the time that the call had left.";

/// The state of a request's calls.
#[derive(Debug, Default)]
struct Seen {
    /// How many scopes there have been so far.
    scopes: u32,
    /// The calls under way, each with the scopes it is in. Calls run side by side.
    under_way: Vec<(Vec<u32>, &'static str)>,
    /// The last failure that may pass, until a call of its operation succeeds.
    failure: Option<Error>,
}

tokio::task_local! {
    static SEEN: RefCell<Seen>;
    /// The scopes of [`until`] that a call is in, the outermost first.
    static SCOPES: Vec<u32>;
}

/// Runs a request's call, and remembers the outcomes of its calls to AWS.
pub async fn watched<T>(call: impl Future<Output = T>) -> T {
    SEEN.scope(RefCell::default(), call).await
}

/// Runs `call` until `deadline`, which leaves it `time`.
///
/// # Errors
/// The known state of a call that is cut off.
pub async fn until<T>(deadline: Instant, time: Duration, call: impl Future<Output = T>) -> Result<T, Error> {
    let scope = Scope::enter();
    let scopes = [scopes(), vec![scope.0]].concat();
    // The call has to live until the scope has looked for calls under way.
    let call = pin!(SCOPES.scope(scopes, call));
    timeout_at(deadline, call).await.map_err(|_| scope.cut_off(time))
}

/// The last failure, for a call without time for another try.
pub fn last_failure() -> Option<Error> {
    SEEN.try_with(|seen| seen.borrow().failure.clone()).ok().flatten()
}

/// One use of [`until`]. When it ends, none of its calls is under way any longer, dropped calls included.
struct Scope(u32);

impl Scope {
    fn enter() -> Self {
        let number = SEEN.try_with(|seen| {
            let mut seen = seen.borrow_mut();
            seen.scopes += 1;
            seen.scopes
        });
        Self(number.unwrap_or_default())
    }

    /// The error of a call that had `time` and was cut off.
    fn cut_off(&self, time: Duration) -> Error {
        let (under_way, failure) = SEEN
            .try_with(|seen| {
                let seen = seen.borrow();
                let own = seen.under_way.iter().rfind(|(scopes, _)| scopes.contains(&self.0));
                (own.map(|(_, operation)| *operation), seen.failure.clone())
            })
            .unwrap_or_default();
        match (under_way, failure) {
            // The outcome of a call under way is unknown. The code says so, whatever failed before.
            (Some(operation), Some(failure))
                if !is_unanswered(&failure) && (time < BRIEF || is_of(&failure, operation)) =>
            {
                failed_until_the_end(failure)
            }
            (Some(operation), _) => {
                let error = not_answered(operation, time);
                let _ = SEEN.try_with(|seen| seen.borrow_mut().failure = Some(error.clone()));
                error
            }
            (None, Some(failure)) => failure,
            (None, None) => {
                Error::new(Code::UpstreamUnavailable, "The call's time budget was over before AWS was done. Try again.")
            }
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let _ = SEEN.try_with(|seen| seen.borrow_mut().under_way.retain(|(scopes, _)| !scopes.contains(&self.0)));
    }
}

fn is_of(failure: &Error, operation: &'static str) -> bool {
    failure.upstream().is_some_and(|upstream| upstream.operation == operation)
}

fn is_unanswered(failure: &Error) -> bool {
    failure.upstream().is_some_and(|upstream| upstream.message == UNANSWERED)
}

fn failed_until_the_end(failure: Error) -> Error {
    let Some(upstream) = failure.upstream() else { return failure };
    let how = match &upstream.exception {
        Some(exception) => format!("AWS answered {} with {exception}", upstream.operation),
        None => format!("{} failed", upstream.operation),
    };
    let detail = format!("{how} until the call's time budget was over. Try again.");
    failure.with_code(Code::UpstreamUnavailable, detail)
}

fn not_answered(operation: &'static str, time: Duration) -> Error {
    let detail = if time < BRIEF {
        format!("There was no time left for {operation}: the call's time budget was over. Try again.")
    } else {
        format!("AWS has not answered {operation} before the call's time budget was over. Try again.")
    };
    Error::new(Code::UpstreamUnavailable, detail).with_upstream(Upstream {
        operation,
        exception: None,
        message: UNANSWERED.to_owned(),
        request_id: None,
    })
}

/// Notes that a try is under way.
pub fn sent(operation: &'static str) {
    // Outside a request, as at a function's start, nothing is noted.
    let _ = SEEN.try_with(|seen| seen.borrow_mut().under_way.push((scopes(), operation)));
}

/// Notes that a try has ended, perhaps with a `failure` that may pass.
pub fn came_back(operation: &'static str, failure: Option<Error>) {
    let _ = SEEN.try_with(|seen| {
        let mut seen = seen.borrow_mut();
        let own = (scopes(), operation);
        if let Some(index) = seen.under_way.iter().position(|one| *one == own) {
            seen.under_way.remove(index);
        }
        // A success clears the failures of its own operation only.
        if failure.is_some() || seen.failure.as_ref().is_some_and(|earlier| is_of(earlier, operation)) {
            seen.failure = failure;
        }
    });
}

/// The scopes that the running call is in.
fn scopes() -> Vec<u32> {
    SCOPES.try_with(Clone::clone).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::join;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A call that AWS does not answer for `seconds`.
    async fn unanswered(operation: &'static str, seconds: u32) -> Error {
        let call = async {
            sent(operation);
            pending::<()>().await;
        };
        until(Instant::now() + SECOND * seconds, SECOND * seconds, call).await.unwrap_err()
    }

    fn named(error: &Error) -> &str {
        error.upstream().map_or("none", |upstream| upstream.operation)
    }

    #[tokio::test(start_paused = true)]
    async fn of_calls_side_by_side_each_is_blamed_for_itself() {
        let answered = async {
            sent("ListFleets");
            tokio::time::sleep(SECOND).await;
            came_back("ListFleets", None);
        };
        let (search, list) = watched(async {
            let search = unanswered("SearchGameSessions", 2);
            join!(search, until(Instant::now() + SECOND * 3, SECOND * 3, answered))
        })
        .await;
        assert_eq!(named(&search), "SearchGameSessions");
        assert!(list.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_was_cut_off_or_dropped_is_not_blamed_for_what_comes_later() {
        let later = watched(async {
            let whole = async {
                drop(tokio::time::timeout(SECOND, unanswered("ListCompute", 9)).await);
                sent("ListFleets");
                let throttled = Error::new(Code::RateLimited, "Scripted.").with_upstream(Upstream {
                    operation: "ListFleets",
                    exception: Some("ThrottlingException".to_owned()),
                    message: String::new(),
                    request_id: None,
                });
                came_back("ListFleets", Some(throttled));
                pending::<()>().await;
            };
            until(Instant::now() + SECOND * 4, SECOND * 4, whole).await
        })
        .await
        .unwrap_err();
        assert_eq!((later.code(), named(&later)), (Code::RateLimited, "ListFleets"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_whole_call_that_is_cut_off_knows_what_was_under_way_inside() {
        let whole = until(Instant::now() + SECOND, SECOND, unanswered("CreateGameSession", 9));
        let error = watched(whole).await.unwrap_err();
        assert_eq!((error.code(), named(&error)), (Code::UpstreamUnavailable, "CreateGameSession"));
    }
}
