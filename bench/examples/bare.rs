//! A function that answers every event with the same words: what Lambda's runtime in Rust costs by itself. `bench
//! authorize` measures it beside the function `authorize`.

use lambda_http::{
    Error, LambdaEvent,
    lambda_runtime::{self, service_fn},
};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(async |_: LambdaEvent<Value>| Ok::<_, Error>(json!({ "answer": "the same" })))).await
}
