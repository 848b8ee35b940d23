//! Hashes as text.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// SHA-256 over `parts` in hexadecimal. Each part's length is hashed too, so that the boundaries between the parts
/// count.
pub fn hex_sha256(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// The bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a String takes every write");
        hex
    })
}
