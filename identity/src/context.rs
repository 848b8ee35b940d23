//! What the functions learn of a player: the members of the authorizer's context.

use serde_json::{Map, Value};
use shared::{
    authorizer::{CLAIMS, MAX_PARTY, MEMBER, PARTY, PLAYER},
    claims::ClaimedAttribute,
};

use crate::{config::issuers::IssuerConfig, id::is_id, token::claims::Claims};

/// The most bytes of a claim for matchmaking. An attribute is shorter, and API Gateway bounds the whole context.
const MOST_BYTES: usize = 4096;

/// The claims that are passed on, each as a text: API Gateway takes no arrays and objects, so these become JSON. A text
/// with line breaks could forge lines in an access log that shows it.
pub(crate) fn of(
    issuer: &IssuerConfig,
    claims: &Claims,
    attributes: &[ClaimedAttribute],
    id: impl Fn(&str) -> String,
) -> Vec<(String, String)> {
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
    let for_matches = for_matches(issuer, claims, attributes);
    if !for_matches.is_empty() {
        members.push((CLAIMS.to_owned(), Value::from(for_matches).to_string()));
    }
    members
}

/// The claims that matchmaking uses, each as the token has it.
fn for_matches(issuer: &IssuerConfig, claims: &Claims, attributes: &[ClaimedAttribute]) -> Map<String, Value> {
    let mut known = Map::new();
    for ClaimedAttribute { claim, .. } in attributes {
        let Some(value) = claims.value(claim) else { continue };
        let text = value.to_string();
        if text.len() > MOST_BYTES || text.chars().any(char::is_control) {
            tracing::warn!(
                issuer = issuer.name,
                claim,
                "the claim has control characters or is longer than {MOST_BYTES} bytes; matchmaking goes on without it"
            );
        } else {
            known.insert(claim.clone(), value.clone());
        }
    }
    known
}

/// The members' ids as a JSON array. They are the issuer's, so they become players' ids as the subject does.
fn party(value: &Value, id: impl Fn(&str) -> String) -> Option<String> {
    let members = value.as_array().filter(|members| members.len() <= MAX_PARTY)?;
    let ids = members.iter().map(|member| member.as_str().map(&id).filter(|id| is_id(id)));
    ids.collect::<Option<Vec<_>>>().map(|ids| Value::from(ids).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::{issuers::parse_issuers, url::PlainHttp};

    #[test]
    fn claims_for_matches_keep_their_types_and_go_in_one_member() {
        let issuer = json!([{ "provider": "oidc", "issuer": "https://id.example", "audiences": ["game"] }]);
        let issuer = parse_issuers(&issuer.to_string(), PlainHttp::Never).unwrap().remove(0);
        let Value::Object(token) = json!({
            "iss": "https://id.example", "sub": "player-1", "aud": "game", "exp": 2, "iat": 1,
            "skill": 12, "clan": "12", "maps": ["dune"], "line": "a\u{85}b", "book": "a".repeat(5000), "none": null,
        }) else {
            unreachable!()
        };
        let claims = Claims::read(token).unwrap();
        let attributes = "rank=skill,clan=clan,maps=maps,line=line,book=book,none=none,other=other";
        let attributes = ClaimedAttribute::parse(attributes).unwrap();
        let context = of(&issuer, &claims, &attributes, str::to_owned);
        let expected = json!({ "skill": 12, "clan": "12", "maps": ["dune"] }).to_string();
        assert_eq!(context, [(MEMBER.to_owned(), PLAYER.to_owned()), (CLAIMS.to_owned(), expected)]);
        assert_eq!(of(&issuer, &claims, &[], str::to_owned).len(), 1);
    }
}
