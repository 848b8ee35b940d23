use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{REQUIRED, TicketId},
    views::matchmaking_ticket::TicketView,
};

/// Describes matchmaking tickets, without those that are unknown (`DescribeMatchmaking`).
pub(crate) struct DescribeMatchmaking;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, length(max = 10), dive)]
    ticket_ids: Option<Vec<TicketId>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    ticket_list: Vec<TicketView>,
}

impl Operation for DescribeMatchmaking {
    const NAME: &'static str = "DescribeMatchmaking";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let ids = input.ticket_ids.expect(REQUIRED);
        let known = ids.iter().filter_map(|id| state.ticket(&id.0).ok());
        Ok(Output { ticket_list: known.map(|ticket| TicketView::of(ticket, state)).collect() })
    }
}
