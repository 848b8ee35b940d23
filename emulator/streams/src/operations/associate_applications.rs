use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{operation::Operation, state::whole::State, types::Identifier};

/// Adds applications to a stream group (`AssociateApplications`).
pub(crate) struct AssociateApplications;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    identifier: Identifier,
    #[garde(length(min = 1, max = 50), dive)]
    application_identifiers: Vec<Identifier>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    arn: String,
    /// All applications of the group (inferred).
    application_arns: Vec<String>,
}

impl Operation for AssociateApplications {
    const NAME: &'static str = "AssociateApplications";
    const METHOD: MethodFilter = MethodFilter::POST;
    const PATH: &'static str = "/streamgroups/{Identifier}/associations";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let id = state.associate(&input.identifier, &input.application_identifiers)?;
        let applications = state.groups[&id].applications.iter().map(|id| state.arns.application(id)).collect();
        Ok(Output { arn: state.arns.group(&id), application_arns: applications })
    }
}
