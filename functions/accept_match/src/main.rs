//! The `accept_match` function.

use accept_match::AcceptMatch;
use matchmaking::{config::AdmissionConfig, ticket_function};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    ticket_function::run_with(AdmissionConfig::from_env, |admission, gamelift, store| {
        Ok(AcceptMatch::new(gamelift, store).with_admission(&admission))
    })
    .await
}
