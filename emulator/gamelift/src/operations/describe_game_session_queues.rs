use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    state::whole::State,
    types::{Limit, NextToken, Page, QueueNameOrArn},
    views::queue::QueueView,
};

/// The longest page, even if `Limit` is higher.
const MAX_PAGE: usize = 50;

/// Describes all queues, or the named ones without those that are unknown (`DescribeGameSessionQueues`).
pub(crate) struct DescribeGameSessionQueues;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    names: Option<Vec<QueueNameOrArn>>,
    #[garde(dive)]
    limit: Option<Limit>,
    #[garde(dive)]
    next_token: Option<NextToken>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_session_queues: Vec<QueueView>,
    next_token: Option<NextToken>,
}

impl Operation for DescribeGameSessionQueues {
    const NAME: &'static str = "DescribeGameSessionQueues";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let page = Page::new(input.limit, input.next_token, 0, MAX_PAGE)?;
        let (queues, next_token) = match input.names.filter(|names| !names.is_empty()) {
            Some(names) => page.cut(names.iter().filter_map(|name| state.find_queue(name))),
            None => page.cut(state.queues.values()),
        };
        Ok(Output { game_session_queues: queues.into_iter().map(QueueView::from).collect(), next_token })
    }
}
