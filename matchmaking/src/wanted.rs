//! The game session that a client asks for.

use aws::gamelift::{LOCATION_NAMES, is_location_name};
use shared::{Error, request::Fields};

use crate::{config::fleets::FleetConfig, party::Party};

/// The most players that GameLift takes in a game session.
const MAX_PLAYERS: i32 = 200;

/// The highest latency in milliseconds. Higher values would say no more.
const MAX_LATENCY: f32 = 100_000.0;

/// The most latencies: more than there are Regions.
const MAX_LATENCIES: usize = 50;

/// A game session to start.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// `session_name`: 1 to 1024 characters.
    pub name: String,
    /// `num_connections`: player slots, 1 to 200.
    pub maximum_player_session_count: i32,
    /// `location`: the only location that is accepted; at most 64 characters.
    pub location: Option<String>,
    /// `game_properties`: at most 16 names (32 characters) with values (96 characters), by name.
    pub game_properties: Vec<(String, String)>,
    /// `game_session_data`: up to 262,144 characters.
    pub game_session_data: Option<String>,
    /// `latencies_ms`: from the players to Regions, in milliseconds. Queues use them for the placement.
    pub latencies: Vec<(String, f32)>,
    /// `build_id`: the game version, if `LIFTGATE_BUILDS` assigns fleets to versions.
    pub build_id: Option<i32>,
}

impl Wanted {
    /// Reads the fields. `fields` collects the errors; the result is valid only if there are none. A field that the
    /// configuration has no use for is ignored.
    pub fn read(fields: &mut Fields, config: &FleetConfig) -> Self {
        let mut wanted = Self {
            name: fields.required_string("session_name", 1..=1024).unwrap_or_default(),
            maximum_player_session_count: fields
                .required_integer("num_connections", 1..=MAX_PLAYERS)
                .unwrap_or_default(),
            location: location(fields),
            game_properties: fields.optional_strings("game_properties", 16, 32, 96),
            game_session_data: fields.optional_string("game_session_data", 1..=262_144),
            latencies: if config.queue.is_some() {
                optional_latencies(fields)
            } else {
                fields.ignore("latencies_ms");
                Vec::new()
            },
            build_id: config.build_id(fields),
        };
        // A repeat may list the properties in another order.
        wanted.game_properties.sort();
        if config.queue.is_some() && wanted.location.is_some() {
            fields.error(
                "location",
                "cannot be chosen, because a queue places the game sessions; send latencies_ms instead",
            );
        }
        if config.game_server_group.is_some() && wanted.location.is_some() {
            fields.error("location", "cannot be chosen, because a game server group has no locations; leave it out");
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
            "num_connections",
            format!("has to be {players} at least: the party has as many players."),
        ))
    }
}

/// Reads `latencies_ms`: from the players to Regions, in milliseconds. `fields` collects the errors.
pub(crate) fn optional_latencies(fields: &mut Fields) -> Vec<(String, f32)> {
    fields.optional_numbers("latencies_ms", MAX_LATENCIES, MAX_LATENCY)
}

fn location(fields: &mut Fields) -> Option<String> {
    let location = fields.optional_string("location", 1..=64)?;
    if is_location_name(&location) {
        return Some(location);
    }
    fields.error("location", LOCATION_NAMES);
    None
}
