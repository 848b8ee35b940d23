//! `POST /register_game_server`: a game server process is ready for players.

use aws::gamelift::{DescribeGameServer, NewGameServer, RegisterGameServer};
use aws_sdk_gamelift::types::GameServer;
use matchmaking::{config::GameServerConfig, game_servers::Address, present};
use serde_json::json;
use shared::{
    Answer, Call, Code, Error, Route, RouteId,
    deadline::{Deadline, within},
    request::{Fields, Member, Members, members::Text},
};

use crate::fields::{self, DATA, GROUP, ID};

/// The members of the body.
pub const MEMBERS: Members = &[&GROUP, &ID, &INSTANCE_ID, &CONNECTION_INFO, &DATA];

const INSTANCE_ID: Member<Text> =
    Member::text("instance_id", 0..=usize::MAX, "The EC2 instance, as in i-0123456789abcdef0.").required();
const CONNECTION_INFO: Member<Text> =
    Member::text("connection_info", 1..=512, "The address that players connect to: host:port or ip:port.");

/// The route, on any GameLift.
#[derive(Debug)]
pub struct Register<G> {
    gamelift: G,
    config: GameServerConfig,
}

impl<G> Register<G> {
    /// The route for game servers of the configured groups.
    pub fn new(gamelift: G, config: GameServerConfig) -> Self {
        Self { gamelift, config }
    }
}

impl<G: RegisterGameServer + DescribeGameServer + 'static> Route for Register<G> {
    const ID: RouteId = RouteId::RegisterGameServer;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        fields::check_caller(&call, &self.config)?;
        let mut fields = call.fields()?;
        let group = fields::group(&mut fields, &self.config);
        let id = fields::id(&mut fields);
        let instance_id = instance_id(&mut fields);
        let connection_info = connection_info(&mut fields);
        let data = fields::data(&mut fields);
        fields.check()?;
        let new = NewGameServer {
            group: &group,
            id: &id,
            instance_id: &instance_id,
            connection_info: connection_info.as_deref(),
            data: data.as_deref(),
        };
        let server = match within(call.deadline, self.gamelift.register_game_server(&new)).await {
            Err(conflict) if conflict.code() == Code::GameServerConflict => {
                self.present(&new, conflict, call.deadline).await?
            }
            registered => registered?,
        };
        Ok(Answer::ok(json!({ "GameServer": present::game_server(&server) })))
    }
}

impl<G: DescribeGameServer> Register<G> {
    /// The game server that has the id already, if it is the same: its process has repeated the call or was
    /// restarted. GameLift cannot change a game server's `ConnectionInfo`.
    async fn present(&self, new: &NewGameServer<'_>, conflict: Error, deadline: Deadline) -> Result<GameServer, Error> {
        let because =
            |why: String| conflict.clone().with_code(Code::GameServerConflict, why).with_member("GameServerId", new.id);
        let present = match within(deadline, self.gamelift.describe_game_server(new.group, new.id)).await {
            Err(unknown) if unknown.code() == Code::GameServerNotFound => {
                let why = "GameLift does not take the game server, though none of this group has its id. Either one of another group has it (ids are unique over all groups of the account), or the instance is shutting down, or the group is not ACTIVE.";
                return Err(because(why.to_owned()));
            }
            present => present?,
        };
        if present.instance_id() != Some(new.instance_id) {
            let instance = present.instance_id().unwrap_or("another instance");
            return Err(because(format!(
                "The game server with this id runs on {instance}. Choose an id that no other process has."
            )));
        }
        if new.connection_info.is_some() && present.connection_info() != new.connection_info {
            let why = "The game server with this id is reached elsewhere, and that cannot change. Deregister it, then register it again.";
            return Err(because(why.to_owned()));
        }
        Ok(present)
    }
}

fn instance_id(fields: &mut Fields) -> String {
    let Some(id) = fields.string(&INSTANCE_ID) else { return String::new() };
    let is_valid = id
        .strip_prefix("i-")
        .is_some_and(|rest| rest.len() == 17 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if !is_valid {
        fields.error(INSTANCE_ID.name, "has to be an EC2 instance's id, as in i-0123456789abcdef0");
    }
    id
}

/// Reads `connection_info`. Players could not connect to a bad one, so it is refused here, where its author can
/// correct it.
fn connection_info(fields: &mut Fields) -> Option<String> {
    let info = fields::text(fields, &CONNECTION_INFO)?;
    if let Err(why) = Address::parse(&info) {
        fields.error(CONNECTION_INFO.name, why);
    }
    Some(info)
}
