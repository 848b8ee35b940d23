//! The fields of a body that say which match a player looks for.

use std::collections::BTreeMap;

use aws::gamelift::MOST_PLAYERS_OF_A_TICKET;
use shared::{
    Call, Error,
    request::{Fields, Member, Members, members::Text},
};

use crate::{
    attributes::{self, ATTRIBUTES, Attributes},
    config::tickets::{NAME_LENGTH, TicketConfig},
    party::{Party, UUIDS},
    tickets::request::{SearchPlayer, SearchRequest},
    wanted::LATENCIES,
};

const CONFIGURATION: Member<Text> = Member::text(
    "configuration",
    NAME_LENGTH,
    "The matchmaking configuration, one of LIFTGATE_MATCHMAKING_CONFIGURATIONS. Left out: the first of them.",
);

/// What a client asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchFields {
    /// `configuration`: one of `LIFTGATE_MATCHMAKING_CONFIGURATIONS`.
    configuration: Option<String>,
    /// `attributes`, as far as a client may send them.
    attributes: Attributes,
    /// `latencies_ms`: from the players to Regions and locations.
    latencies: BTreeMap<String, i32>,
}

impl SearchFields {
    /// What [`SearchFields::read`] reads.
    pub const MEMBERS: Members = &[&CONFIGURATION, &ATTRIBUTES, &LATENCIES];

    /// Reads the fields. `fields` collects the errors; the result is valid only if there are none.
    pub fn read(fields: &mut Fields, config: &TicketConfig) -> Self {
        let named = fields.string(&CONFIGURATION);
        if named.as_ref().is_some_and(|named| !config.configurations.contains(named)) {
            let all = config.configurations.join(", ");
            fields
                .error(CONFIGURATION.name, format!("names no matchmaking configuration of this game; it takes {all}"));
        }
        Self {
            configuration: named,
            attributes: attributes::sent(fields, config),
            latencies: attributes::latencies(fields),
        }
    }

    /// The search of this party. All its players have the attributes and latencies that the caller sends: a rule set
    /// matches no ticket of which one player lacks what it asks for. What the caller's claims say is the caller's alone.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for more players than FlexMatch takes in a ticket; `BACKEND_MISCONFIGURED` for a claim that is
    /// no attribute.
    pub fn of_party(self, call: &Call, party: &Party, config: &TicketConfig) -> Result<SearchRequest, Error> {
        if party.ids().len() > MOST_PLAYERS_OF_A_TICKET {
            let why =
                format!("names more than {MOST_PLAYERS_OF_A_TICKET} players in all, the most who search together.");
            return Err(Error::invalid_field(UUIDS.name, why));
        }
        let claimed = attributes::claimed(call, config)?;
        let player = |id: &String| SearchPlayer {
            id: id.clone(),
            attributes: self.attributes.clone(),
            latencies: self.latencies.clone(),
        };
        Ok(SearchRequest {
            is_default: self.configuration.is_none(),
            players: party.ids().iter().map(player).collect(),
            configuration: self.configuration.unwrap_or_else(|| config.default_configuration().to_owned()),
            claimed,
        })
    }
}
