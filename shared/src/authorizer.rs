//! What API Gateway's authorizer says about the caller: Liftgate's own function `authorize`, or anybody else's.
//!
//! An authorizer that lets a call through and does not say whose it is fails closed. So does one that says the same of
//! everybody, as AWS's samples do: all players would be one.

use std::{collections::HashMap, ops::RangeInclusive};

use lambda_http::{
    Request, RequestExt as _, aws_lambda_events::apigw::ApiGatewayRequestAuthorizer, request::RequestContext,
};
use serde_json::Value;

use crate::error::{Code, Error};

/// The member of the context by which Liftgate's own authorizer says what it has done.
pub const MEMBER: &str = "liftgate";

/// Its value after a check: `principalId` is the player.
pub const PLAYER: &str = "player";

/// Its value, and the `principalId`, where no token was asked for: the request counts as one without an authorizer.
pub const TRUST_BODY: &str = "trust-body";

/// The member of the context with the players who have agreed to play with the caller, from a claim of the token: a
/// JSON array of their ids in a text.
pub const PARTY: &str = "party";

/// The member of the context with the claims that matchmaking uses: a JSON object in a text, so that each keeps its
/// type. It counts with [`MEMBER`] only.
pub const CLAIMS: &str = "matchmaking_claims";

/// The most players of a party: those for whom one `CreatePlayerSessions` reserves.
pub const MAX_PARTY: usize = 25;

/// The constants that samples and templates of Lambda authorizers return as `principalId` for everybody, in lower
/// case.
const CONSTANTS: &[&str] = &[
    "*",
    "abc123",
    "admin",
    "anonymous",
    "api",
    "apikey",
    "apiuser",
    "authenticated",
    "client",
    "default",
    "default_user",
    "defaultuser",
    "guest",
    "id",
    "me",
    "null",
    "player",
    "principal",
    "principalid",
    "public",
    "sub",
    "test",
    "token",
    TRUST_BODY,
    "undefined",
    "unknown",
    "user",
    "user_id",
    "userid",
    "user|a1b2c3d4",
    "username",
    "xxxx",
    "xxxxxxxx",
    "yyyyyyyy",
];

/// The authorizer's subject: `sub` of a Cognito or JWT authorizer, else the `principalId` of a Lambda
/// authorizer. `None` without an authorizer, with one that only checks signatures (`AWS_IAM`), and where Liftgate's
/// own one says that the body is trusted.
///
/// # Errors
/// `UNAUTHENTICATED` when an authorizer has let the call through and its subject is missing, or cannot be a player's
/// id; `BACKEND_MISCONFIGURED` when the subject is one that samples of authorizers return for everybody.
pub(crate) fn subject(request: &Request) -> Result<Option<&str>, Error> {
    let Some(ApiGatewayRequestAuthorizer { jwt, fields, iam, .. }) = authorizer(request) else { return Ok(None) };
    // The event of an HTTP API whose Lambda authorizer lets the call through without a context has `"lambda": null`.
    let is_silent = is_http(request) && iam.is_none();
    if jwt.is_none() && fields.is_empty() && !is_silent {
        return Ok(None);
    }
    let of_jwt = jwt.as_ref().and_then(|jwt| jwt.claims.get("sub")).map(|sub| Some(sub.as_str()));
    let of_claims = || fields.get("claims").and_then(|claims| claims.get("sub")).map(Value::as_str);
    let of_token = of_jwt.or_else(of_claims);
    let is_principal = of_token.is_none();
    let subject = of_token.or_else(|| fields.get("principalId").map(Value::as_str)).flatten();
    if is_principal && subject == Some(TRUST_BODY) && says(fields, TRUST_BODY) {
        return Ok(None);
    }
    let Some(subject) = subject.filter(|subject| is_id(subject)) else {
        return Err(Error::new(
            Code::Unauthenticated,
            "The authorizer let the call through without a player's id: its subject (sub of a token, principalId of a Lambda authorizer) has to be a text of 1 to 1024 characters, not all of them white space, and none a control character or invisible.",
        ));
    };
    if is_principal && is_constant(subject) && !says(fields, PLAYER) {
        return Err(Error::new(
            Code::BackendMisconfigured,
            "The Lambda authorizer returns a principalId that samples return for everybody, so all players would be one. Let it return the player's own id, such as the token's sub.",
        ));
    }
    Ok(Some(subject))
}

/// The players who have agreed to play with the caller, as the authorizer says. `None` if it says nothing about that.
///
/// # Errors
/// `BACKEND_MISCONFIGURED` when it does so in another form.
pub(crate) fn party(request: &Request) -> Result<Option<Vec<String>>, Error> {
    let said = authorizer(request).and_then(|authorizer| authorizer.fields.get(PARTY));
    let Some(said) = said.filter(|said| **said != "" && !said.is_null()) else { return Ok(None) };
    match said.as_str().map(serde_json::from_str) {
        Some(Ok(ids)) => Ok(Some(ids)),
        _ => Err(Error::new(
            Code::BackendMisconfigured,
            "The authorizer's context has a member party that is not a JSON array of player ids in a text, such as [\"player-1\",\"player-2\"].",
        )),
    }
}

/// What an authorizer says of a player.
pub(crate) enum Claim {
    /// As the token has it.
    Typed(Value),
    /// A text that another authorizer hands on. API Gateway makes texts of numbers too.
    Text(String),
}

/// What the authorizer says under the name of a claim: Liftgate's own one, a JWT or Cognito authorizer by the claims of
/// the token, or another one by a member of its context.
pub(crate) fn claim(request: &Request, name: &str) -> Option<Claim> {
    let ApiGatewayRequestAuthorizer { jwt, fields, .. } = authorizer(request)?;
    let of_ours = || {
        let claims = fields.get(CLAIMS).filter(|_| says(fields, PLAYER))?.as_str()?;
        serde_json::from_str::<Value>(claims).ok()?.get(name).cloned().map(Claim::Typed)
    };
    let of_jwt = || jwt.as_ref()?.claims.get(name).cloned().map(Claim::Text);
    let of_others = || match fields.get("claims").and_then(|claims| claims.get(name)).or_else(|| fields.get(name))? {
        Value::String(text) => Some(Claim::Text(text.clone())),
        value => Some(Claim::Typed(value.clone())),
    };
    of_ours().or_else(of_jwt).or_else(of_others)
}

fn authorizer(request: &Request) -> Option<&ApiGatewayRequestAuthorizer> {
    request.request_context_ref().and_then(RequestContext::authorizer)
}

/// Whether the event is an HTTP API's. It has an authorizer only if one was asked; a REST API's event always has one
/// here, which may be empty.
fn is_http(request: &Request) -> bool {
    matches!(request.request_context_ref(), Some(RequestContext::ApiGatewayV2(_)))
}

/// Whether Liftgate's own authorizer says `what`.
fn says(fields: &HashMap<String, Value>, what: &str) -> bool {
    fields.get(MEMBER).and_then(Value::as_str) == Some(what)
}

fn is_constant(principal: &str) -> bool {
    CONSTANTS.iter().any(|constant| constant.eq_ignore_ascii_case(principal.trim()))
}

/// How many characters GameLift takes as a `PlayerId`.
pub(crate) const ID_LENGTH: RangeInclusive<usize> = 1..=1024;

/// Whether GameLift takes the text as a `PlayerId`, and people can tell it from others.
fn is_id(subject: &str) -> bool {
    ID_LENGTH.contains(&subject.chars().count())
        && !subject.chars().all(char::is_whitespace)
        && !subject.chars().any(|character| character.is_control() || is_invisible(character))
}

/// Whether the character shows nothing, or changes the order of others: two ids that look alike could be different
/// players. These are Unicode's default ignorable code points, its marks of direction, its separators of lines and
/// paragraphs, and the code points that are no characters.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
        || u32::from(character) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    /// A request of a REST API whose authorizer has answered so.
    fn request(authorizer: &Value) -> Request {
        let event = json!({
            "httpMethod": "POST", "path": "/join_session", "headers": {}, "multiValueHeaders": {}, "body": "{}",
            "isBase64Encoded": false,
            "requestContext": { "requestId": "r", "httpMethod": "POST", "authorizer": authorizer },
        });
        lambda_http::request::from_str(&event.to_string()).unwrap()
    }

    #[rstest]
    #[case::docs("user")]
    #[case::docs_of_request_authorizers("me")]
    #[case::blueprints("user|a1b2c3d4")]
    #[case::placeholder("yyyyyyyy")]
    #[case::other_case("Unknown")]
    #[case::blanks(" anonymous ")]
    #[case::ours_without_its_mark("trust-body")]
    fn a_principal_that_samples_give_to_everybody_is_refused(#[case] principal: &str) {
        let error = subject(&request(&json!({ "principalId": principal }))).map(drop).unwrap_err();
        assert_eq!(error.code(), Code::BackendMisconfigured);
        assert!(error.detail().contains("principalId"), "{error}");
    }

    #[test]
    fn a_token_that_was_checked_may_say_user() {
        for authorizer in [
            json!({ "claims": { "sub": "user" }, "principalId": "user" }),
            json!({ "principalId": "user", "liftgate": "player" }),
        ] {
            assert_eq!(subject(&request(&authorizer)).unwrap(), Some("user"));
        }
    }

    #[test]
    fn constants_are_compared_in_lower_case() {
        for constant in CONSTANTS {
            assert_eq!(*constant, constant.to_ascii_lowercase());
        }
        assert_eq!(subject(&request(&json!({ "principalId": "user-1" }))).unwrap(), Some("user-1"));
    }

    #[test]
    fn our_own_authorizer_can_leave_the_player_to_the_body() {
        let trusting = json!({ "principalId": "trust-body", "liftgate": "trust-body", "integrationLatency": 3 });
        assert_eq!(subject(&request(&trusting)).unwrap(), None);
    }

    #[rstest]
    #[case::named(json!({ "principalId": "player-1", "liftgate": "trust-body" }))]
    #[case::of_a_token(json!({ "claims": { "sub": "player-1" }, "principalId": "trust-body", "liftgate": "trust-body" }))]
    fn a_named_player_stays_the_player_whatever_else_the_context_says(#[case] authorizer: Value) {
        assert_eq!(subject(&request(&authorizer)).unwrap(), Some("player-1"));
    }

    #[rstest]
    #[case::zero_width("play\u{200b}er-1")]
    #[case::joiner("player-1\u{200d}")]
    #[case::right_to_left("\u{202e}1-reyalp")]
    #[case::isolate("player\u{2066}-1")]
    #[case::arabic_mark("player\u{61c}-1")]
    #[case::byte_order_mark("\u{feff}player-1")]
    #[case::soft_hyphen("play\u{ad}er-1")]
    #[case::filler("player\u{3164}")]
    #[case::line("player\u{2028}1")]
    #[case::tag("player\u{e0061}")]
    #[case::variation("player\u{fe0f}")]
    #[case::no_character("player\u{ffff}")]
    #[case::no_character_of_another_plane("player\u{1fffe}")]
    fn a_subject_with_characters_that_nobody_sees_is_nobody(#[case] subject_of_it: &str) {
        let request = request(&json!({ "principalId": subject_of_it, "liftgate": "player" }));
        assert_eq!(subject(&request).map(drop).unwrap_err().code(), Code::Unauthenticated);
    }

    #[test]
    fn letters_of_every_script_are_seen() {
        for id in ["игрок-1", "プレイヤー 1", "שחקן", "auth0|Jane Doe", "🎮"] {
            assert_eq!(subject(&request(&json!({ "principalId": id }))).unwrap(), Some(id));
        }
    }

    #[test]
    fn a_claim_names_the_party_as_an_array_in_a_text() {
        let of = |said: Value| party(&request(&json!({ "principalId": "player-1", "party": said })));
        assert_eq!(of(json!(r#"["player-2","player-3"]"#)).unwrap(), Some(vec!["player-2".into(), "player-3".into()]));
        assert_eq!(of(json!("[]")).unwrap(), Some(Vec::new()));
        assert_eq!(of(json!("")).unwrap(), None);
        assert_eq!(party(&request(&json!({ "principalId": "player-1" }))).unwrap(), None);
        for bad in [json!("player-2,player-3"), json!("[1]"), json!(7), json!(r#"{"a":"b"}"#)] {
            assert_eq!(of(bad).unwrap_err().code(), Code::BackendMisconfigured);
        }
    }
}
