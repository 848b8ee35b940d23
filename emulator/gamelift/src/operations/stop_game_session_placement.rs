use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{IdString, REQUIRED},
    views::placement::PlacementView,
};

/// Cancels a placement that has no game session yet (`StopGameSessionPlacement`).
pub(crate) struct StopGameSessionPlacement;

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

impl Operation for StopGameSessionPlacement {
    const NAME: &'static str = "StopGameSessionPlacement";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let IdString(id) = input.placement_id.expect(REQUIRED);
        state.stop_placement(&id)?;
        Ok(Output { game_session_placement: PlacementView::of(state.placement(&id)?, state) })
    }
}
