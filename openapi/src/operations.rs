//! What each route takes and answers.

use lambda_http::http::Method;
use matchmaking::{
    party::PartyFields,
    streaming::STREAM,
    streams::{Asked, SESSION_ID},
    tickets::{ACCEPT, SearchFields, TICKET_ID},
    wanted::Wanted,
};
use serde_json::{Map, Value, json};
use shared::{RouteId, player::UUID, request::Members, routes::Needs};

use crate::answers::{self, Shape};

/// The body of a success.
#[derive(Clone, Copy, Debug)]
pub enum Success {
    /// An object.
    One(&'static Shape),
    /// A list of objects.
    Many(&'static Shape),
}

const PLAYER: Members = &[&UUID];
const PLAYERS_AND_STREAM: [Members; 2] = [PartyFields::MEMBERS, &[&STREAM]];
const ANSWER_TO_MATCH: Members = &[&TICKET_ID.required(), &ACCEPT, &UUID];
const TICKET: Members = &[&TICKET_ID.required(), &UUID];
const STREAM_SESSION: Members = &[&SESSION_ID.required(), &UUID];
const FILTER: Members = &[&find_or_create_session::FILTER];

/// The members of a route's body, in groups; `None` for a route without one.
pub fn body(route: RouteId) -> Option<Vec<Members>> {
    let entering = |own: &[Members]| [own, &PLAYERS_AND_STREAM].concat();
    Some(match route {
        RouteId::CreateSession => entering(&[Wanted::MEMBERS]),
        RouteId::FindOrCreateSession => entering(&[Wanted::MEMBERS, FILTER]),
        RouteId::JoinSession => entering(&[join_session::MEMBERS]),
        RouteId::CreateInvitation => vec![create_invitation::MEMBERS],
        RouteId::StartMatchmaking => vec![SearchFields::MEMBERS, PartyFields::MEMBERS],
        RouteId::AcceptMatch => vec![ANSWER_TO_MATCH],
        RouteId::StopMatchmaking => vec![TICKET],
        RouteId::ReconnectStream => [Asked::MEMBERS, &[PLAYER]].concat(),
        RouteId::TerminateStream => vec![STREAM_SESSION],
        RouteId::SignIn => vec![sign_in::MEMBERS],
        RouteId::RegisterGameServer => vec![register_game_server::REGISTER_MEMBERS],
        RouteId::UpdateGameServer => vec![register_game_server::UPDATE_MEMBERS],
        RouteId::DeregisterGameServer => vec![register_game_server::DEREGISTER_MEMBERS],
        RouteId::FindSession
        | RouteId::DescribeMatchmaking
        | RouteId::Jwks
        | RouteId::Health
        | RouteId::GameServers => return None,
    })
}

/// The parameters of a route's query, in groups.
pub fn query(route: RouteId) -> Vec<Members> {
    match route {
        RouteId::FindSession => find_session::MEMBERS.to_vec(),
        RouteId::DescribeMatchmaking => vec![describe_matchmaking::MEMBERS],
        RouteId::GameServers => vec![register_game_server::LIST_MEMBERS],
        _ => Vec::new(),
    }
}

/// The successes of a route: status, body, and what it means.
pub fn successes(route: RouteId) -> Vec<(u16, Success, &'static str)> {
    use Success::{Many, One};
    const LATER: &str = "Still on its way, for a client that does not wait (Prefer). Come back after Retry-After.";
    match route {
        RouteId::CreateSession | RouteId::FindOrCreateSession | RouteId::JoinSession => {
            vec![(200, One(&answers::PLAYER_SESSION), route.gives()), (202, One(&answers::STARTING), LATER)]
        }
        RouteId::FindSession => vec![(200, Many(&answers::GAME_SESSION), route.gives())],
        RouteId::CreateInvitation => vec![(200, One(&answers::INVITATION), route.gives())],
        RouteId::StartMatchmaking => {
            vec![(200, One(&answers::MATCH), route.gives()), (202, One(&answers::TICKET), LATER)]
        }
        RouteId::DescribeMatchmaking => {
            vec![(200, One(&answers::MATCH), "The match."), (202, One(&answers::TICKET), "The search goes on.")]
        }
        RouteId::AcceptMatch => vec![(200, One(&answers::TICKET), "The search, whatever came of the answer.")],
        RouteId::StopMatchmaking => vec![
            (200, One(&answers::TICKET), "The search has ended."),
            (202, One(&answers::TICKET), "The search is about to end."),
        ],
        RouteId::ReconnectStream => {
            vec![(200, One(&answers::STREAM), route.gives()), (202, One(&answers::STREAM), LATER)]
        }
        RouteId::TerminateStream => vec![
            (200, One(&answers::STREAM), route.gives()),
            (202, One(&answers::STREAM), "The stream is still starting, and cannot be ended yet."),
        ],
        RouteId::SignIn => vec![(200, One(&answers::TOKENS), route.gives())],
        RouteId::Jwks => vec![(200, One(&answers::KEYS), route.gives())],
        RouteId::Health => vec![
            (200, One(&answers::HEALTH), route.gives()),
            (503, One(&answers::HEALTH), "UNHEALTHY: something keeps players from what is configured."),
        ],
        RouteId::RegisterGameServer | RouteId::UpdateGameServer | RouteId::DeregisterGameServer => {
            vec![(200, One(&answers::GAME_SERVER_ANSWER), route.gives())]
        }
        RouteId::GameServers => vec![(200, One(&answers::GAME_SERVERS), route.gives())],
    }
}

/// Whether the route takes `Idempotency-Key`: every POST of a player who is known.
pub fn takes_key(route: RouteId) -> bool {
    route.method() == Method::POST && route.has_authorizer() && route.needs() != Needs::SignIn
}

/// Whether the route takes `Prefer`: where a start may take long.
pub fn takes_preferences(route: RouteId) -> bool {
    matches!(
        route,
        RouteId::CreateSession
            | RouteId::FindOrCreateSession
            | RouteId::JoinSession
            | RouteId::StartMatchmaking
            | RouteId::ReconnectStream
            | RouteId::TerminateStream
    )
}

/// Where the answer of a route with this status leads to: by name, the route and its parameters. Members of a body are
/// parameters `body.<name>`: generators refuse an object as a link's requestBody, and schemathesis takes both. A
/// parameter is a text, so the player's answer to a match is left to the client.
pub fn links(route: RouteId, status: u16) -> Map<String, Value> {
    let link = |name: &str, to: RouteId, parameters: Value| {
        (name.to_owned(), json!({ "operationId": to.name(), "parameters": parameters }))
    };
    let (of_body, of_query) = ("$request.body#/uuid", "$request.query.uuid");
    let ticket = |uuid: &str| {
        let id = "$response.body#/TicketId";
        [
            link("status", RouteId::DescribeMatchmaking, json!({ "query.TicketId": id, "query.uuid": uuid })),
            link("accept", RouteId::AcceptMatch, json!({ "body.TicketId": id, "body.uuid": uuid })),
            link("stop", RouteId::StopMatchmaking, json!({ "body.TicketId": id, "body.uuid": uuid })),
        ]
    };
    let links = match (route, status) {
        (RouteId::CreateSession | RouteId::FindOrCreateSession, 200 | 202) => {
            let id = "$response.body#/GameSessionId";
            let join = link("join", RouteId::JoinSession, json!({ "body.GameSessionId": id, "body.uuid": of_body }));
            vec![join]
        }
        (RouteId::JoinSession, 200) => vec![link("rejoin", RouteId::JoinSession, json!({ "body.uuid": of_body }))],
        (RouteId::StartMatchmaking, 202) => ticket(of_body).to_vec(),
        (RouteId::DescribeMatchmaking, 202) => ticket(of_query).to_vec(),
        (RouteId::ReconnectStream, 200 | 202) => {
            let id = "$response.body#/StreamSessionId";
            let end = json!({ "body.stream_session_id": id, "body.uuid": of_body });
            vec![link("terminate", RouteId::TerminateStream, end)]
        }
        (RouteId::SignIn, 200) => {
            let refresh = json!({ "body.provider": "refresh", "body.refresh_token": "$response.body#/RefreshToken" });
            vec![link("refresh", RouteId::SignIn, refresh)]
        }
        (RouteId::RegisterGameServer, 200) => {
            let id = "$response.body#/GameServer/GameServerId";
            let used = json!({ "body.game_server_id": id, "body.utilization_status": "UTILIZED" });
            vec![
                link("update", RouteId::UpdateGameServer, used),
                link("deregister", RouteId::DeregisterGameServer, json!({ "body.game_server_id": id })),
            ]
        }
        _ => Vec::new(),
    };
    links.into_iter().collect()
}
