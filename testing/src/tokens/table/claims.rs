//! Rows 65 to 103 and 135: what a payload can say.

use serde_json::{Value, json};

use crate::tokens::{
    table::{
        row::{Row, good, refused},
        world::{ACCESS_POOL, AUDIENCE, EPIC, GAME, ID_POOL, OTHER, World},
    },
    token::{Token, now, sign_parts},
};

const PLAYER: &str = "game:player-1";

pub(super) fn rows(world: &World) -> Vec<Row> {
    let mut rows = times(world);
    rows.extend(issuers(world));
    rows.extend(audiences(world));
    rows.extend(subjects(world));
    rows.extend(kinds(world));
    rows.extend(providers(world));
    rows
}

fn times(world: &World) -> Vec<Row> {
    let now = now();
    let with = |name: &str, value: Value| world.token().claim(name, value).sign(&world.rsa);
    let exp = |value: Value| with("exp", value);
    let huge = {
        let (header, claims) = world.token().claim("exp", Value::Null).parts(&world.rsa);
        let claims = claims.replacen('{', r#"{"exp":1e300,"#, 1);
        sign_parts(&world.rsa, "RS256", header.as_bytes(), claims.as_bytes())
    };
    vec![
        refused(65, "expired 1 s ago", exp(json!(now - 1))),
        refused(66, "expired 59 s ago", exp(json!(now - 59))),
        refused(67, "exp absent", exp(Value::Null)),
        refused(68, "exp a text", exp(json!((now + 60).to_string()))),
        refused(69, "exp 1e300", huge),
        refused(70, "exp negative", exp(json!(-1))),
        refused(71, "exp in milliseconds", exp(json!((now + 3600) * 1000))),
        good(72, "exp with a fraction", exp(json!(f64::from(u32::try_from(now).unwrap_or_default()) + 600.5)), PLAYER),
        refused(73, "nbf in 100 minutes", with("nbf", json!(now + 6000))),
        refused(73, "nbf a text", with("nbf", json!("soon"))),
        good(73, "nbf in the past", with("nbf", json!(now - 60)), PLAYER),
        refused(74, "iat in the future", with("iat", json!(now + 300))),
        refused(75, "iat ten years ago", with("iat", json!(now - 315_360_000))),
        refused(75, "iat absent", with("iat", Value::Null)),
    ]
}

fn issuers(world: &World) -> Vec<Row> {
    let iss = |iss: Value| world.token().claim("iss", iss).sign(&world.rsa);
    let of_other = Token::new(OTHER, AUDIENCE, "other", "player-1").header("typ", "at+jwt");
    vec![
        refused(76, "iss absent", iss(Value::Null)),
        refused(77, "iss an array", iss(json!(["https://evil.example/", GAME]))),
        refused(78, "iss without the slash", iss(json!("https://id.example.com"))),
        refused(78, "iss with two slashes", iss(json!("https://id.example.com//"))),
        refused(79, "iss with an upper-case host", iss(json!("https://ID.example.com/"))),
        refused(80, "iss with http", iss(json!("http://id.example.com/"))),
        refused(81, "iss with another host behind it", iss(json!("https://id.example.com.evil.example/"))),
        refused(
            81,
            "Epic with another host behind it",
            epic().claim("iss", "https://api.epicgames.dev.evil.example").sign(&world.rsa),
        ),
        refused(82, "iss as a user", iss(json!("https://id.example.com@evil.example/"))),
        refused(83, "another issuer's key", world.token().header("kid", "other").sign(&world.other)),
        refused(83, "another issuer's key under a known id", world.elliptic().sign(&world.other)),
        good(83, "the other issuer", of_other.sign(&world.other), "other:player-1"),
        refused(83, "the other issuer with the first one's key", of_other.header("kid", "rsa").sign(&world.rsa)),
    ]
}

fn audiences(world: &World) -> Vec<Row> {
    let aud = |aud: Value| world.token().claim("aud", aud).sign(&world.rsa);
    vec![
        refused(84, "aud absent", aud(Value::Null)),
        good(85, "aud with a foreign one too", aud(json!([AUDIENCE, "https://id.example.com/userinfo"])), PLAYER),
        refused(86, "aud empty", aud(json!([]))),
        refused(86, "aud an empty text", aud(json!(""))),
        refused(87, "aud of mixed types", aud(json!([AUDIENCE, 7]))),
        refused(88, "aud foreign", aud(json!("another-game"))),
        refused(88, "aud in another case", aud(json!("My-Game"))),
        refused(89, "azp foreign", world.token().claim("azp", "another-client").sign(&world.rsa)),
        refused(89, "azp no text", world.token().claim("azp", 7).sign(&world.rsa)),
        good(89, "azp ours", world.token().claim("azp", AUDIENCE).sign(&world.rsa), PLAYER),
    ]
}

fn subjects(world: &World) -> Vec<Row> {
    let sub = |sub: Value| world.token().claim("sub", sub).sign(&world.rsa);
    vec![
        refused(90, "sub absent", sub(Value::Null)),
        refused(91, "sub empty", sub(json!(""))),
        refused(92, "sub a number", sub(json!(7))),
        refused(93, "sub of 2000 characters", sub(json!("s".repeat(2000)))),
        refused(93, "an id of 256 characters", sub(json!("s".repeat(251)))),
        refused(94, "sub with NUL", sub(json!("player\0-1"))),
        refused(94, "sub with a new line", sub(json!("player-1\n"))),
        refused(94, "sub with a mark of direction", sub(json!("player-\u{202e}1"))),
        refused(94, "sub with nothing to see", sub(json!("player-\u{200b}1"))),
        refused(94, "sub with a blank", sub(json!("player 1"))),
        refused(95, "sub with one letter", sub(json!("jos\u{e9}"))),
        refused(95, "sub with two letters", sub(json!("jose\u{301}"))),
        good(96, "sub that is another issuer's player", sub(json!("other:player-1")), "game:other:player-1"),
        refused(135, "a denied player", sub(json!("banned-1"))),
        refused(135, "another denied player", sub(json!("banned-2"))),
    ]
}

/// Tokens for another purpose.
fn kinds(world: &World) -> Vec<Row> {
    let typ = |typ: &str| world.token().header("typ", typ).sign(&world.rsa);
    let other =
        |typ: Value, aud: &str| Token::new(OTHER, aud, "other", "player-1").header("typ", typ).sign(&world.other);
    vec![
        refused(97, "an access token where an ID token is expected", typ("at+jwt")),
        refused(98, "an ID token where an access token is expected", other(json!("JWT"), AUDIENCE)),
        refused(98, "no type where an access token is expected", other(Value::Null, AUDIENCE)),
        good(98, "the type in full", other(json!("application/AT+JWT"), AUDIENCE), "other:player-1"),
        refused(99, "a proof of possession", typ("dpop+jwt")),
        refused(100, "a logout token", typ("logout+jwt")),
        refused(102, "a refresh token", other(json!("refresh+jwt"), "my-game/refresh")),
        refused(102, "a refresh token with our audience", other(json!("refresh+jwt"), AUDIENCE)),
        refused(102, "a refresh token as an access token", other(json!("at+jwt"), "my-game/refresh")),
    ]
}

fn cognito(pool: &str, token_use: &str) -> Token {
    let token = Token::new(pool, "client", "rsa", "player-1").claim("token_use", token_use).header("typ", Value::Null);
    match token_use {
        "access" => token.claim("aud", Value::Null).claim("client_id", "client").claim("username", "someone"),
        _ => token.claim("cognito:username", "someone"),
    }
}

fn epic() -> Token {
    Token::new(EPIC, "client", "rsa", "player-1").claim("pfdid", "deployment")
}

fn providers(world: &World) -> Vec<Row> {
    let sign = |token: Token| token.sign(&world.rsa);
    let another_pool = "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_Attacker1";
    let machine = cognito(ACCESS_POOL, "access").claim("username", Value::Null);
    vec![
        good(101, "Cognito's access token", sign(cognito(ACCESS_POOL, "access")), "access-pool:player-1"),
        good(101, "Cognito's ID token", sign(cognito(ID_POOL, "id")), "id-pool:player-1"),
        refused(101, "an ID token where Cognito's access token is expected", sign(cognito(ACCESS_POOL, "id"))),
        refused(101, "the same with client_id", sign(cognito(ACCESS_POOL, "id").claim("client_id", "client"))),
        refused(101, "an access token where Cognito's ID token is expected", sign(cognito(ID_POOL, "access"))),
        refused(101, "a machine's access token", sign(machine)),
        refused(101, "another client's access token", sign(cognito(ACCESS_POOL, "access").claim("client_id", "evil"))),
        refused(103, "another pool", sign(cognito(another_pool, "access"))),
        refused(103, "another pool's id on this pool's key", sign(cognito(ID_POOL, "access"))),
        good(103, "EOS Connect", sign(epic()), "eos-connect:player-1"),
        refused(103, "another deployment", sign(epic().claim("pfdid", "test-deployment"))),
        refused(103, "no deployment", sign(epic().claim("pfdid", Value::Null))),
    ]
}
