//! A secret in AWS Secrets Manager.

use std::{fmt, time::Duration};

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::{
    Client,
    config::{self, retry::RetryConfig, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata as _, SdkError},
    operation::{RequestId as _, get_secret_value::GetSecretValueError},
};
use shared::error::{Code, Error, Upstream};

use crate::own::secrets::{Reading, Secrets, Stage};

const OPERATION: &str = "GetSecretValue";

/// A look-up is in the way of a player, so it is short. A text that is known already outlives its failure.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_500);
const TIMEOUT: Duration = Duration::from_secs(3);
const ATTEMPTS: u32 = 2;
const FIRST_BACKOFF: Duration = Duration::from_millis(200);

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
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(TIMEOUT)
            .build();
        let config = config::Builder::from(aws)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_BACKOFF));
        Self { client: Client::from_conf(config.build()), id: id.into(), variable }
    }

    async fn look(&self, stage: Stage) -> Result<Option<String>, Error> {
        let call = self.client.get_secret_value().secret_id(&self.id).version_stage(stage.name());
        let found = match call.send().await {
            Ok(found) => found,
            // The secret exists, but has no version of this stage: there is no rotation under way, or was none yet.
            Err(error) if stage != Stage::Current && is_not_found(&error) => return Ok(None),
            Err(error) => return Err(self.failure(&error)),
        };
        let text = found.secret_string.map(|text| text.trim().to_owned());
        text.map(Some).ok_or_else(|| Error::bad_variable(self.variable, "names a secret that is not a text."))
    }

    fn failure(&self, error: &SdkError<GetSecretValueError>) -> Error {
        let (code, why) = meaning(error);
        let upstream = Upstream {
            operation: OPERATION,
            exception: error.code().map(str::to_owned),
            message: error.message().unwrap_or("no answer").to_owned(),
            request_id: error.request_id().map(str::to_owned),
        };
        let detail = format!("The secret of the environment variable {} {why}", self.variable);
        Error::new(code, detail).with_upstream(upstream)
    }
}

fn is_not_found(error: &SdkError<GetSecretValueError>) -> bool {
    error.as_service_error().is_some_and(GetSecretValueError::is_resource_not_found_exception)
}

/// The code of a failed look-up, and the rest of a sentence about it.
fn meaning(error: &SdkError<GetSecretValueError>) -> (Code, &'static str) {
    match error.code() {
        Some("ResourceNotFoundException") => {
            (Code::BackendMisconfigured, "does not exist in this account and Region, or has no version AWSCURRENT.")
        }
        Some("InvalidRequestException") => {
            (Code::BackendMisconfigured, "cannot be read: it is scheduled for deletion, or another service manages it.")
        }
        Some("InvalidParameterException" | "ValidationException") => {
            (Code::BackendMisconfigured, "has no valid name: set the secret's ARN.")
        }
        Some("AccessDeniedException" | "AccessDenied") => {
            (Code::BackendNotPermitted, "may not be read: allow the function secretsmanager:GetSecretValue on it.")
        }
        Some("DecryptionFailure" | "DecryptionFailureException") => {
            (Code::BackendNotPermitted, "cannot be decrypted: allow the function kms:Decrypt with the secret's key.")
        }
        Some(
            "ExpiredTokenException" | "ExpiredToken" | "UnrecognizedClientException" | "InvalidSignatureException",
        ) => {
            (Code::CredentialsExpired, "cannot be read: the function's AWS credentials have expired or are not valid.")
        }
        _ => (Code::UpstreamUnavailable, "could not be read just now: AWS Secrets Manager did not give it."),
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
