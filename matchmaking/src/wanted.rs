//! The game session that a client asks for.

use aws::gamelift::{LOCATION_NAMES, is_location_name};
use shared::{
    Error,
    request::{
        Fields, Member, Members,
        members::{Integer, NumberMap, Text, TextMap},
    },
};

use crate::{
    config::fleets::{BUILD_ID, FleetConfig},
    party::Party,
};

pub(crate) const NAME: Member<Text> = Member::text("session_name", 1..=1024, "The game session's name.").required();

/// GameLift takes no more players in a game session.
pub(crate) const CONNECTIONS: Member<Integer> =
    Member::integer("num_connections", 1..=200, "The game session's player slots.").required();

pub(crate) const LOCATION: Member<Text> = Member::text(
    "location",
    1..=64,
    "The only location where the game session may be. A queue and a game server group take none.",
);

pub(crate) const GAME_PROPERTIES: Member<TextMap> = Member::text_map(
    "game_properties",
    TextMap { most: 16, name: 32, value: 96 },
    "Properties that the game server gets and that /find_session searches for.",
);

const GAME_SESSION_DATA: Member<Text> =
    Member::text("game_session_data", 1..=262_144, "Data that the game server gets at the start.");

/// There are fewer Regions, and a higher latency would say no more.
pub(crate) const LATENCIES: Member<NumberMap> = Member::number_map(
    "latencies_ms",
    NumberMap { most: 50, highest: 100_000.0 },
    "Latencies from the players to Regions or locations, in milliseconds, by their names.",
);

/// A game session to start.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// `session_name`.
    pub name: String,
    /// `num_connections`: player slots.
    pub maximum_player_session_count: i32,
    /// `location`: the only location that is accepted.
    pub location: Option<String>,
    /// `game_properties`, by name.
    pub game_properties: Vec<(String, String)>,
    /// `game_session_data`.
    pub game_session_data: Option<String>,
    /// `latencies_ms`: from the players to Regions, in milliseconds. Queues use them for the placement.
    pub latencies: Vec<(String, f32)>,
    /// `build_id`: the game version, if `LIFTGATE_BUILDS` assigns fleets to versions.
    pub build_id: Option<i32>,
}

impl Wanted {
    /// What [`Wanted::read`] reads.
    pub const MEMBERS: Members =
        &[&NAME, &CONNECTIONS, &LOCATION, &GAME_PROPERTIES, &GAME_SESSION_DATA, &LATENCIES, &BUILD_ID];

    /// Reads the fields. `fields` collects the errors; the result is valid only if there are none. A field that the
    /// configuration has no use for is ignored.
    pub fn read(fields: &mut Fields, config: &FleetConfig) -> Self {
        let mut wanted = Self {
            name: fields.string(&NAME).unwrap_or_default(),
            maximum_player_session_count: fields.integer(&CONNECTIONS).unwrap_or_default(),
            location: location(fields),
            game_properties: fields.text_map(&GAME_PROPERTIES),
            game_session_data: fields.string(&GAME_SESSION_DATA),
            latencies: if config.queue.is_some() {
                latencies(fields)
            } else {
                fields.ignore(LATENCIES.name);
                Vec::new()
            },
            build_id: config.build_id(fields),
        };
        // A repeat may list the properties in another order.
        wanted.game_properties.sort();
        if config.queue.is_some() && wanted.location.is_some() {
            fields.error(
                LOCATION.name,
                "cannot be chosen, because a queue places the game sessions; send latencies_ms instead",
            );
        }
        if config.game_server_group.is_some() && wanted.location.is_some() {
            fields.error(LOCATION.name, "cannot be chosen, because a game server group has no locations; leave it out");
        }
        wanted
    }

    /// Checks that the party fits into the game session.
    ///
    /// # Errors
    /// `INVALID_REQUEST` if not.
    pub fn check_room_for(&self, party: &Party) -> Result<(), Error> {
        let players = party.ids().len();
        if usize::try_from(self.maximum_player_session_count).is_ok_and(|slots| slots >= players) {
            return Ok(());
        }
        Err(Error::invalid_field(
            CONNECTIONS.name,
            format!("has to be {players} at least: the party has as many players."),
        ))
    }
}

/// Reads `latencies_ms`: from the players to Regions, in milliseconds. `fields` collects the errors.
pub(crate) fn latencies(fields: &mut Fields) -> Vec<(String, f32)> {
    fields.numbers(&LATENCIES)
}

fn location(fields: &mut Fields) -> Option<String> {
    let location = fields.string(&LOCATION)?;
    if is_location_name(&location) {
        return Some(location);
    }
    fields.error(LOCATION.name, LOCATION_NAMES);
    None
}
