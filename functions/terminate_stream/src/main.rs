//! The `terminate_stream` function.

use shared::{config::StreamConfig, lambda, streams::GetStreamSession};
use terminate_stream::TerminateStream;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(async |aws| {
        let config = StreamConfig::from_env()?;
        let streams = shared::aws::streams(&aws);
        // Refused, since there is no such stream session; the connection is open all the same.
        lambda::warm_up(GetStreamSession::get_stream_session(&streams, &config.stream_group, "warm-up")).await;
        Ok(TerminateStream::new(streams, config))
    })
    .await
}
