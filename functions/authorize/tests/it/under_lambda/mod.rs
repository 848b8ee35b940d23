//! The real binary under a Lambda Runtime API.
//!
//! - `table`: the table of bad tokens;
//! - `key_servers`: servers of keys that are gone, slow, endless or hostile;
//! - `rates`: who sends too many requests;
//! - `settings`: modes, wrong settings, events of another type.

mod key_servers;
mod rates;
mod settings;
mod table;

use serde_json::Value;
use testing::lambda::Function;

/// The policy's resource that stands for every method and path of the stage.
const STAGE: &str = "arn:aws:execute-api:us-west-2:123456789012:q7w2e9r4t1/Prod/*/*";

/// Starts the function with these variables.
async fn start(variables: &[(&str, &str)]) -> Function {
    Function::start("authorize", env!("CARGO_BIN_EXE_authorize"), variables).await
}

/// Whether the answer lets everything pass as this player.
fn lets_in(answer: &Value, player: &str) -> bool {
    let statement = &answer["policyDocument"]["Statement"][0];
    answer["principalId"] == player
        && answer["context"]["liftgate"] == "player"
        && (&statement["Effect"], &statement["Resource"]) == (&"Allow".into(), &STAGE.into())
}

/// Whether the answer refuses everything.
fn refuses(answer: &Value) -> bool {
    let statement = &answer["policyDocument"]["Statement"][0];
    let resource = statement["Resource"].as_str();
    answer["principalId"] == "refused"
        && statement["Effect"] == "Deny"
        && answer["context"]["liftgate"].is_null()
        && (resource == Some(STAGE) || resource == Some("*"))
}

/// The sentence of a refusal.
fn detail(answer: &Value) -> &str {
    answer["context"]["detail"].as_str().unwrap()
}
