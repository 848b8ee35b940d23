//! The players who come together: the caller, and the players that the body names in `uuids`.
//!
//! If an authorizer tells players apart, the others have to have agreed: by an invitation that the caller sends
//! ([`shared::invitation`]), or by a claim of the caller's token. Without an authorizer everybody can speak for
//! everybody, and only the size is limited.

use std::time::SystemTime;

use shared::{
    Call, Code, Error,
    authorizer::MAX_PARTY,
    invitation::{MAX_LENGTH, VARIABLE},
    player::{Player, UUID},
    request::{
        Fields, Member, Members,
        members::{Text, Texts},
    },
};

use crate::config::limits::LimitConfig;

/// A party of one to 25 different players. They get their slots together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    caller: Player,
    /// The player ids, the caller's first.
    ids: Vec<String>,
    /// Whether the body identifies the caller.
    trusts_body: bool,
    /// Whether a body may name any player, also where a token identifies the caller.
    has_free_names: bool,
}

/// The members of a party, the caller among them or not.
pub(crate) const UUIDS: Member<Texts> = {
    let Text { least, most } = UUID.takes;
    Member::texts("uuids", MAX_PARTY, least..=most, "The players who come together. The caller may be one of them.")
};

const INVITATIONS: Member<Texts> = Member::texts(
    "invitations",
    MAX_PARTY,
    1..=MAX_LENGTH,
    "The invitations of the other players, as /create_invitation gave them. Without a token none is needed.",
);

/// The fields of a body that name the players.
#[derive(Clone, Debug)]
pub struct PartyFields {
    uuid: Option<String>,
    uuids: Vec<String>,
    /// The invitations of the others, in any order.
    invitations: Vec<String>,
}

impl PartyFields {
    /// What [`PartyFields::read`] reads.
    pub const MEMBERS: Members = &[&UUID, &UUIDS, &INVITATIONS];

    /// Reads `uuid`, `uuids` and `invitations`. Without an authorizer one of the first two is required.
    pub fn read(call: &Call, fields: &mut Fields) -> Self {
        let uuids = fields.texts(&UUIDS);
        let invitations = fields.texts(&INVITATIONS);
        let uuid = if uuids.is_empty() { call.uuid(fields) } else { fields.string(&UUID) };
        Self { uuid, uuids, invitations }
    }
}

impl Party {
    /// The caller together with the players that the body names. Without an authorizer and without `uuid`, the caller
    /// is the first of `uuids`.
    ///
    /// # Errors
    /// Those of [`Call::player`]; `INVALID_REQUEST` for more players than the limit; with an authorizer `NOT_INVITED`
    /// for players who have not agreed, and `BACKEND_MISCONFIGURED` if there is no way to agree.
    pub fn of(call: &Call, fields: PartyFields, limits: &LimitConfig) -> Result<Self, Error> {
        let PartyFields { uuid, uuids, invitations } = fields;
        let first = uuids.first().filter(|_| call.trusts_body()).cloned();
        let caller = call.player(uuid.or(first))?;
        let mut ids = vec![caller.id().to_owned()];
        for id in &uuids {
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        check_size(ids.len(), limits.max_party)?;
        let trusts_body = call.trusts_body();
        if !trusts_body && ids.len() > 1 {
            check_consent(call, &caller, &uuids, &invitations, limits)?;
        }
        Ok(Self { caller, ids, trusts_body, has_free_names: call.has_free_names() })
    }

    /// A party of these players, the first of whom calls.
    #[cfg(test)]
    pub(crate) fn of_ids(ids: &[&str]) -> Self {
        let trusting = shared::config::HttpConfig { trust_body_uuid: true, ..Default::default() };
        let caller = Player::identify(&lambda_http::Request::default(), Some(ids[0].to_owned()), &trusting);
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        Self { caller: caller.expect("the body is trusted"), ids, trusts_body: true, has_free_names: true }
    }

    /// The player who calls.
    pub fn caller(&self) -> &Player {
        &self.caller
    }

    /// The player ids of the party, the caller's first.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Whether the body identifies the caller, so that every member can speak for the others.
    pub fn trusts_body(&self) -> bool {
        self.trusts_body
    }

    /// Whether anybody may call under the names of the party's players.
    pub fn has_free_names(&self) -> bool {
        self.has_free_names
    }

    /// Whether the caller may see every member's player session. A player session lets its holder play as its player.
    /// So if an authorizer identifies players, the others fetch theirs by `join_session`.
    pub fn shows_all(&self) -> bool {
        self.trusts_body
    }
}

fn check_size(players: usize, most: usize) -> Result<(), Error> {
    match (players, most) {
        _ if players <= most => Ok(()),
        (_, 1) => Err(Error::invalid_field(UUIDS.name, "names other players, and parties are switched off here.")),
        _ => Err(Error::invalid_field(
            UUIDS.name,
            format!("names more than {most} players in all, the caller included."),
        )),
    }
}

/// Checks that every player of `uuids` but the caller has agreed to come. The error names them by their index, because
/// ids are not for logs and are easily mixed up.
fn check_consent(
    call: &Call,
    caller: &Player,
    uuids: &[String],
    invitations: &[String],
    limits: &LimitConfig,
) -> Result<(), Error> {
    let agreed = call.agreed_party()?;
    let key = limits.invitation_key.as_ref();
    if key.is_none() && agreed.is_none() {
        return Err(Error::new(
            Code::BackendMisconfigured,
            format!(
                "Players cannot agree to a party yet. Set {VARIABLE} to a random secret, so that POST /create_invitation works; or let the authorizer pass the members of a party in its context as party; or set LIFTGATE_MAX_PARTY=1."
            ),
        ));
    }
    let now = SystemTime::now();
    let has_agreed = |id: &String| {
        let is_invited = |invitation: &String| key.is_some_and(|key| key.is_invited(invitation, id, caller.id(), now));
        id == caller.id() || agreed.iter().flatten().any(|member| member == id) || invitations.iter().any(is_invited)
    };
    let missing: Vec<_> = (0..uuids.len()).filter(|index| !has_agreed(&uuids[*index])).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let named: Vec<_> = missing.iter().map(|index| format!("uuids[{index}]")).collect();
    let advice = match key {
        Some(_) => {
            "Each player gets an invitation by POST /create_invitation, for this leader or for any, and the leader sends all of them in invitations within 2 minutes."
        }
        None => "The claim party of the caller's token has to name each of them.",
    };
    Err(Error::new(Code::NotInvited, format!("No agreement of {}. {advice}", named.join(", "))))
}
