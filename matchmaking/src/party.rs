//! The players who come together: the caller, and whom the body names in `uuids`.

use shared::{Call, Error, player::Player, request::Fields};

/// GameLift reserves for no more players at once (`CreatePlayerSessions`).
pub const MAX_PARTY: usize = 25;

/// One to 25 different players. They get their slots together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    caller: Player,
    /// The caller's first.
    ids: Vec<String>,
    /// Whether the body says who calls.
    trusts_body: bool,
}

/// The fields of a body that say who plays.
#[derive(Clone, Debug)]
pub struct PartyFields {
    uuid: Option<String>,
    uuids: Vec<String>,
}

impl PartyFields {
    /// Reads `uuid` and `uuids`. Without an authorizer one of them has to be there.
    pub fn read(call: &Call, fields: &mut Fields) -> Self {
        let uuids = fields.optional_list("uuids", MAX_PARTY, 1..=1024);
        let uuid = if uuids.is_empty() { call.uuid(fields) } else { fields.optional_string("uuid", 1..=1024) };
        Self { uuid, uuids }
    }
}

impl Party {
    /// The caller, with those whom the body names. Without an authorizer and without `uuid`, the caller
    /// is the first of `uuids`.
    ///
    /// # Errors
    /// Those of [`Call::player`], and `INVALID_REQUEST` for more than 25 players.
    pub fn of(call: &Call, fields: PartyFields) -> Result<Self, Error> {
        let PartyFields { uuid, uuids } = fields;
        let first = uuids.first().filter(|_| call.trusts_body()).cloned();
        let caller = call.player(uuid.or(first))?;
        let mut ids = vec![caller.id().to_owned()];
        for id in uuids {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        if ids.len() > MAX_PARTY {
            return Err(Error::invalid_field(
                "uuids",
                format!("names more than {MAX_PARTY} players, the caller included."),
            ));
        }
        Ok(Self { caller, ids, trusts_body: call.trusts_body() })
    }

    /// These players, the first of whom calls.
    #[cfg(test)]
    pub(crate) fn of_ids(ids: &[&str]) -> Self {
        let trusting = shared::config::HttpConfig { trust_body_uuid: true, ..Default::default() };
        let caller = Player::identify(&lambda_http::Request::default(), Some(ids[0].to_owned()), &trusting);
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        Self { caller: caller.expect("the body is trusted"), ids, trusts_body: true }
    }

    /// The player who calls.
    pub fn caller(&self) -> &Player {
        &self.caller
    }

    /// Everybody's player id, the caller's first.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Whether the body says who calls, so that everybody can speak for everybody.
    pub fn trusts_body(&self) -> bool {
        self.trusts_body
    }

    /// Whether the caller may see everybody's player session. A player session lets its holder play as
    /// its player, so where an authorizer says who is who, the others fetch theirs by `join_session`.
    pub fn shows_all(&self) -> bool {
        self.trusts_body
    }
}
