//! What happens to a stream session from outside the API: its client, its application, its host.
//! Tests and the control endpoints call these. What a real client does comes in as news of its peer.

use emulator_core::model::{
    error::ServiceError,
    exceptions::streams::{conflict, resource_not_found},
    streams::{Status, StatusReason},
};

use crate::{service::Streams, state::whole::State};

/// Each takes the id of a stream session, the last part of its ARN, and fails with
/// `ResourceNotFoundException` if there is none, with `ConflictException` if it is in a status in
/// which this cannot happen.
impl Streams {
    /// The client's WebRTC connection is up: ACTIVE becomes CONNECTED.
    ///
    /// # Errors
    /// As above; also if the session has answered no signal request.
    pub fn client_connected(&self, id: &str) -> Result<(), ServiceError> {
        self.with_session(id, |state, status| {
            if status != Status::Active || state.sessions[id].signal_response.is_none() {
                return Err(conflict(format!("No client can connect to a session in {status:?}.")));
            }
            state.client_is(id, true);
            Ok(())
        })
    }

    /// The client closed the connection or was lost: CONNECTED becomes `PENDING_CLIENT_RECONNECTION`.
    ///
    /// # Errors
    /// As above.
    pub fn client_disconnected(&self, id: &str) -> Result<(), ServiceError> {
        self.with_session(id, |state, status| {
            only_when(status == Status::Connected, status)?;
            state.client_is(id, false);
            Ok(())
        })
    }

    /// The connected user pressed or moved something: the idle time starts again.
    ///
    /// # Errors
    /// As above.
    pub fn client_input(&self, id: &str) -> Result<(), ServiceError> {
        self.with_session(id, |state, status| {
            only_when(status == Status::Connected, status)?;
            let now = state.now;
            state.session_mut(id).last_input = now;
            Ok(())
        })
    }

    /// The application exited or crashed: the session ends with `applicationExit`, at once and
    /// without TERMINATING (inferred).
    ///
    /// # Errors
    /// As above.
    pub fn application_exited(&self, id: &str) -> Result<(), ServiceError> {
        self.with_session(id, |state, status| {
            only_when(status.is_running(), status)?;
            state.end(id, StatusReason::ApplicationExit);
            Ok(())
        })
    }

    /// The session ends with `reason` whatever it does, in ERROR or TERMINATED as it belongs to
    /// the reason.
    ///
    /// # Errors
    /// As above.
    pub fn fail(&self, id: &str, reason: StatusReason) -> Result<(), ServiceError> {
        self.with_session(id, |state, status| {
            only_when(status.is_live(), status)?;
            state.end(id, reason);
            Ok(())
        })
    }

    fn with_session(
        &self,
        id: &str,
        change: impl FnOnce(&mut State, Status) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        self.with_state(|state| {
            let status = state.sessions.get(id).ok_or_else(|| resource_not_found("stream session", id))?.status;
            change(state, status)
        })
    }
}

fn only_when(possible: bool, status: Status) -> Result<(), ServiceError> {
    if possible { Ok(()) } else { Err(conflict(format!("This cannot happen to a session in {status:?}."))) }
}
