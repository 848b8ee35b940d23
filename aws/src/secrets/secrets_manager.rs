//! A secret in AWS Secrets Manager.

use std::fmt;

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::{Client, operation::get_secret_value::GetSecretValueError};
use shared::Error;

use crate::{
    clients,
    secrets::api::{Reading, Secrets, Stage},
    upstream::{failure, operation::Operation},
};

/// A secret in AWS Secrets Manager.
#[derive(Clone)]
pub struct SecretsManager {
    client: Client,
    id: String,
    variable: &'static str,
}

impl SecretsManager {
    /// The secret with the ARN or name `id`, which `variable` configures. `aws` has Region, credentials and HTTP
    /// client.
    pub fn new(aws: &SdkConfig, variable: &'static str, id: impl Into<String>) -> Self {
        Self { client: clients::secrets_manager(aws), id: id.into(), variable }
    }

    async fn look(&self, stage: Stage) -> Result<Option<String>, Error> {
        let call = self.client.get_secret_value().secret_id(&self.id).version_stage(stage.name());
        let found = match call.send().await {
            Ok(found) => found,
            // The secret exists, but has no version of this stage: there is no rotation under way, or was none yet.
            Err(error)
                if stage != Stage::Current
                    && error.as_service_error().is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(self.named(failure::error(Operation::GetSecretValue, error))),
        };
        let text = found.secret_string.map(|text| text.trim().to_owned());
        text.map(Some).ok_or_else(|| Error::bad_variable(self.variable, "names a secret that is not a text."))
    }

    /// The error, with the variable of the secret: a function has several.
    fn named(&self, error: Error) -> Error {
        let detail = format!("The secret of {} cannot be read. {}", self.variable, error.detail());
        let code = error.code();
        error.with_code(code, detail)
    }
}

impl Secrets for SecretsManager {
    fn read(&self, stage: Stage) -> Reading<'_> {
        Box::pin(self.look(stage))
    }
}

impl fmt::Debug for SecretsManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretsManager").field("variable", &self.variable).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
