//! The players who come together: the caller, and the players that the body names in `uuids`.

use shared::{Call, Error, player::Player, request::Fields};

/// The most players for whom one `CreatePlayerSessions` reserves.
pub const MAX_PARTY: usize = 25;

/// A party of one to 25 different players. They get their slots together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    caller: Player,
    /// The player ids, the caller's first.
    ids: Vec<String>,
    /// Whether the body identifies the caller.
    trusts_body: bool,
}

/// The fields of a body that name the players.
#[derive(Clone, Debug)]
pub struct PartyFields {
    uuid: Option<String>,
    uuids: Vec<String>,
}

impl PartyFields {
    /// Reads `uuid` and `uuids`. Without an authorizer one of them is required.
    pub fn read(call: &Call, fields: &mut Fields) -> Self {
        let uuids = fields.optional_list("uuids", MAX_PARTY, 1..=1024);
        let uuid = if uuids.is_empty() { call.uuid(fields) } else { fields.optional_string("uuid", 1..=1024) };
        Self { uuid, uuids }
    }
}

impl Party {
    /// The caller together with the players that the body names. Without an authorizer and without `uuid`, the caller
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

    /// A party of these players, the first of whom calls.
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

    /// The player ids of the party, the caller's first.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Whether the body identifies the caller, so that every member can speak for the others.
    pub fn trusts_body(&self) -> bool {
        self.trusts_body
    }

    /// Whether the caller may see every member's player session. A player session lets its holder play as its player.
    /// So if an authorizer identifies players, the others fetch theirs by `join_session`.
    pub fn shows_all(&self) -> bool {
        self.trusts_body
    }
}
