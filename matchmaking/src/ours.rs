//! Decides whether the client or Liftgate is to blame for a request that GameLift calls invalid.

use shared::{Code, Error};

/// Turns `INVALID_REQUEST` into `BACKEND_MISCONFIGURED`, for a request in which the client has shaped nothing. An error
/// that names fields of the client's request stays: it tells of another call, in which the client has shaped these.
#[must_use]
pub fn ours(error: Error) -> Error {
    match error.code() {
        Code::InvalidRequest if error.fields().is_empty() => {
            let operation = error.upstream().map_or("the call", |upstream| upstream.operation);
            let detail = format!(
                "GameLift called {operation} invalid, which the player has no part in. With LIFTGATE_EXPOSE_ERRORS=true the answer has GameLift's reason."
            );
            error.with_code(Code::BackendMisconfigured, detail)
        }
        _ => error,
    }
}
