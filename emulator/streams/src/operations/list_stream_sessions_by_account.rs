use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::Deserialize;

use super::list_stream_sessions::{Filter, Output, list};
use crate::{
    operation::Operation,
    state::{pages::Page, whole::State},
};

/// Lists the stream sessions of all stream groups (`ListStreamSessionsByAccount`).
pub(crate) struct ListStreamSessionsByAccount;

#[derive(Deserialize, Validate)]
pub(crate) struct Input {
    #[serde(flatten)]
    #[garde(dive)]
    filter: Filter,
    #[serde(flatten)]
    #[garde(dive)]
    page: Page,
}

impl Operation for ListStreamSessionsByAccount {
    const NAME: &'static str = "ListStreamSessionsByAccount";
    const METHOD: MethodFilter = MethodFilter::GET;
    const PATH: &'static str = "/streamsessions";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        list(state, &input.page, &input.filter, None)
    }
}
