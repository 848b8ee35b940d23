//! The query of a call, parsed.

use matchmaking::{
    config::FleetConfig,
    search::{Criteria, MAX_TOKEN, Sort},
};
use shared::{Error, parameters::Parameters};

/// The most game sessions of an answer. Lambda takes 6 MB, and a game session needs a few kB.
const MAX_LIMIT: i32 = 100;

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
        let limit = parameters.integer("limit", 1..=MAX_LIMIT).and_then(|limit| usize::try_from(limit).ok());
        let next_token = parameters.string("next_token", 1..=MAX_TOKEN);
        let build_id = if fleets.builds.is_empty() {
            parameters.ignore("build_id");
            None
        } else {
            parameters.integer("build_id", i32::MIN..=i32::MAX)
        };
        let criteria = Criteria::of(&mut parameters, Sort::Newest);
        let errors = parameters.into_errors();
        if !errors.is_empty() {
            return Err(Error::invalid_fields(errors));
        }
        Ok(Self { criteria, limit: limit.unwrap_or(Self::LIMIT), next_token, build_id })
    }
}
