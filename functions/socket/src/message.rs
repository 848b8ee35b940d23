//! A client's message.

use matchmaking::tickets::{TICKET_ID, accepts, ticket_id};
use shared::{
    Code, Error,
    request::{Fields, Member, members::Text},
};

/// The most bytes of a message. API Gateway takes 128 KB.
const MAX_MESSAGE: usize = 4096;

/// What a client wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// The state of a ticket, or of the player's newest one.
    Resume(Option<String>),
    /// The player's answer to the match of a ticket.
    Accept {
        /// The ticket's id.
        ticket: String,
        /// Whether the player accepts the match.
        accepts: bool,
    },
    /// The end of a ticket's search, for all of its players.
    Stop(String),
}

const ACTION: Member<Text> = Member::text("action", 1..=64, "What the client wants.").required();

/// The words of `action`.
const ACTIONS: [&str; 3] = ["resume", "accept", "stop"];

impl Message {
    /// Reads a message.
    ///
    /// # Errors
    /// `BODY_TOO_LARGE`, `INVALID_JSON` or `INVALID_REQUEST`.
    pub(crate) fn read(text: Option<&str>) -> Result<Self, Error> {
        let text = text.ok_or_else(|| Error::new(Code::InvalidJson, "Send messages as text, not as bytes."))?;
        let mut fields = Fields::of_message(text, MAX_MESSAGE)?;
        let action = fields.string(&ACTION);
        let message = match action.as_deref() {
            Some("resume") => Some(Self::Resume(fields.string(&TICKET_ID))),
            Some("accept") => Some(Self::Accept { ticket: ticket_id(&mut fields), accepts: accepts(&mut fields) }),
            Some("stop") => Some(Self::Stop(ticket_id(&mut fields))),
            Some(_) => {
                fields.error(ACTION.name, format!("is not known; it takes {}", ACTIONS.join(", ")));
                None
            }
            None => None,
        };
        fields.check()?;
        message.ok_or_else(|| Error::new(Code::Internal, "A message without a meaning passed its check."))
    }
}
