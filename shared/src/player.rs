//! Identifies the caller. With an authorizer the player is the token's subject. Without one the player is the body's
//! `uuid`, if the configuration allows that.

use lambda_http::Request;

use crate::{
    authorizer::{ID_LENGTH, subject},
    config::http::HttpConfig,
    error::{Code, Error},
    hash::hex_sha256,
    request::members::{Member, Text},
};

/// The member that names the player.
pub const UUID: Member<Text> = Member::text(
    "uuid",
    ID_LENGTH,
    "The player. With a token it may be left out, and has to be the token's subject; without one it is required.",
);

/// The player's id: 1 to 1024 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Player(String);

impl Player {
    /// Identifies the player by the authorizer's answer and the body's `uuid`.
    ///
    /// # Errors
    /// `PLAYER_MISMATCH` when both are present and differ; `UNAUTHENTICATED` when there is no authorizer and the body
    /// is not trusted, and when there is an authorizer that names no player, whether the body is trusted or not;
    /// `BACKEND_MISCONFIGURED` when an authorizer names everybody alike; `INVALID_REQUEST` when the body is trusted
    /// but has no `uuid`.
    pub fn identify(request: &Request, uuid: Option<String>, config: &HttpConfig) -> Result<Self, Error> {
        match (subject(request)?, uuid) {
            (Some(subject), Some(uuid)) if uuid != subject => {
                Err(Error::new(Code::PlayerMismatch, "Leave uuid out: the token says who the player is."))
            }
            (Some(subject), _) => Ok(Self(subject.to_owned())),
            (None, _) if !config.trust_body_uuid => Err(Error::new(
                Code::Unauthenticated,
                "Put an authorizer before the route, or set LIFTGATE_TRUST_BODY_UUID=true to take the body's uuid for the player.",
            )),
            (None, Some(uuid)) => Ok(Self(uuid)),
            (None, None) => Err(Error::invalid_field("uuid", "is required: it says who the player is")),
        }
    }

    /// Whether an authorizer names the player, or ought to. The body never does then.
    pub fn is_authorized(request: &Request) -> bool {
        !matches!(subject(request), Ok(None))
    }

    /// The id as GameLift's `PlayerId`.
    pub fn id(&self) -> &str {
        &self.0
    }

    /// The id as GameLift Streams' `UserId`: the SHA-256 of the id in hexadecimal, because the pattern of `UserId`
    /// allows no `.`, `@`, `:` or `|`.
    pub fn stream_user_id(&self) -> String {
        hex_sha256(&[self.0.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::Value;

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

    /// An HTTP API's event, whose authorizers answer in a different form.
    fn http_request(authorizer: &Value) -> Request {
        let event = serde_json::json!({
            "version": "2.0", "routeKey": "$default", "rawPath": "/join_session", "rawQueryString": "", "headers": {},
            "body": "{}", "isBase64Encoded": false,
            "requestContext": {
                "requestId": "r", "stage": "$default", "timeEpoch": 0, "authorizer": authorizer,
                "http": { "method": "POST", "path": "/join_session" },
            },
        });
        lambda_http::request::from_str(&event.to_string()).unwrap()
    }

    /// Every form in which an authorizer names `subject`.
    fn named(subject: &Value) -> Vec<Request> {
        let mut requests = vec![
            request(&serde_json::json!({ "claims": { "sub": subject } })),
            request(&serde_json::json!({ "principalId": subject, "integrationLatency": 20 })),
            http_request(&serde_json::json!({ "lambda": { "principalId": subject } })),
        ];
        // A JWT's claims are texts; otherwise the event is invalid.
        if subject.is_string() {
            requests
                .push(http_request(&serde_json::json!({ "jwt": { "claims": { "sub": subject }, "scopes": null } })));
        }
        requests
    }

    #[rstest]
    #[case::longest(serde_json::json!("é".repeat(1024)), true)]
    #[case::with_blanks(serde_json::json!("auth0|Jane Doe"), true)]
    #[case::too_long(serde_json::json!("p".repeat(1025)), false)]
    #[case::empty(serde_json::json!(""), false)]
    #[case::blank(serde_json::json!(" \t\u{a0}"), false)]
    #[case::control(serde_json::json!("player\u{0}1"), false)]
    #[case::line(serde_json::json!("player-1\nplayer-2"), false)]
    #[case::no_text(serde_json::json!(17), false)]
    #[case::nothing(Value::Null, false)]
    fn a_subject_that_is_no_players_id_is_nobody_and_never_the_body(#[case] subject: Value, #[case] is_taken: bool) {
        let trusting = HttpConfig { trust_body_uuid: true, ..HttpConfig::default() };
        for request in named(&subject) {
            assert!(Player::is_authorized(&request));
            for uuid in [None, Some("player-1".to_owned())] {
                let player = Player::identify(&request, uuid.clone(), &trusting);
                match (is_taken, uuid) {
                    (true, None) => assert_eq!(Some(player.unwrap().id()), subject.as_str()),
                    (true, Some(_)) => assert_eq!(player.unwrap_err().code(), Code::PlayerMismatch),
                    (false, _) => assert_eq!(player.unwrap_err().code(), Code::Unauthenticated),
                }
            }
        }
    }

    #[rstest]
    #[case::claims(request(&serde_json::json!({ "claims": {} })))]
    #[case::context(request(&serde_json::json!({ "tier": "gold" })))]
    #[case::token(http_request(&serde_json::json!({ "jwt": { "claims": {}, "scopes": null } })))]
    #[case::http_context(http_request(&serde_json::json!({ "lambda": { "tier": "gold" } })))]
    #[case::http_empty_context(http_request(&serde_json::json!({ "lambda": {} })))]
    #[case::http_without_context(http_request(&serde_json::json!({ "lambda": null })))]
    #[case::http_unknown(http_request(&serde_json::json!({ "another": {} })))]
    fn an_authorizer_without_a_subject_names_nobody(#[case] request: Request) {
        let trusting = HttpConfig { trust_body_uuid: true, ..HttpConfig::default() };
        let player = Player::identify(&request, Some("player-1".to_owned()), &trusting);
        assert_eq!(player.unwrap_err().code(), Code::Unauthenticated);
    }

    #[rstest]
    #[case::none(http_request(&Value::Null))]
    #[case::nothing(request(&Value::Null))]
    #[case::signature(http_request(&serde_json::json!({ "iam": { "userArn": "arn:aws:iam::111122223333:role/a" } })))]
    fn what_is_no_authorizer_of_players_leaves_it_to_the_body(#[case] request: Request) {
        let trusting = HttpConfig { trust_body_uuid: true, ..HttpConfig::default() };
        assert_eq!(Player::identify(&request, Some("player-1".to_owned()), &trusting).unwrap().id(), "player-1");
    }

    /// The request of the stock client where Liftgate's own authorizer asks for no token.
    #[test]
    fn our_own_authorizer_leaves_it_to_the_body_only_where_the_body_is_trusted() {
        let request = request(&serde_json::json!({ "principalId": "trust-body", "liftgate": "trust-body" }));
        let identify = |trust_body_uuid| {
            let config = HttpConfig { trust_body_uuid, ..HttpConfig::default() };
            Player::identify(&request, Some("player-1".to_owned()), &config)
        };
        assert!(!Player::is_authorized(&request));
        assert_eq!(identify(true).unwrap().id(), "player-1");
        assert_eq!(identify(false).unwrap_err().code(), Code::Unauthenticated);
    }

    #[test]
    fn without_an_authorizer_the_body_counts_only_where_it_is_trusted() {
        let request = request(&serde_json::json!({}));
        let identify = |uuid: Option<&str>, trust_body_uuid| {
            let config = HttpConfig { trust_body_uuid, ..HttpConfig::default() };
            Player::identify(&request, uuid.map(str::to_owned), &config)
        };
        assert_eq!(identify(Some("player-1"), true).unwrap().id(), "player-1");
        let nobody = identify(None, true).unwrap_err();
        assert_eq!((nobody.code(), nobody.fields()[0].field()), (Code::InvalidRequest, "uuid"));
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
