//! RSA keys that no library of cryptography makes: too short, or with an exponent that forgives mistakes.
//!
//! Their private halves are constants of the tests, and their signatures are the genuine ones. So a token that is
//! refused is refused for its key or its padding, and not for a signature of random bytes.

use aws_lc_rs::digest::{SHA256, digest};
use num_bigint::BigUint;
use serde_json::{Value, json};

use crate::tokens::signer::encode;

/// Two primes of 512 bits.
const SHORT: [&[u8]; 2] = [
    b"cbab7070a25a36feefcf0e336da568647058b26870124e9b89017b62c8363bd22fbf831f3e65a5708abd7a19a657c37a\
      b9754d65ca0bec013fc6f8b026fdad43",
    b"df2e46dc725f3b05980b303ab214c10c022a4dd4eae99ae9a1fc7d331b22ae52ce24c5b5fd09acc6f76e3dea38c2925d\
      82d733838e207e4b7b10f1afab9d1ed5",
];

/// Two primes of 1024 bits that allow the exponent 3.
const CUBIC: [&[u8]; 2] = [
    b"e23f2418996d62f0ba6dd0a9a3eb9b6ac31216283e914be6096639601055201811b2723c0d5c970a3374707f9feb5307\
      9112f75a78082ef1fcb6e4d3e5377dceff736f3c0554ce7c35fb219d273de6e18ed21dd25e6a814871fa921ca4461cb1\
      882069ff4d4806b7a79ff22b90f1c1aa855f6c6bf26e9b04abe8105bab130735",
    b"cf6f356945814f7eecdb6ad12f89213daac7987fbb68ee03bccf8e4c0c9de9139c083302d27b02f1c57e1b58efa8b5e6\
      db78aa2ae51e822e6c7bf99cc6ee480c3aaa9deb3634077644d761a388d325edf0dd9f960eb80d9d0a5f062a09787d43\
      12df8932bc8548180aacf37869cbcc7265def2eb6bc715efbb0a151d013dbc6d",
];

/// What PKCS #1 puts in front of a SHA-256.
const PREFIX: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// A key pair.
#[derive(Debug)]
pub(super) struct WeakRsa {
    modulus: BigUint,
    exponent: u32,
    private: BigUint,
}

impl WeakRsa {
    /// A key of 1024 bits.
    pub(super) fn short() -> Self {
        Self::of(SHORT, 65_537)
    }

    /// A key of 2048 bits with the exponent 3.
    pub(super) fn cubic() -> Self {
        Self::of(CUBIC, 3)
    }

    fn of(primes: [&[u8]; 2], exponent: u32) -> Self {
        let [p, q] = primes.map(|prime| BigUint::parse_bytes(prime, 16).expect("the prime is hexadecimal"));
        let order = (&p - 1_u32) * (&q - 1_u32);
        let private = BigUint::from(exponent).modinv(&order).expect("the primes allow the exponent");
        Self { modulus: p * q, exponent, private }
    }

    /// The public key as an entry of a JWKS.
    pub(super) fn jwk(&self, kid: &str) -> Value {
        let (n, e) = (self.modulus.to_bytes_be(), BigUint::from(self.exponent).to_bytes_be());
        json!({ "kty": "RSA", "use": "sig", "kid": kid, "n": encode(n), "e": encode(e) })
    }

    /// The genuine signature by RS256.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let padded = BigUint::from_bytes_be(&padded(message, self.length()));
        self.whole(&padded.modpow(&self.private, &self.modulus))
    }

    /// A signature for the exponent 3 that needs no private key: the root of a hash with too little padding and bytes
    /// behind it. It fools whoever does not count the padding (Bleichenbacher, 2006).
    pub(super) fn forge(&self, message: &[u8]) -> Vec<u8> {
        let mut wanted = padded(message, 1 + 1 + 8 + 1 + PREFIX.len() + 32);
        wanted.resize(self.length(), 0xff);
        self.whole(&BigUint::from_bytes_be(&wanted).cbrt())
    }

    fn length(&self) -> usize {
        self.modulus.to_bytes_be().len()
    }

    /// A number with zeros in front of it, as long as the modulus.
    fn whole(&self, number: &BigUint) -> Vec<u8> {
        let bytes = number.to_bytes_be();
        [vec![0; self.length() - bytes.len()], bytes].concat()
    }
}

/// The padded hash of PKCS #1, of this length.
pub(super) fn padded(message: &[u8], length: usize) -> Vec<u8> {
    let hash = digest(&SHA256, message);
    let mut padded = vec![0, 1];
    padded.resize(length - 1 - PREFIX.len() - hash.as_ref().len(), 0xff);
    padded.push(0);
    padded.extend(PREFIX);
    padded.extend(hash.as_ref());
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the public half makes of a signature.
    fn opened(key: &WeakRsa, signature: &[u8]) -> Vec<u8> {
        let signature = BigUint::from_bytes_be(signature);
        key.whole(&signature.modpow(&BigUint::from(key.exponent), &key.modulus))
    }

    #[test]
    fn signatures_are_genuine() {
        for (key, bits) in [(WeakRsa::short(), 1024), (WeakRsa::cubic(), 2048)] {
            assert_eq!(key.modulus.bits(), bits);
            assert_eq!(opened(&key, &key.sign(b"message")), padded(b"message", key.length()));
        }
    }

    #[test]
    fn a_forged_signature_begins_as_a_genuine_one_does() {
        let key = WeakRsa::cubic();
        let opened = opened(&key, &key.forge(b"message"));
        let short = padded(b"message", 62);
        assert_eq!(opened[..62], short);
        assert_ne!(opened, padded(b"message", key.length()));
    }
}
