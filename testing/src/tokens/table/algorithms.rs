//! Rows 1 to 28: algorithms, keys and signatures.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::tokens::{
    signer::hs256,
    table::{
        row::{Row, good, refused},
        world::World,
    },
    token::{Token, sign_parts},
    weak_rsa::padded,
};

/// The order of P-256.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7,
    0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

pub(super) fn rows(world: &World) -> Vec<Row> {
    let mut rows = named(world);
    rows.extend(secrets(world));
    rows.extend(elliptic(world));
    rows.extend(weak(world));
    rows
}

/// Algorithms that are none, or not the issuer's.
fn named(world: &World) -> Vec<Row> {
    let token = world.token();
    let unsigned = |name: &str| token.clone().header("alg", name).sign_with(&world.rsa, |_| Vec::new());
    let raw = |header: Value| {
        sign_parts(&world.rsa, "RS256", header.to_string().as_bytes(), token.parts(&world.rsa).1.as_bytes())
    };
    vec![
        refused(1, "alg none", unsigned("none")),
        refused(2, "alg None", unsigned("None")),
        refused(3, "alg noNE", unsigned("noNE")),
        refused(4, "alg NONE", unsigned("NONE")),
        refused(4, "alg none with a good signature", token.clone().header("alg", "none").sign(&world.rsa)),
        refused(5, "alg absent", raw(json!({ "typ": "JWT", "kid": "rsa" }))),
        refused(6, "alg null", raw(json!({ "alg": null, "kid": "rsa" }))),
        refused(7, "alg a number", raw(json!({ "alg": 256, "kid": "rsa" }))),
        refused(8, "alg in lower case", token.clone().header("alg", "rs256").sign(&world.rsa)),
        refused(14, "RS256 with a key for PS256", world.hostile("only-ps256").sign(&world.rsa)),
        good(
            14,
            "PS256 with a key for PS256",
            world.hostile("only-ps256").header("alg", "PS256").sign(&world.rsa),
            "hostile:player-1",
        ),
        refused(15, "RS512 where only RS256 and ES256 are configured", token.header("alg", "RS512").sign(&world.rsa)),
    ]
}

/// HMAC with what everybody knows.
fn secrets(world: &World) -> Vec<Row> {
    let der = world.rsa.public();
    let pem = format!("-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n", STANDARD.encode(der));
    let jwk = world.rsa.jwk("rsa");
    let modulus = jwk["n"].as_str().unwrap_or_default().to_owned();
    let signed =
        |secret: &[u8]| world.token().header("alg", "HS256").sign_with(&world.rsa, |message| hs256(secret, message));
    let hostile = world.hostile("good").header("alg", "HS256");
    vec![
        refused(9, "HS256 with the public key's PEM", signed(pem.as_bytes())),
        refused(
            10,
            "HS256 with the public key's PEM, where several algorithms are configured",
            hostile.sign_with(&world.rsa, |message| hs256(pem.as_bytes(), message)),
        ),
        refused(11, "HS256 with the key's JWK", signed(jwk.to_string().as_bytes())),
        refused(12, "HS256 with the key's DER", signed(der)),
        refused(13, "HS256 with the key's modulus", signed(modulus.as_bytes())),
    ]
}

/// Signatures and keys on elliptic curves.
fn elliptic(world: &World) -> Vec<Row> {
    let token = world.elliptic();
    let forged = |signature: &[u8]| token.sign_with(&world.p256, |_| signature.to_vec());
    let pair = |r: &[u8; 32], s: &[u8; 32]| forged(&[&r[..], &s[..]].concat());
    let mut one = [0; 32];
    one[31] = 1;
    let signed = |kid: &str| world.hostile(kid).header("alg", "ES256").sign(&world.p256);
    let mut rows = vec![
        good(0, "ES256", token.sign(&world.p256), "game:player-1"),
        good(0, "ES384", world.hostile("p384").sign(&world.p384), "hostile:player-1"),
        refused(16, "ES256 with a key on P-384", world.hostile("p384").header("alg", "ES256").sign(&world.p256)),
        refused(16, "a key beside its curve", signed("off-curve")),
        refused(16, "the zero point", signed("zero")),
        refused(16, "a short point", signed("short")),
        refused(17, "ES256K", world.hostile("secp256k1").header("alg", "ES256K").sign(&world.p256)),
        refused(17, "ES256 with a key on secp256k1", signed("secp256k1")),
        refused(18, "the psychic signature", pair(&[0; 32], &[0; 32])),
        refused(19, "r and s are the order", pair(&ORDER, &ORDER)),
        refused(20, "r is 0", pair(&[0; 32], &one)),
        refused(20, "s is 0", pair(&one, &[0; 32])),
        refused(21, "all ones", pair(&[0xff; 32], &[0xff; 32])),
        refused(22, "a signature in DER", token.sign_with(&world.p256, |message| der(&world.p256.sign("", message)))),
        good(
            23,
            "the twin of a signature",
            token.sign_with(&world.p256, |m| twin(world.p256.sign("", m))),
            "game:player-1",
        ),
    ];
    for length in [0, 63, 65, 96] {
        let cut = |message: &[u8]| {
            let mut signature = world.p256.sign("", message);
            signature.resize(length, 0);
            signature
        };
        rows.push(refused(22, "a signature of another length", token.sign_with(&world.p256, cut)));
    }
    rows
}

/// The same signature with the other `s`: a signature is no name of a token.
fn twin(mut signature: Vec<u8>) -> Vec<u8> {
    let mut borrow = 0;
    for place in (0..32).rev() {
        let difference = i16::from(ORDER[place]) - i16::from(signature[32 + place]) - borrow;
        borrow = i16::from(difference < 0);
        signature[32 + place] = difference.rem_euclid(256).to_le_bytes()[0];
    }
    signature
}

/// `r` and `s` as a DER sequence.
fn der(signature: &[u8]) -> Vec<u8> {
    let number = |bytes: &[u8]| [&[2, 33, 0], bytes].concat();
    let both = [number(&signature[..32]), number(&signature[32..])].concat();
    [vec![0x30, 70], both].concat()
}

/// Keys with which signatures can be made without the private part.
fn weak(world: &World) -> Vec<Row> {
    let signed = |kid: &str, sign: &dyn Fn(&[u8]) -> Vec<u8>| world.hostile(kid).sign_with(&world.rsa, sign);
    let identity = [&[1_u8][..], &[0; 63]].concat();
    let edwards = |kid: &str| -> Token { world.hostile(kid).header("alg", "EdDSA") };
    vec![
        refused(24, "an RSA key of 1024 bits", signed("rsa-1024", &|message| world.short.sign(message))),
        // With the exponent 1, the padded hash is its own signature.
        refused(25, "RSA with the exponent 1", signed("e-1", &|message| padded(message, 256))),
        refused(26, "RSA with the exponent 3 and bad padding", signed("e-3", &|message| world.cubic.forge(message))),
        good(
            26,
            "RSA with the exponent 3 and good padding",
            signed("e-3", &|message| world.cubic.sign(message)),
            "hostile:player-1",
        ),
        refused(27, "an RSA key of 16384 bits", signed("rsa-16384", &|_| vec![0x5a; 2048])),
        refused(28, "the identity as a key of Ed25519", edwards("identity").sign_with(&world.ed25519, |_| identity)),
        good(28, "a real key of Ed25519", edwards("ed25519").sign(&world.ed25519), "hostile:player-1"),
    ]
}
