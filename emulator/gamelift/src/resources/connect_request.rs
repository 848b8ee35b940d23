//! How a game server connects.

/// How a game server connects (`InitSDK`).
#[derive(Clone, Default)]
pub struct ConnectRequest {
    /// Id or ARN.
    pub fleet_id: String,
    /// The compute that it runs on.
    pub compute_name: String,
    /// Names this run of the game server. Without one it gets one.
    pub process_id: Option<String>,
    /// The same whenever one `InitSDK` connects again. SDKs before 5.1 have none.
    pub idempotency_token: Option<String>,
    /// The token of `GetComputeAuthToken`. `None`: the caller has proven itself otherwise.
    pub authorization: Option<String>,
}

/// Without the secret.
impl std::fmt::Debug for ConnectRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectRequest")
            .field("fleet_id", &self.fleet_id)
            .field("compute_name", &self.compute_name)
            .field("process_id", &self.process_id)
            .finish_non_exhaustive()
    }
}
