//! The whole state as JSON, for `GET /_emulator/state`.

use serde_json::{Value, json};

use crate::{
    service::Streams,
    views::{application::ApplicationView, group::GroupView, session::SessionView},
};

/// Members that the API describes and a snapshot leaves out.
const SECRETS: [&str; 4] =
    ["SignalRequest", "SignalResponse", "AdditionalLaunchArgs", "AdditionalEnvironmentVariables"];

impl Streams {
    /// Returns all resources as the API describes them, without members that may be secret.
    pub fn snapshot(&self) -> Value {
        self.with_state(|state| {
            let sessions: Vec<_> = state
                .sessions
                .values()
                .map(|session| {
                    let mut session = json!(SessionView::new(state, session));
                    for secret in SECRETS {
                        if let Some(value) = session.get_mut(secret) {
                            *value = "redacted".into();
                        }
                    }
                    session
                })
                .collect();
            let applications = state.applications.values().map(|it| json!(ApplicationView::new(state, it)));
            let groups = state.groups.values().map(|group| json!(GroupView::new(state, group)));
            json!({
                "applications": applications.collect::<Vec<_>>(),
                "stream_groups": groups.collect::<Vec<_>>(),
                "stream_sessions": sessions,
                "webrtc_peers": state.peers.count(),
            })
        })
    }
}
