//! The parameters of a game server's connection.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::Error;

/// The version of the protocol, in the numbering of AWS's SDKs.
pub(crate) const SDK_VERSION: &str = "5.6.0";
pub(crate) const SDK_LANGUAGE: &str = "Rust";

/// All characters except those that no URL encodes.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The parameters of a game server's connection (`ServerParameters`).
#[derive(Clone)]
pub struct ServerParameters {
    /// `GameLiftServiceSdkEndpoint` of the compute, for example `ws://127.0.0.1:9870`.
    pub websocket_url: String,
    /// Id of this run of the game server. Every run has a different one.
    pub process_id: String,
    /// The compute that the game server runs on.
    pub host_id: String,
    /// The fleet that the compute is registered to.
    pub fleet_id: String,
    /// The token of `GetComputeAuthToken`.
    pub auth_token: String,
    /// The certificate that a `wss://` address has to show, as PEM. Without it, any certificate is accepted on this
    /// machine's own addresses, and none elsewhere.
    pub certificate_pem: Option<String>,
}

/// Shows everything except the token.
impl fmt::Debug for ServerParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerParameters")
            .field("websocket_url", &self.websocket_url)
            .field("process_id", &self.process_id)
            .field("host_id", &self.host_id)
            .field("fleet_id", &self.fleet_id)
            .finish_non_exhaustive()
    }
}

impl ServerParameters {
    /// Reads the variables that AWS's SDKs read too: `GAMELIFT_SDK_WEBSOCKET_URL`, `GAMELIFT_SDK_AUTH_TOKEN`,
    /// `GAMELIFT_SDK_PROCESS_ID` (a random id if it is missing or `ManagedResource`), `GAMELIFT_SDK_HOST_ID`,
    /// `GAMELIFT_SDK_FLEET_ID`.
    ///
    /// # Errors
    /// One of the other four is missing.
    pub fn from_env() -> Result<Self, Error> {
        let variable =
            |name| std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or(Error::MissingVariable(name));
        let process_id = variable("GAMELIFT_SDK_PROCESS_ID").ok().filter(|id| id != "ManagedResource");
        Ok(Self {
            websocket_url: variable("GAMELIFT_SDK_WEBSOCKET_URL")?,
            process_id: process_id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
            host_id: variable("GAMELIFT_SDK_HOST_ID")?,
            fleet_id: variable("GAMELIFT_SDK_FLEET_ID")?,
            auth_token: variable("GAMELIFT_SDK_AUTH_TOKEN")?,
            certificate_pem: None,
        })
    }

    /// Returns the URL with the query that identifies the game server.
    pub(crate) fn url(&self, idempotency_token: &str) -> String {
        let query = [
            ("Authorization", self.auth_token.as_str()),
            ("ComputeId", &self.host_id),
            ("FleetId", &self.fleet_id),
            ("IdempotencyToken", idempotency_token),
            ("pID", &self.process_id),
            ("sdkLanguage", SDK_LANGUAGE),
            ("sdkVersion", SDK_VERSION),
        ];
        let query = query.map(|(key, value)| format!("{key}={}", utf8_percent_encode(value, ENCODED)));
        let authority = self.websocket_url.split_once("://").map_or("", |(_, authority)| authority);
        let path = if authority.contains('/') { "" } else { "/" };
        format!("{}{path}?{}", self.websocket_url, query.join("&"))
    }
}
