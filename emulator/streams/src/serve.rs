//! A call of an operation, from its request to its answer.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{Path, Query, State, rejection::PathRejection},
    http::Response,
};
use emulator_core::{
    model::{error::ServiceError, exceptions::streams::validation},
    wire::rest_json,
};

use crate::{operation::Operation, service::Streams};

/// Decodes, validates, runs and encodes the operation `O`.
pub(crate) async fn serve<O: Operation>(
    State(streams): State<Arc<Streams>>,
    labels: Result<Path<BTreeMap<String, String>>, PathRejection>,
    Query(query): Query<Vec<(String, String)>>,
    body: Bytes,
) -> Response<Body> {
    let (result, answer_at) = match read::<O>(labels, query, &body) {
        Ok(input) => streams.with_state(|state| (O::run(state, input), state.answer_at.take())),
        Err(error) => (Err(error), None),
    };
    if let Some(answer_at) = answer_at {
        streams.clock().sleep_until(answer_at).await;
    }
    match result {
        Ok(output) => rest_json::success(O::STATUS, &output),
        Err(error) => {
            // Without the message: that of an undecodable member quotes it, a launch argument say.
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
