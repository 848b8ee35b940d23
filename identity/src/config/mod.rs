//! Whom to believe, from the environment.
//!
//! - `settings`: all of it, [`IdentityConfig`], and the [`Mode`];
//! - `issuers`: the JSON of `LIFTGATE_ISSUERS`, one [`IssuerConfig`] an object;
//! - `denied`: the players who are refused, [`DeniedPlayers`];
//! - `provider`: what is known of each [`Provider`], so that nobody has to write it;
//! - `fields`: reading an object member by member;
//! - `url`: the addresses that may be asked for keys.

pub(crate) mod denied;
pub(crate) mod fields;
pub(crate) mod issuers;
pub(crate) mod provider;
pub(crate) mod settings;
pub(crate) mod url;

pub use self::{
    denied::DeniedPlayers,
    issuers::{IssuerConfig, Issuers, KeysFrom, parse_issuers},
    provider::{Provider, TokenUse},
    settings::{IdentityConfig, Mode, PlanKeys, PlayerRates},
    url::PlainHttp,
};
