//! The request of a game server to connect.

/// The request of a game server to connect (`InitSDK`).
#[derive(Clone, Default)]
pub struct ConnectRequest {
    /// The fleet's id or ARN.
    pub fleet_id: String,
    /// The compute that the game server runs on.
    pub compute_name: String,
    /// The id of this run of the game server. `None`: the service makes one up.
    pub process_id: Option<String>,
    /// The same token each time that one `InitSDK` connects again. SDKs before 5.1 send none.
    pub idempotency_token: Option<String>,
    /// The token of `GetComputeAuthToken`. `None`: the caller has authenticated in another way.
    pub authorization: Option<String>,
}

/// Leaves the secret out.
impl std::fmt::Debug for ConnectRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectRequest")
            .field("fleet_id", &self.fleet_id)
            .field("compute_name", &self.compute_name)
            .field("process_id", &self.process_id)
            .finish_non_exhaustive()
    }
}
