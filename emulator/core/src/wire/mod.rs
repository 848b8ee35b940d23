//! The protocols of the AWS SDKs, without the operations' meaning.
//!
//! | protocol | spoken by | service |
//! |---|---|---|
//! | [`aws_json`] 1.1 | boto3, the AWS CLI, the JavaScript SDK | GameLift |
//! | [`rpc_v2_cbor`] | the Rust SDK since 1.109 | GameLift |
//! | [`rest_json`] | every SDK | GameLift Streams |

pub mod aws_json;
pub mod epoch;
pub mod protocol;
mod request_id;
pub mod rest_json;
pub mod rpc_v2_cbor;
