//! The issuers, their keys, and the settings that name them.

use serde_json::{Value, json};

use crate::tokens::{
    signer::{Signer, encode},
    token::Token,
    weak_rsa::WeakRsa,
};

pub(super) const GAME: &str = "https://id.example.com/";
pub(super) const OTHER: &str = "https://other.example.com";
pub(super) const ACCESS_POOL: &str = "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_Access123";
pub(super) const ID_POOL: &str = "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_Identity1";
pub(super) const EPIC: &str = "https://api.epicgames.dev/auth/v1/oauth";
pub(super) const HOSTILE: &str = "https://hostile.example.com";
pub(super) const AUDIENCE: &str = "my-game";
pub(super) const DENIED: &str = "game:banned-1, game:banned-2";

/// The keys of all issuers.
#[derive(Debug)]
pub(super) struct World {
    pub(super) rsa: Signer,
    pub(super) p256: Signer,
    /// The other issuer's.
    pub(super) other: Signer,
    pub(super) p384: Signer,
    pub(super) ed25519: Signer,
    pub(super) short: WeakRsa,
    pub(super) cubic: WeakRsa,
    /// A key that no issuer publishes.
    pub(super) stranger: Signer,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            rsa: Signer::rsa(),
            p256: Signer::p256(),
            other: Signer::p256(),
            p384: Signer::p384(),
            ed25519: Signer::ed25519(),
            short: WeakRsa::short(),
            cubic: WeakRsa::cubic(),
            stranger: Signer::rsa(),
        }
    }

    /// A good token, to be signed with `rsa`.
    pub(super) fn token(&self) -> Token {
        Token::new(GAME, AUDIENCE, "rsa", "player-1")
    }

    /// A good token, to be signed with `p256`.
    pub(super) fn elliptic(&self) -> Token {
        self.token().header("kid", "p256")
    }

    /// A token of the issuer whose keys are hostile.
    pub(super) fn hostile(&self, kid: &str) -> Token {
        Token::new(HOSTILE, AUDIENCE, kid, "player-1")
    }

    pub(super) fn issuers(&self) -> Value {
        let keys = |keys: &[Value]| json!({ "keys": keys });
        let rsa = || keys(&[self.rsa.jwk("rsa")]);
        json!([
            { "provider": "oidc", "name": "game", "issuer": GAME, "audiences": [AUDIENCE],
              "jwks": keys(&[self.rsa.jwk("rsa"), self.p256.jwk("p256")]) },
            { "provider": "oidc", "name": "other", "issuer": OTHER, "audiences": [AUDIENCE], "typ": ["at+jwt"],
              "jwks": keys(&[self.other.jwk("other")]) },
            { "provider": "cognito", "name": "access-pool", "issuer": ACCESS_POOL, "audiences": ["client"], "jwks": rsa() },
            { "provider": "cognito", "name": "id-pool", "issuer": ID_POOL, "audiences": ["client"], "token_use": "id",
              "jwks": rsa() },
            { "provider": "eos-connect", "audiences": ["client"], "deployments": ["deployment"], "jwks": rsa() },
            { "provider": "oidc", "name": "hostile", "issuer": HOSTILE, "audiences": [AUDIENCE],
              "algorithms": ["RS256", "PS256", "ES256", "ES384", "EdDSA"], "jwks": keys(&self.hostile_keys()) },
        ])
    }

    /// Keys that a broken or hostile server could have. None of them may open anything, but for `good`,
    /// `ed25519` and `e-3`.
    fn hostile_keys(&self) -> Vec<Value> {
        let changed = |mut key: Value, name: &str, value: Value| {
            key[name] = value;
            key
        };
        let zeros = |length: usize| json!(encode(vec![0; length]));
        let p256 = |kid: &str| self.p256.jwk(kid);
        let rsa = |kid: &str| self.rsa.jwk(kid);
        let identity = [&[1_u8][..], &[0; 31]].concat();
        vec![
            rsa("good"),
            self.ed25519.jwk("ed25519"),
            self.p384.jwk("p384"),
            changed(rsa("only-ps256"), "alg", json!("PS256")),
            changed(p256("off-curve"), "y", p256("p256")["x"].clone()),
            changed(changed(p256("zero"), "x", zeros(32)), "y", zeros(32)),
            changed(p256("short"), "x", zeros(31)),
            changed(p256("secp256k1"), "crv", json!("secp256k1")),
            self.short.jwk("rsa-1024"),
            changed(rsa("e-1"), "e", json!("AQ")),
            self.cubic.jwk("e-3"),
            changed(rsa("rsa-16384"), "n", json!(encode([0xc5; 2048]))),
            json!({ "kty": "OKP", "crv": "Ed25519", "kid": "identity", "x": encode(identity) }),
            json!({ "kty": "quantum", "kid": "unknown-kty" }),
            json!({ "kid": "kid-only" }),
            changed(rsa("numeric"), "kid", json!(7)),
            json!({ "kty": "oct", "kid": "oct", "k": encode("secret") }),
            changed(rsa("enc"), "use", json!("enc")),
            changed(changed(rsa("encrypt"), "use", Value::Null), "key_ops", json!(["encrypt"])),
        ]
    }
}
