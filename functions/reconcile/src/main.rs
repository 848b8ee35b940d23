//! The `reconcile` function.

use lambda_http::{
    LambdaEvent,
    lambda_runtime::{self, service_fn},
};
use reconcile::Reconcile;
use serde_json::Value;
use shared::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_log();
    let function = Reconcile::from_env().await;
    let function = &function;
    // The schedule's event has nothing to read.
    lambda_runtime::run(service_fn(async move |_: LambdaEvent<Value>| {
        function.run().await.map_err(lambda_http::Error::from)
    }))
    .await
}
