//! A token's way to a player: the issuer first, by the configuration, then its key, then the signature.

use std::time::Duration;

use jsonwebtoken::{DecodingKey, Validation, decode};
use serde::de::IgnoredAny;

use crate::{
    config::{issuers::IssuerConfig, provider::TokenUse},
    keys::store::{Found, KeyStore},
    token::{
        claims::Claims,
        refusal::{Failure, Refusal},
        rules,
        shape::Shape,
    },
};

/// An issuer and its keys.
#[derive(Debug)]
pub(crate) struct Trusted {
    pub(crate) issuer: IssuerConfig,
    pub(crate) keys: KeyStore,
    /// Whether its subjects are players' ids already. Liftgate's own are.
    pub(crate) is_own: bool,
}

/// Checks a token. The result is the issuer that made it, and its claims.
pub(crate) async fn verify<'a>(
    trusted: &'a [Trusted],
    token: &str,
    now: Duration,
) -> Result<(&'a Trusted, Claims), Failure> {
    let mut shape = Shape::read(token)?;
    let claims = Claims::read(std::mem::take(&mut shape.payload))?;
    let mut failure = Failure::Refused(Refusal("`iss` is not a configured issuer"));
    // Several may fit one `iss`: Epic has two kinds of accounts, and an issuer may have other keys for another
    // audience.
    for candidate in trusted.iter().filter(|candidate| candidate.issuer.issuers.has(&claims.iss)) {
        match signed(candidate, &shape, &claims, token, now).await {
            Ok(()) => return Ok((candidate, claims)),
            // Keys that cannot be had might have been the right ones.
            Err(_) if failure == Failure::KeysUnavailable => {}
            Err(this) => failure = this,
        }
    }
    Err(failure)
}

async fn signed(
    candidate: &Trusted,
    shape: &Shape,
    claims: &Claims,
    token: &str,
    now: Duration,
) -> Result<(), Failure> {
    // Before the key: a token that is wrong anyway must not cause a load.
    rules::check(&candidate.issuer, shape, claims, now)?;
    match candidate.keys.find(&shape.kid).await {
        Found::Key(keys, place) if keys[place].takes(shape.algorithm) => {
            let validation = validation(&candidate.issuer, shape, claims);
            Ok(signature(token, &keys[place].decoding, &validation)?)
        }
        Found::Key(..) => Err(Refusal("the key is not for `alg`").into()),
        Found::Unknown => Err(Refusal("the issuer has no key with this `kid`").into()),
        Found::Unavailable => Err(Failure::KeysUnavailable),
    }
}

fn signature(token: &str, key: &DecodingKey, validation: &Validation) -> Result<(), Refusal> {
    decode::<IgnoredAny>(token, key, validation).map(|_| ()).map_err(|_| Refusal("the signature does not fit"))
}

/// The library's own checks, as strict as they can be. The times are checked already, by a clock that tests set.
fn validation(issuer: &IssuerConfig, shape: &Shape, claims: &Claims) -> Validation {
    let mut validation = Validation::new(shape.algorithm);
    validation.validate_exp = false;
    validation.set_issuer(&[&claims.iss]);
    match issuer.token_use {
        // Without `aud`; `client_id` is checked already.
        Some(TokenUse::Access) => {
            validation.validate_aud = false;
            validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        }
        _ => {
            validation.set_audience(&issuer.audiences);
            validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        }
    }
    validation
}
