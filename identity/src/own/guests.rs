//! Guests: players without an account. A guest is a random id with a secret, which the game keeps on the device.
//!
//! Nothing is stored: a guest's secret is made from the server's secret and the id. So nobody can take back the secret
//! of one guest, and whoever knows the server's secret is every guest.

use std::fmt;

use aws_lc_rs::{
    hmac::{self, HMAC_SHA256},
    rand::{SecureRandom as _, SystemRandom},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::{
    config::secret::{LEAST_SECRET, is_too_short},
    error::{Code, Error},
    hash::hex,
};

/// What the ids of guests begin with, as players.
pub const PREFIX: &str = "guest:";

/// Names what the hash is for, so that another use of the same secret gives other hashes.
const PURPOSE: &[u8] = b"liftgate/guest/1:";

/// The server's secret, from which the guests' secrets are made.
pub struct Guests(hmac::Key);

/// A new guest.
#[derive(Clone, PartialEq, Eq)]
pub struct Guest {
    /// The id: 32 hexadecimal digits.
    pub id: String,
    /// The secret. It is shown to the guest once.
    pub secret: String,
}

impl Guests {
    /// Guests with secrets that are made from this text.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` when the text is too short to be a secret.
    pub fn new(text: &str) -> Result<Self, Error> {
        if is_too_short(text) {
            return Err(Error::new(
                Code::BackendMisconfigured,
                format!(
                    "The secret of LIFTGATE_GUEST_SECRET is too short: it takes at least {LEAST_SECRET} random characters."
                ),
            ));
        }
        Ok(Self(hmac::Key::new(HMAC_SHA256, text.as_bytes())))
    }

    /// A new guest.
    ///
    /// # Errors
    /// `INTERNAL` when the machine gives no random bytes.
    pub fn make(&self) -> Result<Guest, Error> {
        let mut id = [0; 16];
        SystemRandom::new()
            .fill(&mut id)
            .map_err(|_| Error::new(Code::Internal, "The machine gives no random bytes."))?;
        let id = hex(&id);
        let secret = URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, &message(&id)));
        Ok(Guest { id, secret })
    }

    /// Whether the secret is that of the guest. How long the comparison takes does not depend on the secret.
    pub fn know(&self, id: &str, secret: &str) -> bool {
        let secret = URL_SAFE_NO_PAD.decode(secret).unwrap_or_default();
        hmac::verify(&self.0, &message(id), &secret).is_ok()
    }
}

fn message(id: &str) -> Vec<u8> {
    [PURPOSE, id.as_bytes()].concat()
}

impl fmt::Debug for Guests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guests")
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guests() -> Guests {
        Guests::new("a text of at least 32 characters, as CloudFormation makes it").unwrap()
    }

    #[test]
    fn a_guest_is_known_by_its_own_secret_only() {
        let (one, other) = (guests().make().unwrap(), guests().make().unwrap());
        assert_ne!((&one.id, &one.secret), (&other.id, &other.secret));
        assert!(guests().know(&one.id, &one.secret));
        assert!(!guests().know(&one.id, &other.secret) && !guests().know(&other.id, &one.secret));
        for wrong in ["", "A", "=", &one.secret[1..], &format!("{}A", one.secret), &format!("{}=", one.secret)] {
            assert!(!guests().know(&one.id, wrong), "{wrong}");
        }
        assert!(!guests().know(&one.id.to_uppercase(), &one.secret));
        assert!(!Guests::new(&"x".repeat(32)).unwrap().know(&one.id, &one.secret));
    }

    /// A secret that was given out has to stay good over updates of Liftgate.
    #[test]
    fn a_secret_stays_the_same() {
        assert!(guests().know("00112233445566778899aabbccddeeff", "Z_KZmGL9Zw5NQAF2iKKn85NOmRCjV34IFaxmn4hj7ug"));
    }

    #[test]
    fn a_short_text_is_refused_with_the_variable() {
        assert!(Guests::new(&"x".repeat(31)).unwrap_err().detail().contains("LIFTGATE_GUEST_SECRET"));
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?} {:?}", guests(), guests().make().unwrap()), "Guests Guest");
    }
}
