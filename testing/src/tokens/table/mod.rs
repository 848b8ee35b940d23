//! The table of bad tokens, by the numbers of the specification, and the few good ones among them.
//!
//! - `row`: one row; `whole`: all rows;
//! - `world`: the issuers, their keys, and the settings that name them;
//! - `algorithms`: rows 1 to 28, algorithms, keys and signatures;
//! - `headers`: rows 29 to 60, what a header can say;
//! - `claims`: rows 65 to 103 and 135, what a payload can say;
//! - `texts`: rows 61 to 64, 104 to 117 and 124 to 128, how a token can be written and which keys a set can have.
//!
//! Rows 36, 118 to 123 and 129 to 134 are about the servers of keys and about time. Each is a test by itself.

mod algorithms;
mod claims;
mod headers;
pub(crate) mod row;
mod texts;
pub(crate) mod whole;
mod world;
