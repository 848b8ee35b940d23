//! Maps an [`Error`] to HTTP; no other module does. The answer is a problem document (RFC 9457) that the stock Unreal
//! client, the course-template client and a developer can each read.

use std::time::Duration;

use lambda_http::{
    Body, Response,
    http::{StatusCode, header},
};
use problem_details::ProblemDetails;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    answer::json_body,
    error::{Code, Error, FieldError, Upstream},
};

/// The meaning of a [`Code`] over HTTP; one row of `docs/errors.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The HTTP status.
    pub status: u16,
    /// The sentence for every occurrence; `title` and `error.message` of the answer.
    pub title: &'static str,
    /// Whether the same request may succeed later without any change, and after how long.
    pub retry: Retry,
    /// The cause, for the docs.
    pub cause: &'static str,
}

/// Whether and when to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same request will fail again.
    Never,
    /// The same request may succeed after this many milliseconds, so that clients need not guess.
    AfterMs(u32),
}

impl Row {
    const fn new(status: u16, title: &'static str, retry: Retry, cause: &'static str) -> Self {
        Self { status, title, retry, cause }
    }
}

/// The contract's table.
pub const fn row(code: Code) -> Row {
    use Retry::{AfterMs, Never};
    match code {
        Code::InvalidRequest => {
            Row::new(400, "The request is not valid", Never, "A field is missing or wrong; every bad field is named")
        }
        Code::InvalidJson => Row::new(
            400,
            "The body is not a JSON object",
            Never,
            "Truncated JSON, no body, or a body that is an array, a string or a number",
        ),
        Code::BodyTooLarge => Row::new(413, "The body is too large", Never, "More bytes than the route takes"),
        Code::UnsupportedMediaType => Row::new(
            415,
            "The body is not declared as JSON",
            Never,
            "A Content-Type other than application/json, or none from a web page",
        ),
        Code::IdempotencyKeyReused => Row::new(
            422,
            "The idempotency key was used for another request",
            Never,
            "Same key, other body (IdempotentParameterMismatchException; of a stream as well ConflictException)",
        ),
        Code::Unauthenticated => Row::new(
            401,
            "The player is not known",
            Never,
            "The authorizer refuses the call: it has no token, its token is not accepted, its player is in `LIFTGATE_DENIED_PLAYERS`, or the deployment does not know who players are (`Identity=refuse`, or settings of the function authorize that cannot be used); no authorizer named the player, and the body's uuid is not trusted here; an authorizer gave a subject that is no player's id; or the call of a game server is not signed",
        ),
        Code::PlayerMismatch => Row::new(
            403,
            "The player is someone else",
            Never,
            "The body's uuid differs from the authorizer's subject, or the refresh token is another player's",
        ),
        Code::NotInvited => Row::new(
            403,
            "A player has not agreed to come",
            Never,
            "A player of uuids has given no invitation that still counts, and is not in the caller's claim party",
        ),
        Code::SignInRefused => Row::new(
            403,
            "The player may not sign in",
            Never,
            "`POST /sign_in`: the ticket, the guest's secret or the refresh token is not a good one; a policy refuses the player, as with a ban in Steam; or the provider (Steam, guests) is not set up",
        ),
        Code::OriginNotAllowed => Row::new(
            403,
            "The origin is not allowed",
            Never,
            "Local world only: a web page whose origin is not in LIFTGATE_ALLOWED_ORIGINS, or a Host header with a name that can be a stranger's",
        ),
        Code::RouteNotFound => Row::new(404, "No such route", Never, "The path is not one of Liftgate's"),
        Code::MethodNotAllowed => {
            Row::new(405, "The route takes another method", Never, "GET instead of POST, or the other way round")
        }
        Code::SessionNotFound => {
            Row::new(404, "The game session does not exist", Never, "NotFoundException for a game session")
        }
        Code::SessionFull => Row::new(409, "The game session is full", Never, "GameSessionFullException"),
        Code::SessionNotJoinable => Row::new(
            409,
            "The game session cannot be joined",
            Never,
            "Closed to new players, ended, or InvalidGameSessionStatusException",
        ),
        Code::NoSessionToRejoin => Row::new(
            404,
            "There is no game session to rejoin",
            Never,
            "join_session without GameSessionId, and the player has been in no game session that is still ACTIVE",
        ),
        Code::SessionFailed => Row::new(
            502,
            "The game session failed",
            AfterMs(1000),
            "It went to ERROR, TERMINATING or TERMINATED while Liftgate waited for it. If it was the last one of an `Idempotency-Key`, `retryable` is false: the same request would only fail again, so take another key",
        ),
        Code::ActivationTimeout => Row::new(
            504,
            "The session did not start in time",
            AfterMs(1000),
            "A game session or stream session that is still ACTIVATING when the time budget ends, or is not yet placed by the queue",
        ),
        Code::NoCapacity => Row::new(
            503,
            "No free game server",
            AfterMs(2000),
            "FleetCapacityExceededException in every candidate fleet and location, or OutOfCapacityException in the game server group",
        ),
        Code::NoFleet => Row::new(
            500,
            "No fleet to play on",
            Never,
            "No ACTIVE fleet, or a configured fleet or alias that does not exist or is terminal",
        ),
        Code::FleetNotActive => {
            Row::new(500, "The fleet is not active", AfterMs(10_000), "InvalidFleetStatusException")
        }
        Code::NoCompute => Row::new(
            500,
            "The fleet has no compute",
            AfterMs(10_000),
            "An Anywhere fleet without an active compute, so no location is known",
        ),
        Code::BackendMisconfigured => Row::new(
            500,
            "The backend is not configured right",
            Never,
            "A bad LIFTGATE_* variable, or a secret named there that is missing or cannot be used; AWS refused a request that no player shaped; an authorizer that names all players alike, or a party in another form than a JSON array; or a party although players have no way to agree to it (no LIFTGATE_INVITATION_KEY)",
        ),
        Code::BackendNotPermitted => Row::new(
            500,
            "The backend lacks a permission",
            Never,
            "UnauthorizedException or AccessDeniedException: the function's role",
        ),
        Code::CredentialsExpired => {
            Row::new(500, "The backend's credentials have expired", Never, "ExpiredTokenException")
        }
        Code::RateLimited => Row::new(
            429,
            "Too many requests",
            AfterMs(1000),
            "Throttled by API Gateway, or by AWS after all retries; a player, or all guests of one network together, or an address without a token at `/sign_in` and `/find_session`, that sends too many ([rates](fairness.md#rates-of-one-player)), for which the time is 4 s; an address that the firewall (`Waf`) limits, for which the time is 60 s; a player who has just named several stream sessions that are not the player's, for which the time is 4 s; or too many different searches where there are more open game sessions than one search reads",
        ),
        Code::UpstreamUnavailable => Row::new(
            503,
            "The game service cannot be reached",
            AfterMs(1000),
            "Connection refused or cut, time-out, NotReadyException; the keys of a token's issuer cannot be had, or the authorizer failed; API Gateway got no answer from the function, as when Lambda throttles it, it crashed or took too long (2 s; what the call asked for may be done); at `POST /sign_in`, Steam or AWS Secrets Manager cannot be reached, or Steam does not know the ticket yet (2 s)",
        ),
        Code::UpstreamError => Row::new(
            502,
            "The game service failed",
            AfterMs(1000),
            "InternalServiceException, ConflictException, an unreadable answer or an exception not known today",
        ),
        Code::LimitExceeded => Row::new(
            429,
            "A limit of the game service is reached",
            AfterMs(60_000),
            "LimitExceededException, as at an account's quota; or one of Liftgate's limits for a player, with a time of its own: game sessions started (`LIFTGATE_CREATOR_ID`: 1 s, or the period of the fleet's policy), game sessions that no other player came to (`LIFTGATE_MAX_UNCLAIMED_SESSIONS`, with the `GameSessionId` of one: until a slot times out, or 31 s), slots that a player has (`LIFTGATE_MAX_UNUSED_SLOTS`, with `GameSessionId` if they are all in that one: until one times out, or 60 s), live streams (`LIFTGATE_MAX_STREAMS`: 10 s)",
        ),
        Code::StreamNotFound => Row::new(
            404,
            "The stream session does not exist",
            Never,
            "Unknown, or started by another player; or the player has none to reconnect to",
        ),
        Code::StreamInUse => Row::new(
            409,
            "The stream session is in use",
            AfterMs(2000),
            "A client is connected to it, also after waiting for one that was lost; it was started for another game session; ConflictException of a connection",
        ),
        Code::ReconnectInProgress => Row::new(
            409,
            "The stream session is not ready for a connection",
            AfterMs(2000),
            "Still starting, or another reconnect is under way",
        ),
        Code::InvalidSignalRequest => Row::new(
            422,
            "The signal request is not a usable WebRTC offer",
            Never,
            "Not JSON, not an offer, too large, or refused by GameLift Streams",
        ),
        Code::StaleSignalRequest => {
            Row::new(422, "The signal request was used before", Never, "A reconnect needs a newly made offer")
        }
        Code::StreamCapacityUnavailable => {
            Row::new(503, "No free stream capacity", AfterMs(30_000), "StatusReason placementTimeout")
        }
        Code::StreamConnectExpired => {
            Row::new(410, "Nobody connected to the stream in time", Never, "StatusReason connectionTimeout")
        }
        Code::StreamReconnectExpired => {
            Row::new(410, "Nobody reconnected to the stream in time", Never, "StatusReason reconnectionTimeout")
        }
        Code::StreamIdle => Row::new(410, "The stream ended for want of input", Never, "StatusReason idleTimeout"),
        Code::StreamMaxLength => {
            Row::new(410, "The stream reached its maximum length", Never, "StatusReason maxSessionLengthTimeout")
        }
        Code::StreamEnded => Row::new(
            410,
            "The stream was ended",
            Never,
            "StatusReason apiTerminated, or the session is being terminated",
        ),
        Code::StreamApplicationExited => {
            Row::new(410, "The streamed application exited", Never, "StatusReason applicationExit")
        }
        Code::StreamMisconfigured => Row::new(
            500,
            "Streaming is not configured right",
            Never,
            "Unknown stream group or application, a group that is not ACTIVE, locations without the application; StatusReason applicationLogS3DestinationError or assumeRoleFailed",
        ),
        Code::StreamServiceError => Row::new(
            502,
            "The stream service failed",
            AfterMs(1000),
            "StatusReason internalError, or a status not known today",
        ),
        Code::GameServerConflict => Row::new(
            409,
            "Another game server has this id",
            Never,
            "ConflictException: the id is registered from another instance, in another group or with another connection_info",
        ),
        Code::GameServerNotFound => Row::new(
            404,
            "The game server does not exist",
            Never,
            "NotFoundException: never registered in the group, deregistered, or without a health report for too long",
        ),
        Code::TicketNotFound => Row::new(
            404,
            "The matchmaking ticket does not exist",
            Never,
            "Unknown, too old to be remembered, or another player's: a ticket is known to its players alone",
        ),
        Code::AlreadySearching => Row::new(
            409,
            "A player is searching already",
            Never,
            "Another member of the party has a search of their own that goes on; the detail names the member and tells nothing of the search",
        ),
        Code::MatchAlreadyPlacing => Row::new(
            409,
            "The match is made and cannot be left",
            Never,
            "stop_matchmaking, or accept_match with accept false, after the ticket's match has gone to the queue (PLACING) or has its game session (COMPLETED)",
        ),
        Code::NoMatchToAccept => Row::new(
            409,
            "There is no match to accept",
            Never,
            "accept_match while the ticket is QUEUED or SEARCHING: no match was found yet, or another player did not accept the one that was; or a second answer that differs from the first and that GameLift does not take. To accept a match that is PLACING or COMPLETED is no error",
        ),
        Code::MatchmakingPending => Row::new(
            504,
            "The search goes on",
            AfterMs(1000),
            "The call's time is over and the search goes on; `TicketId` names it, and the same request goes on with it. An answer to a match that gets this code has not come to GameLift: send it again, after 1 to 4 s",
        ),
        Code::MatchmakingTimedOut => Row::new(
            410,
            "The search found no match",
            Never,
            "TIMED_OUT: the ticket reached the time of its matchmaking configuration. The ticket has ended: a new search, with a new `Idempotency-Key` if there is one, is another request",
        ),
        Code::MatchmakingCancelled => Row::new(
            409,
            "The search was stopped",
            Never,
            "CANCELLED: a player of the ticket stopped it or did not accept the match, GameLift ended it because one of its players has a newer ticket, nobody asked for it for a minute while it waited for its turn, or it could not begin within ten minutes; `Reason` [says which](matchmaking.md#how-a-search-ends-without-a-match). A new search is another request, as after `MATCHMAKING_TIMED_OUT`",
        ),
        Code::MatchmakingFailed => Row::new(
            502,
            "The search failed",
            Never,
            "FAILED: GameLift could not go on with the ticket, as when no queue has a place for the match, or has not taken the search in time; or it has told of the match without the player's session. A new search is another request, as after `MATCHMAKING_TIMED_OUT`",
        ),
        Code::Internal => {
            Row::new(500, "Something broke in Liftgate", Never, "A bug; it is in the log with the request id")
        }
    }
}

/// The members of the answer that extend RFC 9457's.
#[derive(Serialize)]
struct Extensions<'a> {
    /// RFC 9457's `type`. It is here because the crate's type cannot hold a URN.
    #[serde(rename = "type")]
    problem_type: String,
    /// The stock Unreal client treats an answer with this key as an error.
    error: ErrorMember,
    /// The course-template client reads these two members.
    #[serde(rename = "errorType")]
    error_type: &'a str,
    #[serde(rename = "errorMessage")]
    error_message: &'static str,
    #[serde(rename = "requestId")]
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream: Option<&'a Upstream>,
    #[serde(flatten)]
    members: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct ErrorMember {
    code: &'static str,
    message: &'static str,
    retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

/// Renders `error`. With `expose` the answer also includes the AWS service's error.
pub fn response(error: &Error, request_id: &str, expose: bool) -> Response<Body> {
    let code = error.code();
    let row = row(code);
    let wait = retry_after(error);
    let exception = error.upstream().and_then(|upstream| upstream.exception.as_deref());
    let problem = ProblemDetails::from_status_code(status(row))
        .with_title(row.title)
        .with_detail(error.detail())
        .with_extensions(Extensions {
            problem_type: type_uri(code),
            error: ErrorMember {
                code: code.as_str(),
                message: row.title,
                retryable: is_retryable(error),
                retry_after_ms: wait.map(|wait| wait.as_millis().try_into().unwrap_or(u64::MAX)),
            },
            error_type: exception.unwrap_or(code.as_str()),
            error_message: row.title,
            request_id,
            errors: error.fields(),
            upstream: error.upstream().filter(|_| expose),
            members: error.members(),
        });
    let mut response = Response::builder().status(status(row)).header(header::CONTENT_TYPE, "application/problem+json");
    if let Some(wait) = wait {
        // The header has whole seconds; rounding up keeps "not before".
        response = response.header(header::RETRY_AFTER, wait.as_millis().div_ceil(1000).to_string());
    }
    response.body(json_body(&problem)).expect("status and headers come from the table")
}

/// Whether the same request may succeed later.
fn is_retryable(error: &Error) -> bool {
    row(error.code()).retry != Retry::Never && !error.is_final()
}

/// How long to wait before the next try, if one makes sense: by the error, or else by the code's default.
fn retry_after(error: &Error) -> Option<Duration> {
    match row(error.code()).retry {
        _ if !is_retryable(error) => None,
        Retry::AfterMs(ms) => Some(error.retry_after().unwrap_or(Duration::from_millis(ms.into()))),
        Retry::Never => None,
    }
}

/// The problem's type: a name, not an address, because the project has no web site.
pub fn type_uri(code: Code) -> String {
    format!("urn:liftgate:error:{}", code.as_str().to_ascii_lowercase().replace('_', "-"))
}

/// The code of an AWS service's refusal with this HTTP status and without a known exception.
pub const fn of_refusal(status: u16) -> Code {
    match status {
        429 => Code::RateLimited,
        503 => Code::UpstreamUnavailable,
        _ => Code::UpstreamError,
    }
}

fn status(row: Row) -> StatusCode {
    StatusCode::from_u16(row.status).expect("the table holds valid statuses")
}
