//! Tokens, good and bad, and the servers that issuers keep their keys on.
//!
//! - [`Signer`]: a key pair of an issuer;
//! - [`Token`]: a token, good until it is changed;
//! - [`Table`]: the table of bad tokens: settings, and a [`Row`] for each. The function `authorize` and the local
//!   gateway go through the same rows;
//! - [`KeyServer`]: a server of keys over TLS, good or hostile;
//! - [`event`]: a row as API Gateway's event for an authorizer.

pub mod event;
mod server;
mod signer;
mod table;
mod token;
mod weak_rsa;

pub use self::{
    server::{Answer, KeyServer},
    signer::Signer,
    table::{
        row::{Expected, Row},
        whole::Table,
    },
    token::{Token, now},
};
