//! One public key, and the algorithms that it is for.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

/// The shortest and the longest modulus of an RSA key, in bits.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Points of Ed25519 of a small order, without the sign bit. A signature that everybody can make fits such a key.
const SMALL_POINTS: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

/// A public key that may check signatures.
pub(crate) struct Key {
    pub(crate) kid: String,
    kind: Kind,
    /// The only algorithm, if the key names one.
    only: Option<String>,
    pub(crate) decoding: DecodingKey,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

impl Key {
    /// Reads an entry of a JWKS. `None` for a key that may not check signatures, that is of an unknown kind, or that
    /// is broken. One such key does not spoil the others.
    pub(crate) fn read(entry: &Value) -> Option<Self> {
        let text = |name: &str| entry[name].as_str();
        let may_verify = match &entry["key_ops"] {
            Value::Null => true,
            operations => operations.as_array()?.iter().any(|operation| operation == "verify"),
        };
        let is_for_signatures = matches!(&entry["use"], Value::Null) || text("use") == Some("sig");
        // With a private part in public, everybody can sign.
        let is_public = ["d", "k", "p", "q"].iter().all(|part| entry[*part].is_null());
        if !(may_verify && is_for_signatures && is_public) {
            return None;
        }
        let (kind, decoding) = match (text("kty")?, text("crv")) {
            ("RSA", _) => (Kind::Rsa, rsa(text("n")?, text("e")?)?),
            ("EC", Some("P-256")) => (Kind::P256, elliptic(text("x")?, text("y")?, 32)?),
            ("EC", Some("P-384")) => (Kind::P384, elliptic(text("x")?, text("y")?, 48)?),
            ("OKP", Some("Ed25519")) => (Kind::Ed25519, edwards(text("x")?)?),
            _ => return None,
        };
        let only = match &entry["alg"] {
            Value::Null => None,
            algorithm => Some(algorithm.as_str()?.to_owned()),
        };
        let kid = text("kid").filter(|kid| !kid.is_empty())?.to_owned();
        Some(Self { kid, kind, only, decoding })
    }

    /// Whether a token that is signed with `algorithm` may be checked with this key.
    pub(crate) fn takes(&self, algorithm: Algorithm) -> bool {
        let kind = match algorithm {
            Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512 => Kind::Rsa,
            Algorithm::ES256 => Kind::P256,
            Algorithm::ES384 => Kind::P384,
            Algorithm::EdDSA => Kind::Ed25519,
            // With HMAC everybody who can check a token could make one.
            _ => return false,
        };
        self.kind == kind && self.only.as_ref().is_none_or(|only| *only == format!("{algorithm:?}"))
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn rsa(modulus: &str, exponent: &str) -> Option<DecodingKey> {
    let (n, e) = (bytes(modulus)?, bytes(exponent)?);
    let n: &[u8] = &n[n.iter().position(|byte| *byte != 0)?..];
    let bits = n.len() * 8 - n.first()?.leading_zeros() as usize;
    let exponent = e.iter().try_fold(0_u64, |number, byte| number.checked_mul(256)?.checked_add(u64::from(*byte)))?;
    // An exponent of 1 makes the padded hash its own signature.
    let is_sound = RSA_BITS.contains(&bits) && exponent >= 3 && exponent % 2 == 1 && exponent < 1 << 33;
    is_sound.then(|| DecodingKey::from_rsa_raw_components(n, &e))
}

fn elliptic(x: &str, y: &str, length: usize) -> Option<DecodingKey> {
    let is_coordinate = |text: &str| bytes(text).is_some_and(|bytes| bytes.len() == length);
    // Whether the point lies on the curve is checked with every signature.
    (is_coordinate(x) && is_coordinate(y)).then(|| DecodingKey::from_ec_components(x, y).ok()).flatten()
}

fn edwards(x: &str) -> Option<DecodingKey> {
    let mut point = bytes(x).filter(|point| point.len() == 32)?;
    point[31] &= 0x7f;
    let is_small = SMALL_POINTS.contains(&shared::hash::hex(&point).as_str());
    (!is_small).then(|| DecodingKey::from_ed_components(x).ok()).flatten()
}
