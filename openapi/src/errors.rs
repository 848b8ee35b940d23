//! The errors of each route, by status.

use std::collections::BTreeMap;

use lambda_http::http::Method;
use serde_json::{Value, json};
use shared::{
    Code, RouteId,
    problem::{Retry, row},
    routes::Needs,
};

use crate::headers;

/// The routes that a code belongs to. A new code has to be given its routes here.
pub fn may_answer(route: RouteId, code: Code) -> bool {
    use RouteId::{
        AcceptMatch, CreateInvitation, CreateSession, DescribeMatchmaking, FindOrCreateSession, FindSession, Health,
        JoinSession, Jwks, ReconnectStream, RegisterGameServer, SignIn, StartMatchmaking, StopMatchmaking,
        TerminateStream,
    };
    let enters = matches!(route, CreateSession | FindOrCreateSession | JoinSession);
    let streams = enters || route == ReconnectStream;
    let has_body = route.method() == Method::POST;
    match code {
        Code::InvalidRequest => !matches!(route, Jwks | Health),
        Code::InvalidJson | Code::BodyTooLarge | Code::UnsupportedMediaType => has_body,
        // The other routes that take a key make nothing that another request could have made.
        Code::IdempotencyKeyReused => streams || route == StartMatchmaking,
        Code::Unauthenticated => !route.is_public(),
        Code::PlayerMismatch => route.needs().is_for_players() && !route.is_public() && route != FindSession,
        Code::NotInvited => enters || route == StartMatchmaking,
        Code::SignInRefused => route == SignIn,
        // The stack leaves these routes out where nothing is configured for them.
        Code::RouteNotFound => matches!(route.needs(), Needs::Matchmaking | Needs::GameServers),
        Code::OriginNotAllowed | Code::MethodNotAllowed | Code::RateLimited | Code::Internal => true,
        Code::SessionNotFound | Code::SessionFull | Code::SessionNotJoinable | Code::SessionFailed => enters,
        Code::NoCapacity => enters,
        Code::NoSessionToRejoin => route == JoinSession,
        Code::ActivationTimeout | Code::StreamNotFound | Code::ReconnectInProgress => {
            streams || route == TerminateStream
        }
        Code::NoFleet | Code::FleetNotActive | Code::NoCompute => route.needs() == Needs::Fleets,
        Code::BackendMisconfigured | Code::UpstreamUnavailable => true,
        // An invitation needs no call to AWS.
        Code::BackendNotPermitted | Code::CredentialsExpired | Code::UpstreamError => {
            !matches!(route, Health | CreateInvitation)
        }
        Code::LimitExceeded => streams || matches!(route, StartMatchmaking | DescribeMatchmaking | RegisterGameServer),
        Code::StreamInUse
        | Code::InvalidSignalRequest
        | Code::StaleSignalRequest
        | Code::StreamCapacityUnavailable
        | Code::StreamConnectExpired
        | Code::StreamReconnectExpired
        | Code::StreamIdle
        | Code::StreamMaxLength
        | Code::StreamEnded
        | Code::StreamApplicationExited
        | Code::StreamMisconfigured
        | Code::StreamServiceError => streams,
        Code::GameServerConflict => route == RegisterGameServer || enters,
        // What has registered exists.
        Code::GameServerNotFound => (is_machines(route) && route != RegisterGameServer) || enters,
        Code::TicketNotFound => matches!(route, DescribeMatchmaking | AcceptMatch | StopMatchmaking),
        Code::AlreadySearching => route == StartMatchmaking,
        Code::MatchmakingPending => matches!(route, StartMatchmaking | AcceptMatch),
        Code::MatchAlreadyPlacing => matches!(route, AcceptMatch | StopMatchmaking),
        Code::NoMatchToAccept => route == AcceptMatch,
        Code::MatchmakingTimedOut | Code::MatchmakingCancelled | Code::MatchmakingFailed => {
            matches!(route, StartMatchmaking | DescribeMatchmaking | AcceptMatch)
        }
    }
}

fn is_machines(route: RouteId) -> bool {
    !route.needs().is_for_players()
}

/// The responses of a route's errors, by status.
pub(crate) fn responses(route: RouteId) -> BTreeMap<u16, Value> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for &code in Code::ALL.iter().filter(|code| may_answer(route, **code)) {
        by_status.entry(row(code).status).or_default().push(code);
    }
    by_status.into_iter().map(|(status, codes)| (status, response(&codes))).collect()
}

fn response(codes: &[Code]) -> Value {
    let lines: Vec<_> = codes.iter().map(|code| format!("`{}`: {}.", code.as_str(), row(*code).title)).collect();
    let names: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    let mut response = json!({
        "description": lines.join(" "),
        "x-extensible-enum": names,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    });
    if codes.iter().any(|code| row(*code).retry != Retry::Never) {
        response["headers"] = json!({ "Retry-After": headers::reference("Retry-After") });
    }
    response
}
