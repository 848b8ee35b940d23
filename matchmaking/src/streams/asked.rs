//! A client's request for a stream, parsed.

use shared::request::Fields;

use crate::{
    config::streams::StreamConfig,
    streams::{own::SessionId, wanted::Wanted},
};

/// The use of a stream session that the player already has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Intent {
    /// Connect to it; start another one if there is none, or it has ended.
    #[default]
    Auto,
    /// Start another one, and end the one that the client names.
    New,
    /// Connect to it, and never start another one.
    Reconnect,
}

/// A whole request for a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The stream.
    pub wanted: Wanted,
    /// `intent`.
    pub intent: Intent,
    /// `stream_session_id`: the stream session that the client knows of.
    pub session: Option<SessionId>,
}

impl Asked {
    /// Reads the fields. `fields` collects the errors; the result is valid only if there are none.
    pub fn read(fields: &mut Fields, config: &StreamConfig) -> Self {
        let asked =
            Self { wanted: Wanted::read(fields, config), intent: intent(fields), session: SessionId::read(fields) };
        if asked.intent == Intent::Reconnect && asked.wanted.has_no_client() {
            fields.error("signal_request", "has to be an offer to reconnect with");
        }
        asked
    }
}

fn intent(fields: &mut Fields) -> Intent {
    match fields.optional_string("intent", 0..=usize::MAX).as_deref() {
        None | Some("auto") => Intent::Auto,
        Some("new") => Intent::New,
        Some("reconnect") => Intent::Reconnect,
        Some(_) => {
            fields.error("intent", "has to be auto, new or reconnect");
            Intent::Auto
        }
    }
}
