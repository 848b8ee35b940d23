use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        state::State,
        types::{IdString, REQUIRED},
        views::PlacementView,
    },
};

/// Describes a placement (`DescribeGameSessionPlacement`).
pub(in crate::gamelift) struct DescribeGameSessionPlacement;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    placement_id: Option<IdString>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {
    game_session_placement: PlacementView,
}

impl Operation for DescribeGameSessionPlacement {
    const NAME: &'static str = "DescribeGameSessionPlacement";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let placement = state.placement(&input.placement_id.expect(REQUIRED).0)?;
        Ok(Output { game_session_placement: PlacementView::of(placement, state) })
    }
}
