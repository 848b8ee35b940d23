//! From an HTTP request to the answer.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{Response, header, request::Parts},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use lambda_http::Context;
use shared::{Code, Error, RouteId, cors};
use tokio::time::timeout;

use crate::{
    functions::Function,
    gateway::{
        answer,
        authorizer::gateway_authorizer::{Allowed, GatewayAuthorizer},
        event::{self, EventFormat},
        throttle::{Throttle, Throttling},
    },
};

/// Largest payload in bytes that API Gateway accepts.
const MAX_PAYLOAD: usize = 10 * 1024 * 1024;

/// The `Timeout` of the functions in template.yaml.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(28);

/// Largest answer in bytes that Lambda hands on.
const MAX_ANSWER: usize = 6 * 1024 * 1024;

struct Gateway {
    functions: Vec<Function>,
    format: EventFormat,
    /// Origins whose pages may read the gateway's own errors.
    allowed_origins: Vec<String>,
    throttle: Option<Throttle>,
    authorizer: Option<GatewayAuthorizer>,
}

/// The gateway as an axum router. Without `throttling`, routes take every request; without `authorizer`, no authorizer is
/// asked.
pub fn router(
    functions: Vec<Function>,
    format: EventFormat,
    allowed_origins: Vec<String>,
    throttling: Option<Throttling>,
    authorizer: Option<GatewayAuthorizer>,
) -> Router {
    let throttle = throttling.map(Throttle::new);
    let gateway = Gateway { functions, format, allowed_origins, throttle, authorizer };
    Router::new().fallback(answer).with_state(Arc::new(gateway))
}

async fn answer(State(gateway): State<Arc<Gateway>>, request: Request) -> Response<Body> {
    let request_id = uuid::Uuid::new_v4().to_string();
    let origin = request.headers().get(header::ORIGIN).cloned();
    gateway.invoke(request, &request_id).await.unwrap_or_else(|error| {
        let mut response = answer::problem(&error, &request_id);
        cors::allow(response.headers_mut(), origin.as_ref(), &gateway.allowed_origins);
        response
    })
}

impl Gateway {
    async fn invoke(&self, request: Request, request_id: &str) -> Result<Response<Body>, Error> {
        let function = self.function(request.uri().path())?.clone();
        let (parts, body) = request.into_parts();
        let allowed = self.admit(function.route, &parts).await?;
        let body = read(body).await?;
        let mut event = event::build(self.format, function.route.name(), &parts, &body, request_id);
        if let Some(allowed) = allowed {
            event::authorize(self.format, &mut event, &allowed.principal_id, &allowed.context);
        }
        let mut context = Context::default();
        context.request_id = request_id.to_owned();
        context.deadline = event::epoch_millis() + u64::try_from(FUNCTION_TIMEOUT.as_millis()).unwrap_or(u64::MAX);
        // A separate task: on Lambda, a client that hangs up does not stop the function either.
        let output = tokio::spawn(async move { function.invoke(&event, context).await }).await;
        let output = output.ok().and_then(Result::ok).filter(|output| output.to_string().len() <= MAX_ANSWER);
        output.and_then(|output| answer::from_output(&output)).ok_or_else(|| {
            Error::new(
                Code::Internal,
                "The function's answer is not one that API Gateway takes. Report this with the request id.",
            )
        })
    }

    /// Asks the authorizer first, because it names the caller's key: whom it refuses takes nothing from the route.
    async fn admit(&self, route: RouteId, parts: &Parts) -> Result<Option<Allowed>, Error> {
        let allowed = match &self.authorizer {
            Some(authorizer) => authorizer.admit(route, parts).await.inspect_err(|error| {
                tracing::info!(route = route.name(), code = error.code().as_str(), "refused: {}", error.detail());
            })?,
            None => None,
        };
        if let Some(throttle) = &self.throttle {
            throttle.admit(route, &parts.method, allowed.as_ref().and_then(|allowed| allowed.api_key.as_deref()))?;
        }
        Ok(allowed)
    }

    /// Returns the function for `path`. Doubled and trailing slashes and a stage in front of the route are ignored. The
    /// function itself refuses a wrong method.
    fn function(&self, path: &str) -> Result<&Function, Error> {
        let named = |name: &str| self.functions.iter().find(|function| function.route.name() == name);
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let function = match (segments.next(), segments.next(), segments.next()) {
            (Some(name), None, None) => named(name),
            (Some(stage), Some(name), None) if named(stage).is_none() => named(name),
            _ => None,
        };
        function.ok_or_else(|| {
            let routes = RouteId::list(self.functions.iter().map(|function| function.route));
            Error::new(Code::RouteNotFound, format!("The routes are {routes}."))
        })
    }
}

async fn read(body: Body) -> Result<Bytes, Error> {
    let too_large = || Error::new(Code::BodyTooLarge, "API Gateway takes at most 10 MiB.");
    let broken = || Error::new(Code::InvalidRequest, "The body did not arrive whole.");
    match timeout(FUNCTION_TIMEOUT, Limited::new(body, MAX_PAYLOAD).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) | Err(_) => Err(broken()),
    }
}
