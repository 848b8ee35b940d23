//! The body of `POST /sign_in`.

use identity::{own::refresh::MAX_TOKEN, steam::MAX_TICKET};
use shared::{
    Error,
    request::{
        Fields, Member, Members,
        members::{Text, Words},
    },
};

/// The members of the body.
pub const MEMBERS: Members = &[&PROVIDER, &TICKET, &GUEST_ID, &GUEST_SECRET, &REFRESH_TOKEN];

/// Who vouches for the player.
#[derive(Clone, Copy, Debug)]
enum Provider {
    Steam,
    Guest,
    Refresh,
}

const PROVIDER: Member<Words<Provider>> = Member::words(
    "provider",
    &[("steam", Provider::Steam), ("guest", Provider::Guest), ("refresh", Provider::Refresh)],
    "steam takes ticket; guest takes guest_id and guest_secret, or makes a new guest without them; refresh takes refresh_token.",
)
.or("; the token of another provider is sent as it is, in the header Authorization of each call")
.required();

const TICKET: Member<Text> =
    Member::text("ticket", 2..=2 * MAX_TICKET, "The Steam ticket (GetAuthTicketForWebApi), in hexadecimal.");
const GUEST_ID: Member<Text> = Member::text("guest_id", 1..=64, "The guest's id, as this route gave it.");
const GUEST_SECRET: Member<Text> = Member::text("guest_secret", 1..=128, "The guest's secret, as this route gave it.");
const REFRESH_TOKEN: Member<Text> =
    Member::text("refresh_token", 1..=MAX_TOKEN, "The refresh token, as this route gave it.");

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
        let credentials = match fields.word(&PROVIDER) {
            Some(Provider::Steam) => fields.string(&TICKET.required()).map(Self::Steam),
            Some(Provider::Refresh) => fields.string(&REFRESH_TOKEN.required()).map(Self::Refresh),
            Some(Provider::Guest) => guest(&mut fields),
            None => None,
        };
        // Every name is known, whatever the provider, so that a misspelt one is noticed.
        for Member { name, .. } in [TICKET, GUEST_ID, GUEST_SECRET, REFRESH_TOKEN] {
            fields.ignore(name);
        }
        fields.check()?;
        credentials.ok_or_else(|| Error::invalid_field(PROVIDER.name, "is required"))
    }
}

/// A guest without an id is a new one. One half of id and secret is a mistake: the game would lose the guest.
fn guest(fields: &mut Fields) -> Option<Credentials> {
    if fields.is_absent(GUEST_ID.name) && fields.is_absent(GUEST_SECRET.name) {
        return Some(Credentials::NewGuest);
    }
    let id = fields.string(&GUEST_ID.required());
    let secret = fields.string(&GUEST_SECRET.required());
    Some(Credentials::Guest(id?, secret?))
}
