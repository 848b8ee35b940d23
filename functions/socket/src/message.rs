//! A client's message.

use shared::{Code, Error, request::Fields};

/// The most bytes of a message. API Gateway takes 128 KB.
const MAX_MESSAGE: usize = 4096;

/// The most characters of a ticket's id.
const LONGEST_ID: usize = 128;

/// What a client wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// The state of a ticket, or of the player's newest one.
    Resume(Option<String>),
}

/// The words of `action`.
const ACTIONS: [&str; 1] = ["resume"];

impl Message {
    /// Reads a message.
    ///
    /// # Errors
    /// `BODY_TOO_LARGE`, `INVALID_JSON` or `INVALID_REQUEST`.
    pub(crate) fn read(text: Option<&str>) -> Result<Self, Error> {
        let text = text.ok_or_else(|| Error::new(Code::InvalidJson, "Send messages as text, not as bytes."))?;
        let mut fields = Fields::of_message(text, MAX_MESSAGE)?;
        let action = fields.required_string("action", 1..=64);
        let ticket = fields.optional_string("TicketId", 1..=LONGEST_ID);
        let message = match action.as_deref() {
            Some("resume") => Some(Self::Resume(ticket)),
            Some(_) => {
                fields.error("action", format!("is not known; it takes {}", ACTIONS.join(", ")));
                None
            }
            None => None,
        };
        fields.check()?;
        message.ok_or_else(|| Error::new(Code::Internal, "A message without a meaning passed its check."))
    }
}
