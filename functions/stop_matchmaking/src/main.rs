//! The `stop_matchmaking` function.

use matchmaking::ticket_function;
use stop_matchmaking::StopMatchmaking;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    ticket_function::run(|gamelift, store| Ok(StopMatchmaking::new(gamelift, store))).await
}
