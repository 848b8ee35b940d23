//! The `authorize` function.

use authorize::Authorize;
use lambda_http::{
    LambdaEvent,
    lambda_runtime::{self, service_fn},
};
use serde_json::Value;
use shared::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_log();
    let authorize = Authorize::from_env().await;
    let authorize = &authorize;
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Value>| {
        authorize.answer(&event.payload).await.map_err(lambda_http::Error::from)
    }))
    .await
}
