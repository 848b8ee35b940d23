//! The `terminate_stream` function.

use aws::{clients, streams::GetStreamSession};
use matchmaking::{config::StreamConfig, limits::Rated};
use shared::lambda;
use store::Store;
use terminate_stream::TerminateStream;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(async || {
        let aws = clients::settings().await?;
        let config = StreamConfig::from_env()?;
        let streams = clients::streams(&aws);
        // There is no such stream session, so the call is refused; but it opens the connection.
        lambda::warm_up(GetStreamSession::get_stream_session(&streams, &config.stream_group, "warm-up")).await;
        let store = Store::from_env(&aws);
        Rated::from_env(TerminateStream::new(streams, config).with_store(store.clone()), store)
    })
    .await
}
