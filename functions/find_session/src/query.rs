//! The query of a call.

use matchmaking::{
    config::FleetConfig,
    search::{Criteria, MAX_TOKEN, Sort},
};
use shared::{Error, parameters::Parameters};

/// The most game sessions of an answer. Lambda takes 6 MB, of which each needs a few kB.
const MAX_LIMIT: i32 = 100;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    /// Which game sessions, in which order.
    pub(crate) criteria: Criteria,
    /// How many of them at most.
    pub(crate) limit: usize,
    /// Which page; `None` is the first.
    pub(crate) next_token: Option<String>,
    /// Only those of this game version, where versions have fleets of their own.
    pub(crate) build_id: Option<i32>,
}

impl Query {
    /// How many game sessions an answer has without `limit`.
    const LIMIT: usize = 50;

    /// Reads the query's parameters.
    ///
    /// # Errors
    /// `INVALID_REQUEST` with every bad one.
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
