use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    state::{pages::Page, whole::State},
    views::group::GroupSummary,
};

/// Lists stream groups in no particular order (`ListStreamGroups`).
pub(crate) struct ListStreamGroups;

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    items: Vec<GroupSummary>,
    next_token: Option<String>,
}

impl Operation for ListStreamGroups {
    const NAME: &'static str = "ListStreamGroups";
    const METHOD: MethodFilter = MethodFilter::GET;
    const PATH: &'static str = "/streamgroups";
    const STATUS: u16 = 200;
    type Input = Page;
    type Output = Output;

    fn run(state: &mut State, input: Page) -> Result<Output, ServiceError> {
        let ids = state.groups.keys().cloned().collect();
        let (ids, next_token) = state.page(&input, Self::NAME, ids)?;
        let items = ids.iter().map(|id| GroupSummary::new(state, &state.groups[id])).collect();
        Ok(Output { items, next_token })
    }
}
