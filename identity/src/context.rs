//! What the functions learn of a player: the members of the authorizer's context.

use serde_json::Value;
use shared::authorizer::{MAX_PARTY, MEMBER, PARTY, PLAYER};

use crate::{config::issuers::IssuerConfig, id::is_id, token::claims::Claims};

/// The claims that are passed on, each as a text: API Gateway takes no arrays and objects, so these become JSON. A text
/// with line breaks could forge lines in an access log that shows it.
pub(crate) fn of(issuer: &IssuerConfig, claims: &Claims, id: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let mut members = vec![(MEMBER.to_owned(), PLAYER.to_owned())];
    for name in &issuer.claims {
        let text = match claims.value(name) {
            None => continue,
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        };
        if text.chars().any(char::is_control) {
            tracing::warn!(issuer = issuer.name, claim = name, "the claim has control characters; it is left out");
        } else {
            members.push((name.clone(), text));
        }
    }
    if let Some(value) = issuer.party_claim.as_ref().and_then(|name| claims.value(name)) {
        match party(value, id) {
            Some(party) => members.push((PARTY.to_owned(), party)),
            None => tracing::warn!(
                issuer = issuer.name,
                "party_claim is no array of at most {MAX_PARTY} players' ids; it is left out"
            ),
        }
    }
    members
}

/// The members' ids as a JSON array. They are the issuer's, so they become players' ids as the subject does.
fn party(value: &Value, id: impl Fn(&str) -> String) -> Option<String> {
    let members = value.as_array().filter(|members| members.len() <= MAX_PARTY)?;
    let ids = members.iter().map(|member| member.as_str().map(&id).filter(|id| is_id(id)));
    ids.collect::<Option<Vec<_>>>().map(|ids| Value::from(ids).to_string())
}
