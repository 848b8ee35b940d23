//! An operation by its name.

use aws_sdk_gamelift::Client;
use serde_json::Value;

use crate::conformance::sdk::{client::Exception, fleets, game_servers, game_sessions, matchmaking, queues};

/// Defines `send` for the operations of a topic: name, method of the client, setters with the type of their member.
macro_rules! operations {
    ($($name:literal => $method:ident { $($setter:ident: $kind:ident $member:literal,)* })*) => {
        /// Calls an operation; `None` if it is not of this topic.
        pub(crate) async fn send(
            client: &aws_sdk_gamelift::Client,
            operation: &str,
            input: &serde_json::Value,
        ) -> Option<Result<(), $crate::conformance::sdk::client::Exception>> {
            match operation {
                $($name => {
                    let call = client.$method()$(.$setter($kind(&input[$member])))*;
                    Some(call.send().await.map(drop).map_err($crate::conformance::sdk::client::exception))
                })*
                _ => None,
            }
        }
    };
}
pub(crate) use operations;

/// Calls an operation.
pub(crate) async fn send(client: &Client, operation: &str, input: &Value) -> Result<(), Exception> {
    macro_rules! first {
        ($($topic:ident)*) => {
            $(if let Some(answer) = Box::pin($topic::send(client, operation, input)).await {
                return answer;
            })*
        };
    }
    first!(fleets game_sessions queues matchmaking game_servers);
    panic!("no topic has {operation}")
}
