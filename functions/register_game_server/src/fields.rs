//! The parts that the routes' requests share: the check of the caller, and the fields with GameLift's constraints.

use matchmaking::{config::GameServerConfig, game_servers};
use shared::{Call, Code, Error, request::Fields};

/// The names of the fields: GameLift's in `snake_case`.
pub(crate) const GROUP: &str = "game_server_group_name";
pub(crate) const ID: &str = "game_server_id";
pub(crate) const DATA: &str = "game_server_data";

/// The most characters of game server data that GameLift takes.
const MAX_DATA: usize = 1024;

/// Refuses callers that API Gateway has not authorized by AWS credentials.
///
/// # Errors
/// `UNAUTHENTICATED` for any other caller.
pub(crate) fn check_caller(call: &Call, config: &GameServerConfig) -> Result<(), Error> {
    if config.trust_unsigned || call.is_signed() {
        return Ok(());
    }
    Err(Error::new(
        Code::Unauthenticated,
        "Only game servers may call this: put an AWS_IAM authorizer before the route, and sign the call with the instance's credentials. LIFTGATE_TRUST_GAME_SERVERS=true takes unsigned calls too.",
    ))
}

/// The group of a body: `game_server_group_name`, or else the first configured one.
pub(crate) fn group(fields: &mut Fields, config: &GameServerConfig) -> String {
    let named = fields.optional_string(GROUP, 1..=128);
    match known_group(named, config) {
        Ok(group) => group,
        Err(message) => {
            fields.error(GROUP, message);
            String::new()
        }
    }
}

/// The group of that name, or the message of the field's error.
pub(crate) fn known_group(named: Option<String>, config: &GameServerConfig) -> Result<String, String> {
    let group = named.unwrap_or_else(|| config.groups[0].clone());
    if config.groups.contains(&group) {
        return Ok(group);
    }
    Err(format!(
        "is no group of this API, which has {}; LIFTGATE_GAME_SERVER_GROUPS names them",
        config.groups.join(", ")
    ))
}

/// The id of a game server, which is required.
pub(crate) fn id(fields: &mut Fields) -> String {
    let id = fields.required_string(ID, 3..=128).unwrap_or_default();
    if !game_servers::is_id(&id) {
        fields.error(ID, ID_TAKES);
    }
    id
}

pub(crate) const ID_TAKES: &str = "takes A-Z, a-z, 0-9, . and -";

/// The data of a game server, if present.
pub(crate) fn data(fields: &mut Fields) -> Option<String> {
    text(fields, DATA, MAX_DATA)
}

/// A text of up to `most` characters that are not all white space, if present.
pub(crate) fn text(fields: &mut Fields, field: &'static str, most: usize) -> Option<String> {
    let text = fields.optional_string(field, 1..=most)?;
    if text.chars().all(char::is_whitespace) {
        fields.error(field, "has to be more than white space; leave it out for none");
        return None;
    }
    Some(text)
}
