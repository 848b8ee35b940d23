//! GameLift's API as a game server calls it.

use std::{net::SocketAddr, time::Duration};

use emulator_core::signature::AccessKey;
use serde_json::Value;

use crate::net::ready::SAMPLE_SERVER;

/// How long one call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The API at one address.
pub(crate) struct Api {
    client: reqwest::Client,
    url: String,
    key: Option<AccessKey>,
}

/// The reason why a call failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// An exception of GameLift.
    #[error("{name}: {message}")]
    Exception { name: String, message: String },
    /// The call was not answered.
    #[error("{0}")]
    NoAnswer(#[from] reqwest::Error),
}

impl ApiError {
    /// Whether the resource does not exist.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Exception { name, .. } if name == "NotFoundException")
    }
}

impl Api {
    pub(crate) fn new(address: SocketAddr, key: Option<AccessKey>) -> Result<Self, ApiError> {
        let client = reqwest::Client::builder().no_proxy().user_agent(SAMPLE_SERVER).timeout(CALL_TIMEOUT).build()?;
        Ok(Self { client, url: format!("http://{address}/"), key })
    }

    /// Calls an operation, in AWS JSON.
    pub(crate) async fn call(&self, operation: &'static str, input: &Value) -> Result<Value, ApiError> {
        let body = input.to_string();
        let mut request = self
            .client
            .post(&self.url)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("GameLift.{operation}"));
        if let Some(key) = &self.key {
            for (name, value) in key.sign_for_gamelift(&self.url, body.as_bytes()) {
                request = request.header(name, value);
            }
        }
        let answer = request.body(body).send().await?;
        let succeeded = answer.status().is_success();
        let output: Value = answer.json().await?;
        if succeeded {
            return Ok(output);
        }
        let text = |member: &str| output[member].as_str().unwrap_or_default().to_owned();
        Err(ApiError::Exception { name: text("__type"), message: text("Message") })
    }
}
