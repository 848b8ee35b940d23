//! The parts that the routes' requests share: the check of the caller, and the fields with GameLift's constraints.

use matchmaking::{
    config::{GROUP_LENGTH, GameServerConfig},
    game_servers,
};
use shared::{
    Call, Code, Error,
    request::{Fields, Member, Members, members::Text},
};

/// The fields have GameLift's names in `snake_case`, and GameLift's constraints.
pub(crate) const GROUP: Member<Text> = Member::text(
    "game_server_group_name",
    GROUP_LENGTH,
    "The game server group, one of LIFTGATE_GAME_SERVER_GROUPS. Left out: the first of them.",
);
pub(crate) const ID: Member<Text> = Member::text(
    "game_server_id",
    game_servers::ID_LENGTH,
    "The game server's id, which no other one of the account has: letters, digits, dots and hyphens.",
)
.required();
pub(crate) const DATA: Member<Text> = Member::text(
    "game_server_data",
    1..=game_servers::MAX_DATA,
    "Data of the game server, which players' calls read and change.",
);

/// The members of the body of a deregistration.
pub const DEREGISTER_MEMBERS: Members = &[&GROUP, &ID];

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
    let named = fields.string(&GROUP);
    match known_group(named, config) {
        Ok(group) => group,
        Err(message) => {
            fields.error(GROUP.name, message);
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
    let id = fields.string(&ID).unwrap_or_default();
    if !game_servers::is_id(&id) {
        fields.error(ID.name, ID_TAKES);
    }
    id
}

pub(crate) const ID_TAKES: &str = "takes A-Z, a-z, 0-9, . and -";

/// The data of a game server, if present.
pub(crate) fn data(fields: &mut Fields) -> Option<String> {
    text(fields, &DATA)
}

/// A text that is not all white space, if present.
pub(crate) fn text(fields: &mut Fields, member: &Member<Text>) -> Option<String> {
    let text = fields.string(member)?;
    if text.chars().all(char::is_whitespace) {
        fields.error(member.name, "has to be more than white space; leave it out for none");
        return None;
    }
    Some(text)
}
