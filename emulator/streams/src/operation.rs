//! The trait of an API operation: how it is decoded, validated, run and encoded.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{self, Path, Query, rejection::PathRejection},
    http::Response,
    routing::MethodFilter,
};
use emulator_core::{
    model::{error::ServiceError, exceptions::streams::validation},
    service::Shared,
    wire::rest_json,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::state::whole::State;

/// One operation of the GameLift Streams API.
pub(crate) trait Operation: 'static {
    /// The name in the API model, for example `GetStreamSession`.
    const NAME: &'static str;
    const METHOD: MethodFilter;
    /// The path; its labels have their names in the API model.
    const PATH: &'static str;
    /// The HTTP status of a success.
    const STATUS: u16;
    /// Its members carry the model's constraints; a violation is a `ValidationException`.
    type Input: DeserializeOwned + garde::Validate<Context = ()>;
    type Output: Serialize;

    /// Runs on a valid input, after everything due by `state.now` has happened.
    fn run(state: &mut State, input: Self::Input) -> Result<Self::Output, ServiceError>;
}

/// Decodes, validates, runs and encodes the operation `O`.
pub(crate) async fn serve<O: Operation>(
    extract::State(shared): extract::State<Arc<Shared<State>>>,
    labels: Result<Path<BTreeMap<String, String>>, PathRejection>,
    Query(query): Query<Vec<(String, String)>>,
    body: Bytes,
) -> Response<Body> {
    let (result, answer_at) = match read::<O>(labels, query, &body) {
        Ok(input) => shared.with(|state| (O::run(state, input), state.answer_at.take())),
        Err(error) => (Err(error), None),
    };
    if let Some(answer_at) = answer_at {
        shared.clock().sleep_until(answer_at).await;
    }
    match result {
        Ok(output) => rest_json::success(O::STATUS, &output),
        Err(error) => {
            // The message is not logged: for an undecodable member it quotes the value, for example a launch argument.
            tracing::info!(operation = O::NAME, exception = error.exception, "refused");
            rest_json::error(&error)
        }
    }
}

/// Decodes and validates the input of the operation `O`.
fn read<O: Operation>(
    labels: Result<Path<BTreeMap<String, String>>, PathRejection>,
    query: Vec<(String, String)>,
    body: &[u8],
) -> Result<O::Input, ServiceError> {
    // A label that is not UTF-8 matches no identifier's pattern.
    let Path(labels) = labels.map_err(|rejection| validation(rejection.body_text()))?;
    let input: O::Input = rest_json::decode(labels, query, body)?;
    garde::Validate::validate(&input).map_err(|report| validation(report.to_string().trim_end()))?;
    Ok(input)
}
