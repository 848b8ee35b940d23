//! The query of a call.

use std::time::Duration;

use matchmaking::tickets::MOST_CHARACTERS;
use shared::{Error, parameters::Parameters};

/// The longest wait, in seconds: the call has time left for a look and an answer.
const LONGEST_WAIT: i32 = 20;

/// What a client asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    /// `TicketId`.
    pub(crate) ticket_id: String,
    /// `wait`: how long to wait for news; none if it is left out.
    pub(crate) wait: Duration,
    /// `uuid`: the player, where no authorizer names one.
    pub(crate) uuid: Option<String>,
}

impl Query {
    /// Reads the parameters. Without an authorizer, `uuid` is required.
    ///
    /// # Errors
    /// `INVALID_REQUEST` with everything that is wrong.
    pub(crate) fn read(pairs: Vec<(String, String)>, trusts_query: bool) -> Result<Self, Error> {
        let has = |name: &str| pairs.iter().any(|(own, _)| own == name);
        let lacks = [("TicketId", true), ("uuid", trusts_query)].into_iter().filter(|(name, is)| *is && !has(name));
        let lacks: Vec<_> = lacks.map(|(name, _)| name).collect();
        let mut parameters = Parameters::new(pairs);
        let query = Self {
            ticket_id: parameters.string("TicketId", 1..=MOST_CHARACTERS).unwrap_or_default(),
            wait: Duration::from_secs(
                parameters.integer("wait", 0..=LONGEST_WAIT).unwrap_or_default().unsigned_abs().into(),
            ),
            uuid: parameters.string("uuid", 1..=1024),
        };
        for name in lacks {
            parameters.error(name, "is required");
        }
        let errors = parameters.into_errors();
        if errors.is_empty() { Ok(query) } else { Err(Error::invalid_fields(errors)) }
    }
}
