//! Who is calling. With an authorizer the player is the token's subject; without one, and only where
//! that is configured, the player is the body's `uuid`.

use std::fmt::Write as _;

use lambda_http::{Request, RequestExt as _};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    config::HttpConfig,
    error::{Code, Error},
};

/// The player's id: 1 to 1024 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Player(String);

impl Player {
    /// Decides who the player is from the authorizer's answer and the body's `uuid`.
    ///
    /// # Errors
    /// `PLAYER_MISMATCH` when both are there and differ; `UNAUTHENTICATED` when there is no
    /// authorizer and the body is not trusted; `INVALID_REQUEST` when the body is trusted but has no
    /// `uuid`.
    pub fn identify(request: &Request, uuid: Option<String>, config: &HttpConfig) -> Result<Self, Error> {
        match (subject(request), uuid) {
            (Some(subject), Some(uuid)) if uuid != subject => {
                Err(Error::new(Code::PlayerMismatch, "Leave uuid out: the token says who the player is."))
            }
            (Some(subject), _) => Ok(Self(subject)),
            (None, _) if !config.trust_body_uuid => Err(Error::new(
                Code::Unauthenticated,
                "Put an authorizer before the route, or set LIFTGATE_TRUST_BODY_UUID=true to take the body's uuid for the player.",
            )),
            (None, Some(uuid)) => Ok(Self(uuid)),
            (None, None) => Err(Error::new(Code::InvalidRequest, "uuid is required: it says who the player is.")),
        }
    }

    /// Whether an authorizer says who the player is.
    pub fn is_authorized(request: &Request) -> bool {
        subject(request).is_some()
    }

    /// The id as GameLift's `PlayerId`.
    pub fn id(&self) -> &str {
        &self.0
    }

    /// The id as GameLift Streams' `UserId`, whose pattern knows no `.`, `@`, `:` or `|`: the
    /// SHA-256 of the id in hexadecimal.
    pub fn stream_user_id(&self) -> String {
        hex_sha256(&[self.0.as_bytes()])
    }
}

/// SHA-256 over `parts`, each with its length, so that no two lists run into one another.
pub fn hex_sha256(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// The bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a String takes every write");
        hex
    })
}

/// The authorizer's subject: `sub` of a Cognito or JWT authorizer, else the `principalId` of a
/// Lambda authorizer.
fn subject(request: &Request) -> Option<String> {
    let authorizer = request.request_context_ref()?.authorizer()?;
    let jwt_subject = authorizer.jwt.as_ref().and_then(|jwt| jwt.claims.get("sub")).map(String::as_str);
    let field = |name: &str| authorizer.fields.get(name);
    let claims_subject = field("claims").and_then(|claims| claims.get("sub")).and_then(Value::as_str);
    let principal = field("principalId").and_then(Value::as_str);
    let subject = jwt_subject.or(claims_subject).or(principal)?;
    (!subject.is_empty()).then(|| subject.to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn request(authorizer: &Value) -> Request {
        let event = serde_json::json!({
            "httpMethod": "POST", "path": "/join_session", "headers": {}, "multiValueHeaders": {}, "body": "{}",
            "isBase64Encoded": false,
            "requestContext": { "requestId": "r", "httpMethod": "POST", "authorizer": authorizer },
        });
        lambda_http::request::from_str(&event.to_string()).unwrap()
    }

    #[rstest]
    #[case::cognito(serde_json::json!({ "claims": { "sub": "player-1" } }))]
    #[case::lambda(serde_json::json!({ "principalId": "player-1" }))]
    fn the_authorizer_names_the_player(#[case] authorizer: Value) {
        let untrusting = HttpConfig::default();
        let identify =
            |uuid: Option<&str>| Player::identify(&request(&authorizer), uuid.map(str::to_owned), &untrusting);
        assert_eq!(identify(None).unwrap().id(), "player-1");
        assert_eq!(identify(Some("player-1")).unwrap().id(), "player-1");
        assert_eq!(identify(Some("player-2")).unwrap_err().code(), Code::PlayerMismatch);
    }

    #[test]
    fn without_an_authorizer_the_body_counts_only_where_it_is_trusted() {
        let request = request(&serde_json::json!({}));
        let identify = |uuid: Option<&str>, trust_body_uuid| {
            let config = HttpConfig { trust_body_uuid, ..HttpConfig::default() };
            Player::identify(&request, uuid.map(str::to_owned), &config)
        };
        assert_eq!(identify(Some("player-1"), true).unwrap().id(), "player-1");
        assert_eq!(identify(None, true).unwrap_err().code(), Code::InvalidRequest);
        assert_eq!(identify(Some("player-1"), false).unwrap_err().code(), Code::Unauthenticated);
    }

    #[test]
    fn a_stream_user_id_fits_the_services_pattern() {
        let id = Player("auth0|someone@example.com".to_owned()).stream_user_id();
        assert_eq!(id.len(), 64);
        assert!(id.chars().all(|character| character.is_ascii_hexdigit()));
        assert_ne!(id, Player("auth0|someone@example.org".to_owned()).stream_user_id());
    }
}
