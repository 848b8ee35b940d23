//! The `record_event` function.

use lambda_http::{
    LambdaEvent,
    lambda_runtime::{self, service_fn},
};
use record_event::RecordEvent;
use serde_json::Value;
use shared::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_log();
    let function = RecordEvent::from_env().await;
    let function = &function;
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Value>| {
        function.record(&event.payload).await.map_err(lambda_http::Error::from)
    }))
    .await
}
