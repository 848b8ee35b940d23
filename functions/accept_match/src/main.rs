//! The `accept_match` function.

use accept_match::AcceptMatch;
use matchmaking::ticket_function;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    ticket_function::run(|gamelift, store| Ok(AcceptMatch::new(gamelift, store))).await
}
