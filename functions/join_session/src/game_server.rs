//! Joins a game session where a FleetIQ game server group replaces fleets.

use aws::gamelift::DescribeGameServer;
use matchmaking::{
    config::{BUILD_ID, LimitConfig},
    game_servers,
    party::{Party, PartyFields},
    start::Started,
    streaming::Streaming,
    streams::EnterCalls,
};
use shared::{
    Answer, Call, Code, Error,
    deadline::within,
    request::{Fields, Member},
};

use crate::members::{GAME_SERVER_ID, GAME_SESSION_ID, PLACEMENT_ID};

/// Answers with the party's places in the game session on the game server that the body names.
pub(crate) async fn join(
    gamelift: &impl DescribeGameServer,
    group: &str,
    limits: &LimitConfig,
    streaming: &Streaming<impl EnterCalls>,
    call: &Call,
) -> Result<Answer, Error> {
    let mut fields = call.fields()?;
    let id = game_server_id(&mut fields);
    fields.ignore(PLACEMENT_ID.name);
    fields.ignore(BUILD_ID.name);
    let players = PartyFields::read(call, &mut fields);
    let stream = streaming.read(&mut fields)?;
    let terms = call.terms(&mut fields);
    fields.check()?;
    let party = Party::of(call, players, limits)?;
    let Some(id) = id else {
        let detail = "Send the GameServerId: on which game server a player is, only the game servers know.";
        return Err(Error::new(Code::NoSessionToRejoin, detail));
    };
    stream.check(&party)?;
    let server = within(stream.first_half(&terms).deadline, gamelift.describe_game_server(group, &id)).await?;
    let hosted = game_servers::enter(server, &party)?;
    stream.complete(&Started::Hosted(Box::new(hosted)), &party, &terms).await
}

/// The game server's id: `GameServerId`; or `GameSessionId`, which is the same here, because the stock client sends
/// nothing else.
fn game_server_id(fields: &mut Fields) -> Option<String> {
    let mut id = None;
    for member in [Member { name: GAME_SESSION_ID.name, ..GAME_SERVER_ID }, GAME_SERVER_ID] {
        let Some(named) = fields.string(&member) else { continue };
        if !game_servers::is_id(&named) {
            fields.error(member.name, "is not a game server's id; send it as find_session or create_session gave it");
        }
        id = Some(named);
    }
    id
}
