//! The table as Amazon DynamoDB has it.
//!
//! - `adapter`: the calls;
//! - `expression`: conditions and changes in DynamoDB's expressions;
//! - `values`: items in the SDK's form.

pub(crate) mod adapter;
mod expression;
mod values;

pub use self::adapter::DynamoDb;
