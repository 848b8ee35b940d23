//! Guests: players without an account. A guest is a random id with a secret, which the game keeps on the device.
//!
//! Nothing is stored: a guest's secret is made from the server's secret and the id. So nobody can take back the secret
//! of one guest, and whoever knows the server's secret is every guest.
//!
//! The secret also holds the network in which the guest was made, so that the guest brings it back from any other. It is
//! a hash keyed by the server's secret: nobody without that secret learns an address from it.

use std::fmt;

use aws_lc_rs::{
    digest::SHA256_OUTPUT_LEN,
    hmac::{self, HMAC_SHA256},
    rand::{SecureRandom as _, SystemRandom},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::{
    config::secret::{LEAST_SECRET, is_too_short},
    error::{Code, Error},
    hash::hex,
};

use crate::network;

/// What the ids of guests begin with, as players.
pub const PREFIX: &str = "guest:";

/// These name what a hash is for, so that another use of the same secret gives other hashes: the secret of a guest
/// without a network, that of a guest with one, and the network.
const GUEST: &[u8] = b"liftgate/guest/1:";
const GUEST_OF_NETWORK: &[u8] = b"liftgate/guest/2:";
const NETWORK: &[u8] = b"liftgate/network/1:";

/// The bytes of a network's hash.
const NETWORK_BYTES: usize = 16;

/// The server's secret, from which the guests' secrets are made.
pub struct Guests(hmac::Key);

/// A network as a hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Network([u8; NETWORK_BYTES]);

/// What a guest's id and secret say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// They do not belong together.
    Not,
    /// They do, and name no network.
    WithoutNetwork,
    /// They do. The guest was made in this network.
    MadeIn(Network),
}

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

    /// The network of a guest's address: an IPv4 address, or the first 56 bits of one of IPv6. `None` for a text that is
    /// no address.
    pub fn network(&self, address: &str) -> Option<Network> {
        let network = network::of(address)?.to_string();
        let hash = hmac::sign(&self.0, &[NETWORK, network.as_bytes()].concat());
        hash.as_ref().first_chunk().copied().map(Network)
    }

    /// A new guest, made in this network.
    ///
    /// # Errors
    /// `INTERNAL` when the machine gives no random bytes.
    pub fn make(&self, network: Option<Network>) -> Result<Guest, Error> {
        let mut id = [0; 16];
        SystemRandom::new()
            .fill(&mut id)
            .map_err(|_| Error::new(Code::Internal, "The machine gives no random bytes."))?;
        let id = hex(&id);
        let network = network.as_ref().map_or(&[][..], |network| &network.0);
        let signature = hmac::sign(&self.0, &message(&id, network));
        let secret = URL_SAFE_NO_PAD.encode([network, signature.as_ref()].concat());
        Ok(Guest { id, secret })
    }

    /// Whether the secret is that of the guest, and the network that it names. How long the comparison takes does not
    /// depend on the secret.
    pub fn know(&self, id: &str, secret: &str) -> Known {
        let secret = URL_SAFE_NO_PAD.decode(secret).unwrap_or_default();
        let Some((network, signature)) = secret.split_last_chunk::<SHA256_OUTPUT_LEN>() else { return Known::Not };
        if hmac::verify(&self.0, &message(id, network), signature).is_err() {
            return Known::Not;
        }
        match (network, network.try_into()) {
            ([], _) => Known::WithoutNetwork,
            (_, Ok(network)) => Known::MadeIn(Network(network)),
            _ => Known::Not,
        }
    }
}

impl Network {
    /// The network as tokens name it.
    pub fn name(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

/// What the guest's secret signs. The network has one length, so no other id and network have the same message.
fn message(id: &str, network: &[u8]) -> Vec<u8> {
    if network.is_empty() {
        [GUEST, id.as_bytes()].concat()
    } else {
        [GUEST_OF_NETWORK, network, id.as_bytes()].concat()
    }
}

impl fmt::Debug for Guests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guests")
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
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
        let (one, other) = (guests().make(None).unwrap(), guests().make(None).unwrap());
        assert_ne!((&one.id, &one.secret), (&other.id, &other.secret));
        assert_eq!(guests().know(&one.id, &one.secret), Known::WithoutNetwork);
        let wrong = |id: &str, secret: &str| assert_eq!(guests().know(id, secret), Known::Not, "{id} {secret}");
        wrong(&one.id, &other.secret);
        wrong(&other.id, &one.secret);
        for secret in ["", "A", "=", &one.secret[1..], &format!("{}A", one.secret), &format!("{}=", one.secret)] {
            wrong(&one.id, secret);
        }
        wrong(&one.id.to_uppercase(), &one.secret);
        assert_eq!(Guests::new(&"x".repeat(32)).unwrap().know(&one.id, &one.secret), Known::Not);
    }

    #[test]
    fn a_guest_brings_the_network_back_and_cannot_change_it() {
        let networks = ["203.0.113.17", "203.0.113.18"].map(|address| guests().network(address).unwrap());
        let [here, there] = networks;
        let guest = guests().make(Some(here)).unwrap();
        assert_eq!(guests().know(&guest.id, &guest.secret), Known::MadeIn(here));
        let bytes = URL_SAFE_NO_PAD.decode(&guest.secret).unwrap();
        let (network, signature) = bytes.split_at(NETWORK_BYTES);
        assert_eq!(network, here.0);
        for forged in [&there.0[..], &[], &here.0[1..], &[here.0, here.0].concat()] {
            let secret = URL_SAFE_NO_PAD.encode([forged, signature].concat());
            assert_eq!(guests().know(&guest.id, &secret), Known::Not, "{forged:?}");
        }
        // Nor does the first byte of the id pass for the last one of the network.
        let shifted = [network, &guest.id.as_bytes()[..1]].concat();
        let secret = URL_SAFE_NO_PAD.encode([&shifted[..], signature].concat());
        assert_eq!(guests().know(&guest.id[1..], &secret), Known::Not);
    }

    /// The signature of a guest who was made in a network is none of another guest's without one, whose id begins with
    /// the network. Networks are hashes, so this one is made up of letters.
    #[test]
    fn a_network_does_not_pass_for_a_part_of_an_id() {
        let network = Network(*b"sixteen letters!");
        let guest = guests().make(Some(network)).unwrap();
        let signature = &URL_SAFE_NO_PAD.decode(&guest.secret).unwrap()[NETWORK_BYTES..];
        let id = format!("sixteen letters!{}", guest.id);
        assert_eq!(guests().know(&id, &URL_SAFE_NO_PAD.encode(signature)), Known::Not);
    }

    #[test]
    fn a_network_shows_no_address_to_those_without_the_secret() {
        let network = |guests: Guests, address| guests.network(address).map(|network| network.name());
        let here = network(guests(), "203.0.113.17");
        assert_eq!(here.as_deref().map(str::len), Some(22));
        assert_eq!(here, network(guests(), "::ffff:203.0.113.17"));
        assert_ne!(here, network(guests(), "203.0.113.18"));
        assert_ne!(here, network(Guests::new(&"x".repeat(32)).unwrap(), "203.0.113.17"));
        assert_eq!(network(guests(), "2001:db8:1:2ff::1"), network(guests(), "2001:db8:1:200::2"));
        assert_eq!(network(guests(), "no address"), None);
    }

    /// A secret that was given out has to stay good over updates of Liftgate.
    #[test]
    fn a_secret_stays_the_same() {
        let id = "00112233445566778899aabbccddeeff";
        assert_eq!(guests().know(id, "Z_KZmGL9Zw5NQAF2iKKn85NOmRCjV34IFaxmn4hj7ug"), Known::WithoutNetwork);
        let network = guests().network("203.0.113.17").unwrap();
        assert_eq!(network.name(), "Rvo7KXrxhKjoObrF9MzfjA");
        assert_eq!(
            guests().know(id, "Rvo7KXrxhKjoObrF9MzfjGUMV19GmDskWx8YYOVHxB-RQF1m4oKyEHq1SnvSOMQt"),
            Known::MadeIn(network)
        );
    }

    #[test]
    fn a_short_text_is_refused_with_the_variable() {
        assert!(Guests::new(&"x".repeat(31)).unwrap_err().detail().contains("LIFTGATE_GUEST_SECRET"));
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?} {:?}", guests(), guests().make(None).unwrap()), "Guests Guest");
    }
}
