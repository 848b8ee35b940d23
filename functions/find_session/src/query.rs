//! The query of a call, parsed.

use matchmaking::{
    config::{BUILD_ID, FleetConfig},
    search::{Criteria, MAX_TOKEN, Sort},
};
use shared::{
    Error,
    parameters::Parameters,
    request::{
        Member, Members,
        members::{Integer, Text},
    },
};

/// The parameters of the query.
pub const MEMBERS: &[Members] = &[Criteria::MEMBERS, &[&LIMIT, &NEXT_TOKEN, &BUILD_ID]];

/// Lambda takes 6 MB, and a game session needs a few kB.
const LIMIT: Member<Integer> = Member::integer("limit", 1..=100, "The most game sessions of the answer. Left out: 50.");

const NEXT_TOKEN: Member<Text> = Member::text(
    "next_token",
    1..=MAX_TOKEN,
    "The page to list: the header Liftgate-Next-Token of the page before. Left out: the first page.",
);

/// A client's query.
#[derive(Debug)]
pub(crate) struct Query {
    /// Which game sessions to list, and in which order.
    pub(crate) criteria: Criteria,
    /// The most game sessions of the answer.
    pub(crate) limit: usize,
    /// The token of the page; `None` for the first page.
    pub(crate) next_token: Option<String>,
    /// The game version to list, if versions have their own fleets.
    pub(crate) build_id: Option<i32>,
}

impl Query {
    /// The most game sessions of an answer without `limit`.
    const LIMIT: usize = 50;

    /// Reads the query's parameters.
    ///
    /// # Errors
    /// `INVALID_REQUEST` with every bad parameter.
    pub(crate) fn read(pairs: Vec<(String, String)>, fleets: &FleetConfig) -> Result<Self, Error> {
        let mut parameters = Parameters::new(pairs);
        let limit = parameters.integer(&LIMIT).and_then(|limit| usize::try_from(limit).ok());
        let next_token = parameters.string(&NEXT_TOKEN);
        let build_id = if fleets.builds.is_empty() {
            parameters.ignore(BUILD_ID.name);
            None
        } else {
            parameters.integer(&BUILD_ID)
        };
        let criteria = Criteria::of(&mut parameters, Sort::Newest);
        let errors = parameters.into_errors();
        if !errors.is_empty() {
            return Err(Error::invalid_fields(errors));
        }
        Ok(Self { criteria, limit: limit.unwrap_or(Self::LIMIT), next_token, build_id })
    }
}
