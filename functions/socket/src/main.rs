//! The `socket` function.

use lambda_http::{
    LambdaEvent,
    lambda_runtime::{self, service_fn},
};
use serde_json::Value;
use shared::lambda;
use socket::Socket;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_log();
    let function = Socket::from_env().await;
    let function = &function;
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Value>| {
        Ok::<_, lambda_http::Error>(function.answer(&event.payload).await)
    }))
    .await
}
