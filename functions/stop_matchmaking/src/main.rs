//! The `stop_matchmaking` function.

use matchmaking::{config::AdmissionConfig, ticket_function};
use stop_matchmaking::StopMatchmaking;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    ticket_function::run_with(AdmissionConfig::from_env, |admission, gamelift, store| {
        Ok(StopMatchmaking::new(gamelift, store).with_admission(&admission))
    })
    .await
}
