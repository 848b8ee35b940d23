//! One key of Liftgate's own issuer.
//!
//! A template of AWS's can make a random text, and no key. So the ES256 key is derived from the text of a secret:
//! nobody has to make a key, store it or copy it.

use std::fmt;

use aws_lc_rs::{
    agreement::{self, ECDH_P256},
    hkdf::{HKDF_SHA256, Prk, Salt},
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use shared::{
    config::{
        environment::SIGNING_SECRET,
        secret::{LEAST_SECRET, is_too_short},
    },
    error::{Code, Error},
};

/// Names what the derived bytes are for. It is part of the derivation, so a change of it changes every key.
const SALT: &[u8] = b"liftgate/own-issuer";
const INFO: &[u8] = b"es256/1";

/// The order of the curve P-256: a private key is below it, and not zero.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// A key that signs tokens by ES256.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    kid: String,
    x: String,
    y: String,
}

impl SigningKey {
    /// The key of a secret's text: always the same one for the same text.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` when the text is too short to be a secret.
    pub fn derive(text: &str) -> Result<Self, Error> {
        if is_too_short(text) {
            return Err(Error::new(
                Code::BackendMisconfigured,
                format!(
                    "The secret of {SIGNING_SECRET} is too short: it takes at least {LEAST_SECRET} random characters."
                ),
            ));
        }
        let scalar = first_scalar(candidates(&Salt::new(HKDF_SHA256, SALT).extract(text.as_bytes())));
        scalar.as_ref().and_then(Self::of_scalar).ok_or_else(|| {
            Error::new(
                Code::Internal,
                format!("No key can be made from the secret of {SIGNING_SECRET}. Replace its text."),
            )
        })
    }

    fn of_scalar(scalar: &[u8; 32]) -> Option<Self> {
        // The type that signs takes both halves; the type that agrees on secrets computes the public one.
        let private = agreement::PrivateKey::from_private_key(&ECDH_P256, scalar).ok()?;
        let public = private.compute_public_key().ok()?;
        let pair =
            EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, scalar, public.as_ref())
                .ok()?;
        // An uncompressed point: 4, x, y.
        let (x, y) = public.as_ref().get(1..)?.split_at_checked(32)?;
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        Some(Self { kid: thumbprint(&x, &y), pair, x, y })
    }

    /// The key's name in tokens and in the JWKS: its thumbprint (RFC 7638).
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half as a JWK.
    pub fn jwk(&self) -> Value {
        json!({
            "kty": "EC", "crv": "P-256", "x": self.x, "y": self.y, "kid": self.kid, "use": "sig", "alg": "ES256",
        })
    }

    /// The signature of `message`, as a token has it: r and s, of 32 bytes each.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature = self.pair.sign(&SystemRandom::new(), message);
        signature.expect("a whole key signs every message").as_ref().to_vec()
    }

    /// Whether the signature is this key's.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key()).verify(message, signature).is_ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The numbers that a secret gives, one after the other.
fn candidates(secret: &Prk) -> impl Iterator<Item = [u8; 32]> {
    (0..=u8::MAX).filter_map(|number| {
        let mut bytes = [0; 32];
        let number = [number];
        let info = [INFO, &number];
        let derived = secret.expand(&info, HKDF_SHA256).ok()?;
        derived.fill(&mut bytes).ok()?;
        Some(bytes)
    })
}

/// The first that is a private key. All others are thrown away, so that every key is as likely; a second try is
/// needed once in four billion secrets.
fn first_scalar(mut candidates: impl Iterator<Item = [u8; 32]>) -> Option<[u8; 32]> {
    candidates.find(|candidate| *candidate < ORDER && *candidate != [0; 32])
}

/// RFC 7638: the hash of the members that make the key, in the order of the alphabet, without white space.
fn thumbprint(x: &str, y: &str) -> String {
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, members.as_bytes()))
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{
        Algorithm, DecodingKey, Validation, decode,
        jwk::{Jwk, ThumbprintHash},
    };

    use super::*;

    const TEXT: &str = "a text of at least 32 characters, as CloudFormation makes it";

    /// A change of the derivation would sign out everybody at an update.
    #[test]
    fn a_text_always_gives_the_same_key() {
        let key = SigningKey::derive(TEXT).unwrap();
        assert_eq!(key.kid(), "QFLV-ygNJP-s3469LtihOh8L6FCgAhPVYE--mpenr4Q");
        assert_ne!(SigningKey::derive(&TEXT.to_uppercase()).unwrap().kid(), key.kid());
    }

    #[test]
    fn a_short_text_is_refused_with_the_variable() {
        let error = SigningKey::derive(&"x".repeat(31)).unwrap_err();
        assert!(error.detail().contains("LIFTGATE_SIGNING_SECRET"), "{error}");
        assert!(SigningKey::derive(&"x".repeat(32)).is_ok());
    }

    #[test]
    fn numbers_that_are_no_private_key_are_thrown_away() {
        let mut below = ORDER;
        below[31] -= 1;
        let mut one = [0; 32];
        one[31] = 1;
        assert_eq!(first_scalar([[0; 32], [0xff; 32], ORDER, below, one].into_iter()), Some(below));
        assert_eq!(first_scalar([[0; 32], one].into_iter()), Some(one));
        assert_eq!(first_scalar([ORDER].into_iter()), None);
        assert!(SigningKey::of_scalar(&one).is_some() && SigningKey::of_scalar(&below).is_some());
        assert!(SigningKey::of_scalar(&ORDER).is_none() && SigningKey::of_scalar(&[0; 32]).is_none());
    }

    #[test]
    fn a_standard_library_reads_the_key_and_its_signatures() {
        let key = SigningKey::derive(TEXT).unwrap();
        let jwk: Jwk = serde_json::from_value(key.jwk()).unwrap();
        assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).unwrap(), key.kid());
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#), URL_SAFE_NO_PAD.encode("{}"));
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes())));
        let mut rules = Validation::new(Algorithm::ES256);
        rules.set_required_spec_claims::<&str>(&[]);
        let read = decode::<Value>(&token, &DecodingKey::from_jwk(&jwk).unwrap(), &rules);
        assert_eq!(read.unwrap().claims, json!({}));
    }

    #[test]
    fn a_key_is_not_shown() {
        let key = SigningKey::derive(TEXT).unwrap();
        assert_eq!(format!("{key:?}"), format!("SigningKey {{ kid: {:?}, .. }}", key.kid()));
    }
}
