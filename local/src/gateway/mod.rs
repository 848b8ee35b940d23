//! API Gateway in front of the functions: an HTTP request becomes the event that API Gateway would
//! send, and the function's answer becomes the HTTP answer.

mod answer;
mod event;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, Response},
};
use lambda_http::Context;
use shared::{Code, Error};

pub use self::event::EventFormat;
use crate::functions::Function;

/// API Gateway takes no larger payload.
const MAX_PAYLOAD: usize = 10 * 1024 * 1024;

/// The `Timeout` of the functions in template.yaml.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(28);

struct Gateway {
    functions: Vec<Function>,
    format: EventFormat,
}

/// The gateway as an axum router.
pub fn router(functions: Vec<Function>, format: EventFormat) -> Router {
    Router::new().fallback(answer).with_state(Arc::new(Gateway { functions, format }))
}

async fn answer(State(gateway): State<Arc<Gateway>>, request: Request) -> Response<Body> {
    let request_id = uuid::Uuid::new_v4().to_string();
    match gateway.invoke(request, &request_id).await {
        Ok(response) => response,
        Err(error) => answer::problem(&error, &request_id),
    }
}

impl Gateway {
    async fn invoke(&self, request: Request, request_id: &str) -> Result<Response<Body>, Error> {
        let function = self.function(request.method(), request.uri().path())?;
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, MAX_PAYLOAD)
            .await
            .map_err(|_| Error::new(Code::BodyTooLarge, "API Gateway takes at most 10 MiB."))?;
        let event = event::build(self.format, function.name, &parts, &body, request_id);
        let mut context = Context::default();
        context.request_id = request_id.to_owned();
        context.deadline = event::epoch_millis() + u64::try_from(FUNCTION_TIMEOUT.as_millis()).unwrap_or(u64::MAX);
        let output = function.invoke(&event, context).await;
        output.ok().and_then(|output| answer::from_output(&output)).ok_or_else(|| {
            Error::new(
                Code::Internal,
                "The function's answer is not one that API Gateway takes. Report this with the request id.",
            )
        })
    }

    /// The function behind a path: as it is, with slashes doubled or at the end, or behind a stage.
    fn function(&self, method: &Method, path: &str) -> Result<&Function, Error> {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let name = match (segments.next(), segments.next(), segments.next()) {
            (Some(name), None, None) | (Some(_), Some(name), None) => name,
            _ => "",
        };
        let function = self.functions.iter().find(|function| function.name == name).ok_or_else(|| {
            let routes: Vec<_> =
                self.functions.iter().map(|route| format!("{} /{}", route.method, route.name)).collect();
            Error::new(Code::RouteNotFound, format!("The routes are {}.", routes.join(", ")))
        })?;
        if *method != function.method && method != Method::OPTIONS {
            let detail = format!("Send {} instead of {method}.", function.method);
            return Err(Error::new(Code::MethodNotAllowed, detail));
        }
        Ok(function)
    }
}
