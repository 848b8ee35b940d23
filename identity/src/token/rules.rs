//! What an issuer's token has to say.

use std::time::Duration;

use crate::{
    config::{
        issuers::IssuerConfig,
        provider::{Provider, TokenUse},
    },
    token::{claims::Claims, refusal::Refusal, shape::Shape},
};

/// How far an issuer's clock may be ahead of this one. There is no such grace behind `exp`: clients get a new token
/// before the old one ends.
const LEEWAY: f64 = 30.0;

/// Checks everything but the signature.
pub(crate) fn check(issuer: &IssuerConfig, shape: &Shape, claims: &Claims, now: Duration) -> Result<(), Refusal> {
    let must = |holds: bool, why| if holds { Ok(()) } else { Err(Refusal(why)) };
    must(issuer.issuers.has(&claims.iss), "`iss` is not a configured issuer")?;
    must(issuer.algorithms.contains(&shape.algorithm), "`alg` is not configured for the issuer")?;
    must(issuer.typ.contains(&shape.typ), "`typ` is not configured for the issuer")?;
    times(claims, now, issuer.max_token_seconds)?;
    audience(issuer, claims)?;
    provider(issuer, claims)
}

fn times(claims: &Claims, now: Duration, most: u64) -> Result<(), Refusal> {
    let now = now.as_secs_f64();
    let most = Duration::from_secs(most).as_secs_f64();
    if claims.exp <= now {
        return Err(Refusal("the token has expired"));
    }
    if claims.iat > now + LEEWAY {
        return Err(Refusal("`iat` is in the future"));
    }
    if claims.nbf.is_some_and(|nbf| nbf > now + LEEWAY) {
        return Err(Refusal("`nbf` is in the future"));
    }
    // A time in milliseconds would make a token that never ends.
    if claims.exp - claims.iat > most || claims.exp - now > most {
        return Err(Refusal("the token's life is longer than max_token_seconds"));
    }
    Ok(())
}

fn audience(issuer: &IssuerConfig, claims: &Claims) -> Result<(), Refusal> {
    let is_ours = |audience: &str| issuer.audiences.iter().any(|ours| ours == audience);
    // Cognito's access tokens have no `aud`.
    let named = match issuer.token_use {
        Some(TokenUse::Access) => claims.text("client_id").is_some_and(is_ours),
        _ => claims.aud.iter().any(|audience| is_ours(audience)),
    };
    if !named {
        return Err(Refusal("the token is for another audience"));
    }
    let clients = if issuer.clients.is_empty() { &issuer.audiences } else { &issuer.clients };
    match claims.value("azp").map(|_| claims.text("azp")) {
        None => Ok(()),
        Some(Some(client)) if clients.iter().any(|ours| ours == client) => Ok(()),
        Some(_) => Err(Refusal("another client asked for the token (`azp`): name it in `clients`")),
    }
}

fn provider(issuer: &IssuerConfig, claims: &Claims) -> Result<(), Refusal> {
    let is_one_of =
        |name: &str, ours: &[String]| claims.text(name).is_some_and(|text| ours.iter().any(|our| our == text));
    match issuer.provider {
        Provider::Cognito => cognito(issuer, claims),
        Provider::EosConnect if !issuer.deployments.is_empty() && !is_one_of("pfdid", &issuer.deployments) => {
            Err(Refusal("the token is for another deployment (`pfdid`)"))
        }
        Provider::EosConnect if !issuer.sandboxes.is_empty() && !is_one_of("pfsid", &issuer.sandboxes) => {
            Err(Refusal("the token is for another sandbox (`pfsid`)"))
        }
        _ => Ok(()),
    }
}

fn cognito(issuer: &IssuerConfig, claims: &Claims) -> Result<(), Refusal> {
    let expected = issuer.token_use.map(TokenUse::name);
    if claims.text("token_use") != expected {
        return Err(Refusal("it is Cognito's other kind of token (`token_use`)"));
    }
    // A machine's token has no user's name. Its subject is the client.
    if issuer.token_use == Some(TokenUse::Access) && claims.text("username").is_none_or(str::is_empty) {
        return Err(Refusal("the token is a machine's and not a player's"));
    }
    Ok(())
}
