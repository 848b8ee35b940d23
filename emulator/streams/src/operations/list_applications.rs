use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    state::{pages::Page, whole::State},
    views::application::ApplicationSummary,
};

/// Lists applications in no particular order (`ListApplications`).
pub(crate) struct ListApplications;

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    items: Vec<ApplicationSummary>,
    next_token: Option<String>,
}

impl Operation for ListApplications {
    const NAME: &'static str = "ListApplications";
    const METHOD: MethodFilter = MethodFilter::GET;
    const PATH: &'static str = "/applications";
    const STATUS: u16 = 200;
    type Input = Page;
    type Output = Output;

    fn run(state: &mut State, input: Page) -> Result<Output, ServiceError> {
        let ids = state.applications.keys().cloned().collect();
        let (ids, next_token) = state.page(&input, Self::NAME, ids)?;
        let items = ids.iter().map(|id| ApplicationSummary::new(state, &state.applications[id])).collect();
        Ok(Output { items, next_token })
    }
}
