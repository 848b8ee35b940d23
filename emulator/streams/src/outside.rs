//! Changes of a stream session from outside the API: by its client, its application or its host. Tests and the control
//! endpoints call these functions. A real client's changes come as news from its WebRTC peer.

use emulator_core::model::{
    error::ServiceError,
    exceptions::streams::{conflict, resource_not_found},
    streams::{Status, StatusReason},
};

use crate::{service::Streams, state::whole::State};

/// Each function takes the id of a stream session, the last part of its ARN. It fails with `ResourceNotFoundException`
/// for an unknown session, and with `ConflictException` for a session whose status does not allow the change.
impl Streams {
    /// Connects the client: ACTIVE becomes CONNECTED.
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

    /// Disconnects the client, which closed the connection or was lost: CONNECTED becomes
    /// `PENDING_CLIENT_RECONNECTION`.
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

    /// Records input of the connected user: the idle time starts again.
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

    /// Ends the session with `applicationExit` because the application exited or crashed, at once and without
    /// TERMINATING (inferred).
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

    /// Ends a live session with `reason`, in ERROR or TERMINATED as the reason implies.
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
