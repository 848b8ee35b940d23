//! A route: the part that a function adds to the code that all functions share. [`Endpoint`] turns every outcome of a
//! route, a panic included, into an answer in the contract's shape.

use std::{
    collections::BTreeSet,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use futures_util::FutureExt as _;
use lambda_http::{
    Body, Request, RequestExt as _, Response,
    http::{HeaderValue, Method, header},
    request::RequestContext,
};
use serde_json::Value;
use tracing::{Instrument as _, info_span};

use crate::{
    answer::Answer,
    authorizer,
    claims::ClaimedAttribute,
    config::http::HttpConfig,
    cors,
    deadline::{BUDGET, Deadline},
    error::{Code, Error, FieldError},
    player::{Player, UUID},
    problem,
    quote::one_line,
    request::fields::Fields,
    routes::RouteId,
    terms::Terms,
    watch,
};

/// Answers a function's requests: an [`Endpoint`], or several behind one function.
pub trait Service: Send + Sync {
    /// Answers `request`, always.
    fn answer(&self, request: Request) -> impl Future<Output = Response<Body>> + Send;
}

/// One route of the HTTP contract.
pub trait Route: Send + Sync + 'static {
    /// The route's row of the table.
    const ID: RouteId;
    /// How long a call may take.
    const BUDGET: Duration = BUDGET;
    /// Whether the rate of starts of each player is counted before the route, exactly over all instances.
    const IS_RATED: bool = false;

    /// Answers one call. `Err` becomes a problem document.
    fn call(&self, call: Call) -> impl Future<Output = Result<Answer, Error>> + Send;
}

/// One call of a route.
#[derive(Debug)]
pub struct Call {
    request: Request,
    config: Arc<HttpConfig>,
    /// The time by which the call has to be answered.
    pub deadline: Deadline,
}

impl Call {
    /// The members of the JSON body.
    ///
    /// # Errors
    /// See [`Fields::of`].
    pub fn fields(&self) -> Result<Fields, Error> {
        Fields::of(&self.request)
    }

    /// The decoded query parameters, sorted by name; the values of one name keep their order. API Gateway's events do
    /// not keep the order of the names.
    pub fn query(&self) -> Vec<(String, String)> {
        let parameters = self.request.query_string_parameters_ref();
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let mut pairs: Vec<_> = parameters.into_iter().flat_map(|map| map.iter()).map(owned).collect();
        pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
        pairs
    }

    /// The body's `uuid`, which may be missing if an authorizer names the player.
    pub fn uuid(&self, fields: &mut Fields) -> Option<String> {
        if self.trusts_body() { fields.string(&UUID.required()) } else { fields.string(&UUID) }
    }

    /// The headers' terms for waiting and repeating. `fields` collects the errors.
    pub fn terms(&self, fields: &mut Fields) -> Terms {
        Terms::read(&self.request, self.deadline, fields)
    }

    /// Whether the body's `uuid` identifies the player, because there is no authorizer.
    pub fn trusts_body(&self) -> bool {
        self.config.trust_body_uuid && !Player::is_authorized(&self.request)
    }

    /// Whether a call without an authorizer may name any player in its body, be this one or not.
    pub fn has_free_names(&self) -> bool {
        self.config.trust_body_uuid
    }

    /// Whether an `AWS_IAM` authorizer of API Gateway has checked that the caller's AWS credentials may call the
    /// route.
    pub fn is_signed(&self) -> bool {
        let user_arn = match self.request.request_context_ref() {
            Some(RequestContext::ApiGatewayV1(context)) => context.identity.user_arn.as_deref(),
            Some(RequestContext::ApiGatewayV2(context)) => {
                let authorizer = context.authorizer.as_ref().and_then(|authorizer| authorizer.iam.as_ref());
                authorizer.and_then(|iam| iam.user_arn.as_deref())
            }
            _ => None,
        };
        user_arn.is_some_and(|arn| !arn.is_empty())
    }

    /// The player who calls, given the body's `uuid`.
    ///
    /// # Errors
    /// See [`Player::identify`].
    pub fn player(&self, uuid: Option<String>) -> Result<Player, Error> {
        Player::identify(&self.request, uuid, &self.config)
    }

    /// The player whom an authorizer names, for a route that needs none.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` and `BACKEND_MISCONFIGURED`, see [`Player::identify`].
    pub fn named_player(&self) -> Result<Option<&str>, Error> {
        authorizer::subject(&self.request)
    }

    /// The caller's IP address, as API Gateway sees it.
    pub fn address(&self) -> Option<&str> {
        match self.request.request_context_ref() {
            Some(RequestContext::ApiGatewayV1(context)) => context.identity.source_ip.as_deref(),
            Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref(),
            _ => None,
        }
    }

    /// The players who have agreed to play with the caller, if the authorizer says who they are.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` when it says so in a form that cannot be read.
    pub fn agreed_party(&self) -> Result<Option<Vec<String>>, Error> {
        authorizer::party(&self.request)
    }

    /// The value of an attribute that comes from a claim; `None` if the authorizer says none, and where the body is
    /// trusted, since then nobody has checked a token.
    pub fn claimed(&self, attribute: &ClaimedAttribute) -> Option<Value> {
        if self.trusts_body() { None } else { attribute.of(&self.request) }
    }
}

/// A route with everything around it: method check, time budget, panic guard, CORS, errors, log.
#[derive(Debug)]
pub struct Endpoint<R> {
    route: Result<R, Error>,
    config: Arc<HttpConfig>,
}

impl<R: Route> Endpoint<R> {
    /// An endpoint for `route`. If the route could not be configured, every call gets its error: a function that dies
    /// at start would leave the client without a readable answer.
    pub fn new(route: Result<R, Error>, config: HttpConfig) -> Self {
        Self { route, config: Arc::new(config) }
    }

    /// Answers `request`, always.
    pub async fn answer(&self, request: Request) -> Response<Body> {
        let request_id = request_id(&request);
        let origin = request.headers().get(header::ORIGIN).cloned();
        let span = info_span!("call", route = R::ID.name(), request_id);
        let response = async {
            let started = Instant::now();
            let result = self.run(request).await;
            log(&result, started);
            match result {
                Ok(answer) => answer.into_response(),
                Err(error) => self.problem(&error, &request_id),
            }
        };
        let mut response = response.instrument(span).await;
        cors::allow(response.headers_mut(), origin.as_ref(), &self.config.allowed_origins);
        response
    }

    async fn run(&self, request: Request) -> Result<Answer, Error> {
        if request.method() == Method::OPTIONS {
            return Ok(cors::preflight(&R::ID.method()));
        }
        if request.method() != R::ID.method() {
            return Err(Error::new(Code::MethodNotAllowed, format!("Send {} instead.", R::ID.method())));
        }
        let route = self.route.as_ref().map_err(Clone::clone)?;
        let deadline = Deadline::after(R::BUDGET.min(time_left(&request)));
        let call = Call { request, config: Arc::clone(&self.config), deadline };
        // Boxed: the nested futures of a whole call are too deep for the compiler.
        let guarded = AssertUnwindSafe(Box::pin(route.call(call))).catch_unwind();
        match watch::watched(watch::until(deadline.instant(), R::BUDGET, guarded)).await {
            Ok(Ok(result)) => result,
            // The panic hook has logged the place.
            Ok(Err(_)) => Err(Error::new(Code::Internal, "Report this with the request id.")),
            Err(cut_off) => Err(cut_off),
        }
    }

    fn problem(&self, error: &Error, request_id: &str) -> Response<Body> {
        let mut response = problem::response(error, request_id, self.config.expose_errors);
        if error.code() == Code::MethodNotAllowed
            && let Ok(allow) = HeaderValue::from_str(R::ID.method().as_str())
        {
            response.headers_mut().insert(header::ALLOW, allow);
        }
        response
    }
}

impl<R: Route> Service for Endpoint<R> {
    async fn answer(&self, request: Request) -> Response<Body> {
        Self::answer(self, request).await
    }
}

/// Logs one line a call, without the client's text: bad fields are logged by Liftgate's names for them. AWS's message
/// is left out if AWS calls the request invalid, because it may quote the request.
fn log(result: &Result<Answer, Error>, started: Instant) {
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let error = match result {
        Ok(answer) => return tracing::info!(status = answer.status.as_u16(), duration_ms, "answered"),
        Err(error) => error,
    };
    let row = problem::row(error.code());
    let (status, code) = (row.status, error.code().as_str());
    let upstream = error.upstream();
    let operation = upstream.map(|upstream| upstream.operation);
    let exception = upstream.and_then(|upstream| upstream.exception.as_deref());
    let aws_request_id = upstream.and_then(|upstream| upstream.request_id.as_deref());
    if status >= 500 {
        let quotes = exception.is_some_and(|name| name.contains("InvalidRequest") || name.contains("Validation"));
        let upstream_message = upstream.map(|upstream| upstream.message.as_str()).filter(|_| !quotes);
        let detail = one_line(error.detail());
        tracing::error!(status, code, operation, exception, upstream_message, aws_request_id, duration_ms, "{detail}");
    } else {
        let fields = names(error);
        // A sentence made for this request may quote it, so the code's title is logged instead.
        let detail = error.fixed_detail().unwrap_or(row.title);
        tracing::info!(status, code, fields, operation, exception, aws_request_id, duration_ms, "{detail}");
    }
}

/// The names of the bad fields, each once.
fn names(error: &Error) -> Option<String> {
    let names: BTreeSet<_> = error.fields().iter().map(FieldError::name).collect();
    (!names.is_empty()).then(|| names.into_iter().collect::<Vec<_>>().join(","))
}

/// API Gateway's request id, which the client also sees in a header. Without a gateway it is Lambda's, or empty.
pub fn request_id(request: &Request) -> String {
    let id = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.request_id.clone(),
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        _ => None,
    };
    id.or_else(|| request.lambda_context_ref().map(|context| context.request_id.clone())).unwrap_or_default()
}

/// The time until Lambda stops the function, less a second for the answer. A past deadline is ignored: the one of
/// `cargo lambda watch` is in 1970.
fn time_left(request: &Request) -> Duration {
    let left =
        request.lambda_context_ref().and_then(|context| context.deadline().duration_since(SystemTime::now()).ok());
    left.map_or(Duration::MAX, |left| left.saturating_sub(Duration::from_secs(1)))
}
