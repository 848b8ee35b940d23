use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{IdString, REQUIRED},
    views::placement::PlacementView,
};

/// Describes a placement (`DescribeGameSessionPlacement`).
pub(crate) struct DescribeGameSessionPlacement;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    placement_id: Option<IdString>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
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
