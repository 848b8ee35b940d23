//! Liftgate's one error type. It names a failure in Liftgate's own terms and knows nothing of HTTP;
//! [`crate::problem`] maps it to HTTP.
//!
//! Which constructor to use:
//! - the request itself is wrong: [`Error::new`] with a code, or [`Error::invalid_fields`];
//! - an AWS call failed: `aws::upstream::error`, which reads the SDK's error;
//! - a handler knows better what an upstream exception means: [`Error::with_code`].

use std::{borrow::Cow, fmt, time::Duration};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::quote::quoted;

macro_rules! codes {
    ($($variant:ident = $name:literal,)*) => {
        /// The kind of a failure, as a game client sees it. The names are part of the HTTP contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the contract's table.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The code's name in an answer, for example `NO_CAPACITY`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

codes! {
    InvalidRequest = "INVALID_REQUEST",
    InvalidJson = "INVALID_JSON",
    BodyTooLarge = "BODY_TOO_LARGE",
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED",
    Unauthenticated = "UNAUTHENTICATED",
    PlayerMismatch = "PLAYER_MISMATCH",
    NotInvited = "NOT_INVITED",
    SignInRefused = "SIGN_IN_REFUSED",
    OriginNotAllowed = "ORIGIN_NOT_ALLOWED",
    RouteNotFound = "ROUTE_NOT_FOUND",
    MethodNotAllowed = "METHOD_NOT_ALLOWED",
    SessionNotFound = "SESSION_NOT_FOUND",
    SessionFull = "SESSION_FULL",
    SessionNotJoinable = "SESSION_NOT_JOINABLE",
    NoSessionToRejoin = "NO_SESSION_TO_REJOIN",
    SessionFailed = "SESSION_FAILED",
    ActivationTimeout = "ACTIVATION_TIMEOUT",
    NoCapacity = "NO_CAPACITY",
    NoFleet = "NO_FLEET",
    FleetNotActive = "FLEET_NOT_ACTIVE",
    NoCompute = "NO_COMPUTE",
    BackendMisconfigured = "BACKEND_MISCONFIGURED",
    BackendNotPermitted = "BACKEND_NOT_PERMITTED",
    CredentialsExpired = "CREDENTIALS_EXPIRED",
    RateLimited = "RATE_LIMITED",
    UpstreamUnavailable = "UPSTREAM_UNAVAILABLE",
    UpstreamError = "UPSTREAM_ERROR",
    LimitExceeded = "LIMIT_EXCEEDED",
    StreamNotFound = "STREAM_NOT_FOUND",
    StreamInUse = "STREAM_IN_USE",
    ReconnectInProgress = "RECONNECT_IN_PROGRESS",
    InvalidSignalRequest = "INVALID_SIGNAL_REQUEST",
    StaleSignalRequest = "STALE_SIGNAL_REQUEST",
    StreamCapacityUnavailable = "STREAM_CAPACITY_UNAVAILABLE",
    StreamConnectExpired = "STREAM_CONNECT_EXPIRED",
    StreamReconnectExpired = "STREAM_RECONNECT_EXPIRED",
    StreamIdle = "STREAM_IDLE",
    StreamMaxLength = "STREAM_MAX_LENGTH",
    StreamEnded = "STREAM_ENDED",
    StreamApplicationExited = "STREAM_APPLICATION_EXITED",
    StreamMisconfigured = "STREAM_MISCONFIGURED",
    StreamServiceError = "STREAM_SERVICE_ERROR",
    GameServerConflict = "GAME_SERVER_CONFLICT",
    GameServerNotFound = "GAME_SERVER_NOT_FOUND",
    TicketNotFound = "TICKET_NOT_FOUND",
    AlreadySearching = "ALREADY_SEARCHING",
    MatchAlreadyPlacing = "MATCH_ALREADY_PLACING",
    NoMatchToAccept = "NO_MATCH_TO_ACCEPT",
    MatchmakingPending = "MATCHMAKING_PENDING",
    MatchmakingTimedOut = "MATCHMAKING_TIMED_OUT",
    MatchmakingCancelled = "MATCHMAKING_CANCELLED",
    MatchmakingFailed = "MATCHMAKING_FAILED",
    Internal = "INTERNAL",
}

impl Code {
    /// Whether the same call to AWS may succeed a moment later: it was throttled or cut off, or failed internally.
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::RateLimited | Self::UpstreamUnavailable | Self::UpstreamError)
    }
}

/// The error of a failed request. It is small, because it travels in every `Result`.
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    code: Code,
    detail: Cow<'static, str>,
    fields: Vec<FieldError>,
    upstream: Option<Upstream>,
    members: Map<String, Value>,
    retry_after: Option<Duration>,
    is_final: bool,
}

/// One bad field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field in Liftgate's own words; only these may be logged.
    #[serde(skip)]
    name: Cow<'static, str>,
    /// The whole path of the field, as in `game_properties.map`. Names that the client has chosen are quoted.
    field: String,
    /// A sentence that names the mistake and the correct form.
    message: String,
}

impl FieldError {
    /// An error of the field `name`; `message` is the rest of a sentence without its full stop.
    pub fn new(name: impl Into<Cow<'static, str>>, message: impl fmt::Display) -> Self {
        Self::part(name, "", message)
    }

    /// An error of a member of the object at `name`. The member's name is the client's.
    pub fn member(name: impl Into<Cow<'static, str>>, member: &str, message: impl fmt::Display) -> Self {
        Self::part(name, format_args!(".{}", quoted(member)), message)
    }

    /// An error of an item or a member of the field, at `suffix`.
    pub(crate) fn part(
        name: impl Into<Cow<'static, str>>,
        suffix: impl fmt::Display,
        message: impl fmt::Display,
    ) -> Self {
        let name = name.into();
        let field = format!("{name}{suffix}");
        Self::as_sent(name, field, message)
    }

    /// An error of the field that the client calls `field`, already quoted.
    pub fn as_sent(name: impl Into<Cow<'static, str>>, field: impl Into<String>, message: impl fmt::Display) -> Self {
        let field = field.into();
        let mut message = format!("{field} {message}");
        if !message.ends_with('?') {
            message.push('.');
        }
        Self { name: name.into(), field, message }
    }

    /// The same error for a member of the object at `path`.
    pub(crate) fn inside(self, path: &str) -> Self {
        Self {
            name: format!("{path}.{}", self.name).into(),
            field: format!("{path}.{}", self.field),
            message: format!("{path}.{}", self.message),
        }
    }

    /// The field in Liftgate's own words.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole path of the field.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// A sentence that names the mistake and the correct form.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// The members that an error may have at its top level besides those of every error, by the contract's names. A table in
/// docs/errors.md says what each means.
pub const MEMBERS: &[&str] = &[
    "Capacity",
    "GameServerId",
    "GameSessionId",
    "MaxWaitSeconds",
    "Place",
    "PlacementId",
    "PlayerId",
    "PlayerSessionId",
    "PreviousSession",
    "Reason",
    "Status",
    "StreamSessionId",
    "TicketId",
    "Version",
];

/// The most bad fields that an answer lists, and the most that its sentence names.
const MOST_LISTED: usize = 200;
const MOST_NAMED: usize = 20;

/// An AWS service's error. Its message reaches the client only where configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Upstream {
    /// The operation that failed, for example `CreateGameSession`.
    pub operation: &'static str,
    /// The exception's name, for example `FleetCapacityExceededException`.
    pub exception: Option<String>,
    /// The exception's message, or the failure of the connection.
    pub message: String,
    /// The AWS request id, for a support case.
    pub request_id: Option<String>,
}

impl Error {
    /// An error with a sentence for the developer who reads it. The sentence never includes upstream text or a
    /// client's text. Those go into [`Error::with_upstream`] and [`Error::invalid_fields`], which the log knows how
    /// to treat.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            code,
            detail: detail.into(),
            fields: Vec::new(),
            upstream: None,
            members: Map::new(),
            retry_after: None,
            is_final: false,
        }))
    }

    /// `INVALID_REQUEST` with all bad fields at once, up to a limit.
    pub fn invalid_fields(fields: Vec<FieldError>) -> Self {
        let named: Vec<_> = fields.iter().map(FieldError::field).take(MOST_NAMED).collect();
        let others = fields.len() - named.len();
        let more = if others == 0 { String::new() } else { format!(" and {others} more") };
        let detail = format!("Correct these fields: {}{more}.", named.join(", "));
        Self::new(Code::InvalidRequest, detail).with_fields(fields)
    }

    /// `INVALID_REQUEST` for one bad field; `what` is the rest of a sentence about it.
    pub fn invalid_field(field: &'static str, what: impl fmt::Display) -> Self {
        let what = what.to_string();
        Self::invalid_fields(vec![FieldError::new(field, what.strip_suffix('.').unwrap_or(&what))])
    }

    /// `BACKEND_MISCONFIGURED` for a variable whose value cannot be used.
    pub fn bad_variable(name: &'static str, why: impl fmt::Display) -> Self {
        Self::new(Code::BackendMisconfigured, format!("The environment variable {name} {why}"))
    }

    /// The same error under another code, with another sentence.
    #[must_use]
    pub fn with_code(mut self, code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.code = code;
        self.0.detail = detail.into();
        self
    }

    /// Names the bad fields, up to a limit.
    #[must_use]
    pub fn with_fields(mut self, mut fields: Vec<FieldError>) -> Self {
        fields.truncate(MOST_LISTED);
        self.0.fields = fields;
        self
    }

    /// Adds the AWS service's error.
    #[must_use]
    pub fn with_upstream(mut self, upstream: Upstream) -> Self {
        self.0.upstream = Some(upstream);
        self
    }

    /// Adds a top-level member that helps the client go on: one of [`MEMBERS`].
    ///
    /// # Panics
    /// Without optimizations, for a name that is none of them.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: impl Into<Value>) -> Self {
        debug_assert!(MEMBERS.contains(&name), "{name} is no member of an error, add it to MEMBERS");
        self.0.members.insert(name.to_owned(), value.into());
        self
    }

    /// Tells the client how long to wait before it tries again.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Tells the client not to try again, although most errors with this code pass: the same request fails again.
    #[must_use]
    pub fn without_retry(mut self) -> Self {
        self.0.is_final = true;
        self
    }

    /// The kind of the failure.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Advice for the developer.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The advice, if it is the same for every such failure.
    pub(crate) fn fixed_detail(&self) -> Option<&'static str> {
        match self.0.detail {
            Cow::Borrowed(sentence) => Some(sentence),
            Cow::Owned(_) => None,
        }
    }

    /// The bad fields of the request, as many as an answer lists.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// The AWS service's error, if one was involved.
    pub fn upstream(&self) -> Option<&Upstream> {
        self.0.upstream.as_ref()
    }

    /// Top-level members of the answer beyond the error itself.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0.members
    }

    /// Whether the same request fails again, whatever its code says.
    pub(crate) fn is_final(&self) -> bool {
        self.0.is_final
    }

    /// How long the client should wait, if that is known better than by the code's default.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code().as_str(), self.detail())
    }
}

impl std::error::Error for Error {}
