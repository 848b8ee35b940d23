//! A client's request for a stream, parsed.

use shared::request::{Fields, Member, Members, members::Words};

use crate::{
    config::streams::StreamConfig,
    streams::{
        own::{SESSION_ID, SessionId},
        wanted::{SIGNAL_REQUEST, Wanted},
    },
};

const INTENT: Member<Words<Intent>> = Member::words(
    "intent",
    &[("auto", Intent::Auto), ("new", Intent::New), ("reconnect", Intent::Reconnect)],
    "auto connects to the player's stream, or starts one; new starts another one; reconnect never starts one. Left out: auto.",
);

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
    /// What [`Asked::read`] reads.
    pub const MEMBERS: &[Members] = &[Wanted::MEMBERS, &[&INTENT, &SESSION_ID]];

    /// Reads the fields. `fields` collects the errors; the result is valid only if there are none.
    pub fn read(fields: &mut Fields, config: &StreamConfig) -> Self {
        let asked = Self {
            wanted: Wanted::read(fields, config),
            intent: fields.word(&INTENT).unwrap_or_default(),
            session: SessionId::read(fields),
        };
        if asked.intent == Intent::Reconnect && asked.wanted.has_no_client() {
            fields.error(SIGNAL_REQUEST.name, "has to be an offer to reconnect with");
        }
        asked
    }
}
