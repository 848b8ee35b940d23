//! Tokens, good and bad, and the servers that issuers keep their keys on.
//!
//! - [`Signer`]: a key pair of an issuer;
//! - [`Token`]: a token, good until it is changed;
//! - [`Table`]: the table of bad tokens: settings, and a [`Row`] for each. The function `authorize` and the local
//!   gateway go through the same rows;
//! - [`KeyServer`]: a server of keys, good or hostile; [`Hostile`]: the issuers of the rows about servers;
//! - [`rows_of_tests`]: the rows that tests name;
//! - [`event`]: a row as API Gateway's event for an authorizer.

pub mod event;
mod hostile;
mod named;
mod server;
mod signer;
mod table;
mod token;
mod weak_rsa;

pub use self::{
    hostile::Hostile,
    named::rows_of_tests,
    server::{Answer, KeyServer},
    signer::Signer,
    table::{
        row::{Expected, Row},
        whole::Table,
    },
    token::{Token, now},
};
