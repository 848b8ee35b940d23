//! The body of `POST /sign_in`.

use identity::{own::refresh::MAX_TOKEN, steam::MAX_TICKET};
use shared::{Error, request::Fields};

const PROVIDER: &str = "provider";
const TICKET: &str = "ticket";
const GUEST_ID: &str = "guest_id";
const GUEST_SECRET: &str = "guest_secret";
const REFRESH_TOKEN: &str = "refresh_token";

/// What a player shows. It has no `Debug`, as nothing of it may be in a log.
pub(crate) enum Credentials {
    /// A ticket of Steam's, in hexadecimal.
    Steam(String),
    /// Nothing: a new guest.
    NewGuest,
    /// A guest's id and secret.
    Guest(String, String),
    /// A refresh token.
    Refresh(String),
}

impl Credentials {
    /// Reads the body.
    ///
    /// # Errors
    /// `INVALID_REQUEST` with every bad field.
    pub(crate) fn read(mut fields: Fields) -> Result<Self, Error> {
        let provider = fields.required_string(PROVIDER, 1..=64);
        let credentials = match provider.as_deref() {
            Some("steam") => fields.required_string(TICKET, 2..=2 * MAX_TICKET).map(Self::Steam),
            Some("refresh") => fields.required_string(REFRESH_TOKEN, 1..=MAX_TOKEN).map(Self::Refresh),
            Some("guest") => guest(&mut fields),
            Some(_) => {
                let takes = "has to be steam, guest or refresh; the token of another provider is sent as it is, in the header Authorization of each call";
                fields.error(PROVIDER, takes);
                None
            }
            None => None,
        };
        // Every name is known, whatever the provider, so that a misspelt one is noticed.
        for name in [TICKET, GUEST_ID, GUEST_SECRET, REFRESH_TOKEN] {
            fields.ignore(name);
        }
        fields.check()?;
        credentials.ok_or_else(|| Error::invalid_field(PROVIDER, "is required"))
    }
}

/// A guest without an id is a new one. One half of id and secret is a mistake: the game would lose the guest.
fn guest(fields: &mut Fields) -> Option<Credentials> {
    if fields.is_absent(GUEST_ID) && fields.is_absent(GUEST_SECRET) {
        return Some(Credentials::NewGuest);
    }
    let id = fields.required_string(GUEST_ID, 1..=64);
    let secret = fields.required_string(GUEST_SECRET, 1..=128);
    Some(Credentials::Guest(id?, secret?))
}
