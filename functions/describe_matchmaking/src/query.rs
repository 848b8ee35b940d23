//! The query of a call.

use std::time::Duration;

use matchmaking::tickets::TICKET_ID;
use shared::{
    Error,
    parameters::Parameters,
    player::UUID,
    request::{Member, Members, members::Integer},
};

/// The parameters of the query.
pub const MEMBERS: Members = &[&TICKET_ID.required(), &WAIT, &UUID];

/// The call has time left for a look and an answer.
const WAIT: Member<Integer> =
    Member::integer("wait", 0..=20, "Seconds to wait for news of an open search. Left out: 0.");

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
        let mut parameters = Parameters::new(pairs);
        let query = Self {
            ticket_id: parameters.string(&TICKET_ID.required()).unwrap_or_default(),
            wait: Duration::from_secs(parameters.integer(&WAIT).unwrap_or_default().unsigned_abs().into()),
            uuid: if trusts_query { parameters.string(&UUID.required()) } else { parameters.string(&UUID) },
        };
        let errors = parameters.into_errors();
        if errors.is_empty() { Ok(query) } else { Err(Error::invalid_fields(errors)) }
    }
}
