//! Attributes of a player that come from the authorizer and never from the client, such as a rank: nobody chooses their
//! own.
//!
//! `LIFTGATE_MATCHMAKING_CLAIMS` names them. Liftgate's own authorizer copies their claims from the token into its
//! context ([`authorizer::CLAIMS`]), where each keeps its type. Other authorizers hand on texts: a text that is JSON for a number, a
//! list or an object counts as that.

use lambda_http::Request;
use serde_json::Value;

use crate::{
    authorizer::{self, Claim},
    config::environment::{list, variable},
    error::Error,
};

/// The variable that names the attributes and their claims.
pub const VARIABLE: &str = "LIFTGATE_MATCHMAKING_CLAIMS";

/// The most attributes of a player in GameLift.
pub const MOST_ATTRIBUTES: usize = 10;

/// What follows the name of an attribute whose claim stays a text, whatever it looks like.
const TEXT: &str = ":string";

/// An attribute that comes from a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedAttribute {
    /// The attribute's name in the rule set.
    pub attribute: String,
    /// The claim of the token, or the member of another authorizer's context.
    pub claim: String,
    /// Whether the attribute is a string even if the claim looks like a number, a list or an object.
    is_text: bool,
}

impl ClaimedAttribute {
    /// Reads what the environment names.
    ///
    /// # Errors
    /// Those of [`ClaimedAttribute::parse`].
    pub fn from_env() -> Result<Vec<Self>, Error> {
        Self::parse(&variable(VARIABLE).unwrap_or_default())
    }

    /// Reads `attribute=claim,attribute=claim`.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for another form, an attribute that is there twice, and more than GameLift takes.
    pub fn parse(value: &str) -> Result<Vec<Self>, Error> {
        let items = list(value);
        if items.len() > MOST_ATTRIBUTES {
            let why = format!("names {} attributes; a player has at most {MOST_ATTRIBUTES}.", items.len());
            return Err(Error::bad_variable(VARIABLE, why));
        }
        let mut all: Vec<Self> = Vec::new();
        for item in items {
            let claimed = Self::parse_one(&item)?;
            if all.iter().any(|other| other.attribute == claimed.attribute) {
                let why = format!("names the attribute {:?} twice; it can come from one claim.", claimed.attribute);
                return Err(Error::bad_variable(VARIABLE, why));
            }
            all.push(claimed);
        }
        Ok(all)
    }

    fn parse_one(item: &str) -> Result<Self, Error> {
        let (attribute, claim) = item.split_once('=').unwrap_or((item, ""));
        let (attribute, claim) = (attribute.trim(), claim.trim());
        let (attribute, is_text) = attribute.strip_suffix(TEXT).map_or((attribute, false), |name| (name, true));
        if attribute.is_empty() || claim.is_empty() {
            let why = format!(
                "has {item:?}. Write each as attribute=claim, such as skill=custom:skill, or as attribute:string=claim for one that is a string although it can look like a number."
            );
            return Err(Error::bad_variable(VARIABLE, why));
        }
        Ok(Self { attribute: attribute.to_owned(), claim: claim.to_owned(), is_text })
    }

    /// The claim's value in `request`; `None` if the authorizer says none, or an empty one.
    pub(crate) fn of(&self, request: &Request) -> Option<Value> {
        let value = match authorizer::claim(request, &self.claim)? {
            Claim::Typed(Value::Number(number)) if self.is_text => number.to_string().into(),
            Claim::Text(text) if !self.is_text => of_text(text),
            Claim::Text(text) => text.into(),
            Claim::Typed(value) => value,
        };
        (!value.is_null() && value != "").then_some(value)
    }
}

/// A text of another authorizer, which had a number, a list or an object to hand on.
fn of_text(text: String) -> Value {
    match serde_json::from_str(&text) {
        Ok(value @ (Value::Number(_) | Value::Array(_) | Value::Object(_))) => value,
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn one(item: &str) -> ClaimedAttribute {
        ClaimedAttribute::parse(item).unwrap().remove(0)
    }

    /// A request of a REST API whose authorizer has answered so.
    fn request(authorizer: &Value) -> Request {
        let event = json!({
            "httpMethod": "POST", "path": "/start_matchmaking", "headers": {}, "multiValueHeaders": {}, "body": "{}",
            "isBase64Encoded": false,
            "requestContext": { "requestId": "r", "httpMethod": "POST", "authorizer": authorizer },
        });
        lambda_http::request::from_str(&event.to_string()).unwrap()
    }

    /// A request of an HTTP API with a JWT authorizer.
    fn http_request(claims: &Value) -> Request {
        let event = json!({
            "version": "2.0", "routeKey": "$default", "rawPath": "/start_matchmaking", "rawQueryString": "",
            "headers": {}, "body": "{}", "isBase64Encoded": false,
            "requestContext": {
                "requestId": "r", "stage": "$default", "timeEpoch": 0,
                "authorizer": { "jwt": { "claims": claims, "scopes": null } },
                "http": { "method": "POST", "path": "/start_matchmaking" },
            },
        });
        lambda_http::request::from_str(&event.to_string()).unwrap()
    }

    #[test]
    fn each_attribute_names_its_claim() {
        let all = ClaimedAttribute::parse("skill=custom:skill, clan:string = https://id.example/clan").unwrap();
        let read: Vec<_> = all.iter().map(|one| (one.attribute.as_str(), one.claim.as_str(), one.is_text)).collect();
        assert_eq!(read, [("skill", "custom:skill", false), ("clan", "https://id.example/clan", true)]);
        assert_eq!(ClaimedAttribute::parse("").unwrap(), []);
    }

    #[rstest]
    #[case::no_claim("skill")]
    #[case::empty_claim("skill=")]
    #[case::empty_attribute("=skill")]
    #[case::only_a_type(":string=skill")]
    #[case::twice("skill=a,skill=b")]
    #[case::too_many("a=a,b=a,c=a,d=a,e=a,f=a,g=a,h=a,i=a,j=a,k=a")]
    fn another_form_is_refused_with_the_variable(#[case] value: &str) {
        let error = ClaimedAttribute::parse(value).unwrap_err();
        assert!(error.detail().contains(VARIABLE), "{error}");
    }

    #[rstest]
    #[case::number("12.5", json!(12.5))]
    #[case::list(r#"["a","b"]"#, json!(["a", "b"]))]
    #[case::map(r#"{"dune":9}"#, json!({ "dune": 9 }))]
    #[case::text("gold", json!("gold"))]
    #[case::leading_zero("007", json!("007"))]
    #[case::switch("true", json!("true"))]
    fn texts_of_other_authorizers_are_what_they_look_like(#[case] text: &str, #[case] value: Value) {
        let claimed = one("rank=custom:rank");
        for request in [
            request(&json!({ "claims": { "sub": "player-1", "custom:rank": text } })),
            request(&json!({ "principalId": "player-1", "custom:rank": text })),
            http_request(&json!({ "sub": "player-1", "custom:rank": text })),
        ] {
            assert_eq!(claimed.of(&request), Some(value.clone()));
            assert_eq!(one("rank:string=custom:rank").of(&request), Some(json!(text)));
        }
    }

    #[test]
    fn our_own_authorizer_keeps_the_types() {
        let claims = json!({ "clan": "12", "skill": 12, "maps": ["a"] }).to_string();
        let own = request(&json!({ "principalId": "player-1", "liftgate": "player", CLAIMS_OF_OURS: claims }));
        assert_eq!(one("clan=clan").of(&own), Some(json!("12")));
        assert_eq!(one("skill=skill").of(&own), Some(json!(12)));
        assert_eq!(one("skill:string=skill").of(&own), Some(json!("12")));
        assert_eq!(one("maps=maps").of(&own), Some(json!(["a"])));
    }

    #[test]
    fn what_the_authorizer_does_not_say_is_left_out() {
        let claimed = one("rank=rank");
        for authorizer in [
            json!({ "principalId": "player-1" }),
            json!({ "principalId": "player-1", "rank": "" }),
            json!({ "principalId": "player-1", "rank": null }),
            json!({ "principalId": "player-1", "liftgate": "player", CLAIMS_OF_OURS: "{\"rank\":null}" }),
            json!({}),
        ] {
            assert_eq!(claimed.of(&request(&authorizer)), None, "{authorizer}");
        }
    }

    #[test]
    fn the_member_of_our_own_authorizer_counts_from_nobody_else() {
        let foreign = request(&json!({ "principalId": "player-1", CLAIMS_OF_OURS: "{\"rank\":12}" }));
        assert_eq!(one("rank=rank").of(&foreign), None);
    }

    const CLAIMS_OF_OURS: &str = authorizer::CLAIMS;
}
