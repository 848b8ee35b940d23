//! Rows 29 to 60: what a header can say.

use serde_json::{Value, json};

use crate::tokens::{
    signer::encode,
    table::{
        row::{Row, refused, with},
        world::World,
    },
    token::sign_parts,
};

pub(super) fn rows(world: &World) -> Vec<Row> {
    let mut rows = key_ids(world);
    rows.extend(own_keys(world));
    rows.extend(critical(world));
    rows.extend(doubled(world));
    rows.extend(shapes(world));
    rows
}

fn key_ids(world: &World) -> Vec<Row> {
    let kid = |kid: Value| world.token().header("kid", kid).sign(&world.rsa);
    let header = |header: Value| {
        sign_parts(&world.rsa, "RS256", header.to_string().as_bytes(), world.token().parts(&world.rsa).1.as_bytes())
    };
    vec![
        refused(29, "kid is a path", kid(json!("../../../../dev/null"))),
        refused(30, "kid is SQL", kid(json!("' OR 1=1 --"))),
        refused(31, "kid is an address", kid(json!("http://169.254.169.254/latest/meta-data"))),
        refused(32, "kid of 64 KB", kid(json!("k".repeat(65_536)))),
        refused(33, "kid with NUL", kid(json!("rsa\0"))),
        refused(33, "kid with a new line", kid(json!("rsa\n"))),
        refused(34, "kid a number", kid(json!(7))),
        refused(35, "kid null", header(json!({ "alg": "RS256", "typ": "JWT", "kid": null }))),
        refused(35, "kid absent", kid(Value::Null)),
        refused(36, "kid unknown", kid(json!("unknown"))),
    ]
}

/// A token that brings its key.
fn own_keys(world: &World) -> Vec<Row> {
    let stranger = |name: &str, value: Value| world.token().header(name, value).sign(&world.stranger);
    let signed = |name: &str, value: Value| world.token().header(name, value).sign(&world.rsa);
    vec![
        refused(37, "jku", signed("jku", json!("https://evil.example/jwks"))),
        refused(38, "x5u", signed("x5u", json!("https://evil.example/cert"))),
        refused(39, "x5c", signed("x5c", json!(["MIIB"]))),
        refused(40, "an own key", stranger("jwk", world.stranger.jwk("rsa"))),
        refused(40, "an own key, but a good signature", signed("jwk", world.rsa.jwk("rsa"))),
        refused(41, "an own secret", stranger("jwk", json!({ "kty": "oct", "k": "c2VjcmV0" }))),
        refused(41, "a stranger's signature", world.token().sign(&world.stranger)),
    ]
}

fn critical(world: &World) -> Vec<Row> {
    let raw = |more: &str| {
        let (header, claims) = world.token().parts(&world.rsa);
        let header = format!("{},{more}}}", header.trim_end_matches('}'));
        sign_parts(&world.rsa, "RS256", header.as_bytes(), claims.as_bytes())
    };
    vec![
        refused(42, "crit of exp", raw(r#""crit":["exp"]"#)),
        refused(43, "crit empty", raw(r#""crit":[]"#)),
        refused(44, "crit twice", raw(r#""crit":["b64"],"crit":["b64"],"b64":true"#)),
        refused(44, "crit names b64 twice", raw(r#""crit":["b64","b64"],"b64":true"#)),
        refused(45, "crit of b64 without it", raw(r#""crit":["b64"]"#)),
        refused(46, "b64 false", raw(r#""b64":false"#)),
        refused(46, "b64 false and crit", raw(r#""crit":["b64"],"b64":false"#)),
        refused(47, "b64 true and crit", raw(r#""crit":["b64"],"b64":true"#)),
    ]
}

fn doubled(world: &World) -> Vec<Row> {
    let (header, claims) = world.token().parts(&world.rsa);
    let sign = |header: &str, claims: &str| sign_parts(&world.rsa, "RS256", header.as_bytes(), claims.as_bytes());
    let cognito = r#"{"iss":"i","sub":"s","token_use":"id","token_use":"access"}"#;
    vec![
        refused(48, "alg twice", sign(&with(&header, "alg", "RS256"), &claims)),
        refused(49, "an unknown member twice", sign(&with(&with(&header, "a", 1), "a", 2), &claims)),
        refused(50, "sub twice", sign(&header, &with(&claims, "sub", "attacker"))),
        refused(50, "aud twice", sign(&header, &with(&claims, "aud", "my-game"))),
        refused(51, "another claim twice", sign(&header, &with(&with(&claims, "scope", "a"), "scope", "b"))),
        refused(51, "token_use twice", sign(&header, cognito)),
        refused(51, "a member of a claim twice", sign(&header, &claims.replacen('{', r#"{"act":{"a":1,"a":2},"#, 1))),
    ]
}

/// What is no signed token of three parts.
fn shapes(world: &World) -> Vec<Row> {
    let token = world.token();
    let text = token.sign(&world.rsa);
    let (header, claims) = token.parts(&world.rsa);
    let nested = token.clone().header("cty", "JWT");
    let (nested_header, _) = nested.parts(&world.rsa);
    let (two, _) = text.rsplit_once('.').unwrap_or_default();
    let json_form =
        json!({ "payload": encode(&claims), "signatures": [{ "protected": encode(&header), "signature": "a" }] });
    let signed = |name: &str, value: Value| world.token().header(name, value).sign(&world.rsa);
    vec![
        refused(52, "a token in a token", sign_parts(&world.rsa, "RS256", nested_header.as_bytes(), text.as_bytes())),
        refused(52, "cty with an object", nested.sign(&world.rsa)),
        refused(53, "five parts", format!("{text}.AAAA.AAAA")),
        refused(54, "four parts", format!("{text}.AAAA")),
        refused(55, "two parts", two),
        refused(56, "empty", ""),
        refused(56, "empty parts", ".."),
        refused(57, "the JSON form", json_form.to_string()),
        refused(58, "zip", signed("zip", json!("DEF"))),
        refused(59, "enc", signed("enc", json!("A128GCM"))),
        refused(
            60,
            "PBES2",
            token.header("alg", "PBES2-HS256+A128KW").header("p2c", 2_147_483_648_u32).sign(&world.rsa),
        ),
    ]
}
