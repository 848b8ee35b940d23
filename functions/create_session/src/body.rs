//! What the client sends.

use shared::{Call, Error};

/// The most players GameLift takes in a game session.
const MAX_PLAYERS: i32 = 200;

/// The game session that the client asks for. Other fields, the stock client's `build_id` among
/// them, are ignored.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) session_name: String,
    pub(crate) num_connections: i32,
    pub(crate) location: Option<String>,
    pub(crate) game_properties: Vec<(String, String)>,
    pub(crate) game_session_data: Option<String>,
}

impl Body {
    /// Reads the body, and the player's `uuid` beside it.
    pub(crate) fn read(call: &Call) -> Result<(Self, Option<String>), Error> {
        let mut fields = call.fields()?;
        let session_name = fields.required_string("session_name", 1..=1024);
        let uuid = call.uuid(&mut fields);
        let num_connections = fields.required_integer("num_connections", 1..=MAX_PLAYERS);
        let location = fields.optional_string("location", 1..=64);
        let game_properties = fields.optional_strings("game_properties", 16, 32, 96);
        let game_session_data = fields.optional_string("game_session_data", 1..=262_144);
        fields.check()?;
        let body = Self {
            session_name: session_name.unwrap_or_default(),
            num_connections: num_connections.unwrap_or_default(),
            location,
            game_properties,
            game_session_data,
        };
        Ok((body, uuid))
    }
}
