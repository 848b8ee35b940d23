use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{operation::Operation, state::whole::State, types::Identifier};

/// Removes applications from a stream group (`DisassociateApplications`). They start no more stream sessions there;
/// running ones continue.
pub(crate) struct DisassociateApplications;

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
    /// The applications that the request named (inferred).
    application_arns: Vec<String>,
}

impl Operation for DisassociateApplications {
    const NAME: &'static str = "DisassociateApplications";
    const METHOD: MethodFilter = MethodFilter::POST;
    const PATH: &'static str = "/streamgroups/{Identifier}/disassociations";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let (id, applications) = state.disassociate(&input.identifier, &input.application_identifiers)?;
        let applications = applications.iter().map(|id| state.arns.application(id)).collect();
        Ok(Output { arn: state.arns.group(&id), application_arns: applications })
    }
}
