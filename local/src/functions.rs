//! The functions in this process, each called with an event and a context as Lambda would call it:
//! the same decoding and encoding by `lambda_http`, without the network between.

use std::{convert::Infallible, future::Future, pin::Pin, sync::Arc};

use create_session::CreateSession;
use find_or_create_session::FindOrCreateSession;
use find_session::FindSession;
use join_session::JoinSession;
use lambda_http::{
    Adapter, Context, LambdaEvent, http::Method, lambda_runtime::Service as _, request::LambdaRequest, service_fn,
};
use reconnect_stream::ReconnectStream;
use register_game_server::{Deregister, List, Register, Update};
use serde_json::Value;
use shared::{
    Endpoint, Error, Route,
    config::{FleetConfig, GameServerConfig, HttpConfig, StreamConfig},
    ticket::Streaming,
};
use terminate_stream::TerminateStream;

/// The functions' crates, for the log.
pub const CRATES: [&str; 7] = [
    "create_session",
    "find_or_create_session",
    "find_session",
    "join_session",
    "reconnect_stream",
    "terminate_stream",
    "register_game_server",
];

type Answer = Pin<Box<dyn Future<Output = serde_json::Result<Value>> + Send>>;

/// A function behind a route.
#[derive(Clone)]
pub struct Function {
    /// The route's path without the slash.
    pub name: &'static str,
    /// The route's method.
    pub method: Method,
    invoke: Arc<dyn Fn(LambdaRequest, Context) -> Answer + Send + Sync>,
}

impl Function {
    /// Calls the function. The result is the JSON that it would hand to API Gateway.
    ///
    /// # Errors
    /// When `event` is none of API Gateway's.
    pub async fn invoke(&self, event: &Value, context: Context) -> serde_json::Result<Value> {
        let request = serde_json::from_str(&event.to_string())?;
        (self.invoke)(request, context).await
    }

    /// The function that serves `route`.
    pub fn of<R: Route>(route: Result<R, Error>, http: &HttpConfig) -> Self {
        let endpoint = Arc::new(Endpoint::new(route, http.clone()));
        let invoke = move |request: LambdaRequest, context: Context| -> Answer {
            let endpoint = Arc::clone(&endpoint);
            let handler = service_fn(move |request| {
                let endpoint = Arc::clone(&endpoint);
                async move { Ok::<_, Infallible>(endpoint.answer(request).await) }
            });
            let answer = Adapter::from(handler).call(LambdaEvent::new(request, context));
            Box::pin(async move {
                let Ok(answer) = answer.await;
                serde_json::to_value(answer)
            })
        };
        Self { name: R::NAME, method: R::METHOD, invoke: Arc::new(invoke) }
    }
}

/// What the functions are configured with; on AWS the environment says so.
#[derive(Clone, Debug)]
pub struct Config {
    /// For all of them.
    pub http: HttpConfig,
    /// Where game sessions go.
    pub fleets: Result<FleetConfig, Error>,
    /// What is streamed.
    pub streams: Result<StreamConfig, Error>,
    /// Which game servers may register.
    pub game_servers: Result<GameServerConfig, Error>,
}

/// Every function, with clients made from `aws`.
pub fn all(aws: &aws_config::SdkConfig, config: Config) -> Vec<Function> {
    let gamelift = shared::aws::gamelift(aws);
    let streams = shared::aws::streams(aws);
    let Config { http, fleets, streams: stream, game_servers } = config;
    let game_servers = game_servers.map(|config| (gamelift.clone(), config));
    let streaming = || Streaming::new(stream.clone(), || streams.clone());
    let create = fleets.clone().map(|fleets| CreateSession::new(gamelift.clone(), fleets).with_streams(streaming()));
    let find_or_create =
        fleets.clone().map(|fleets| FindOrCreateSession::new(gamelift.clone(), fleets).with_streams(streaming()));
    let find = fleets.clone().map(|fleets| FindSession::new(gamelift.clone(), fleets));
    let join = fleets.map(|fleets| JoinSession::new(gamelift, fleets).with_streams(streaming()));
    let reconnect = stream.clone().map(|stream| ReconnectStream::new(streams.clone(), stream));
    let terminate = stream.map(|stream| TerminateStream::new(streams, stream));
    vec![
        Function::of(create, &http),
        Function::of(find_or_create, &http),
        Function::of(find, &http),
        Function::of(join, &http),
        Function::of(reconnect, &http),
        Function::of(terminate, &http),
        Function::of(game_servers.clone().map(|(gamelift, config)| Register::new(gamelift, config)), &http),
        Function::of(game_servers.clone().map(|(gamelift, config)| Update::new(gamelift, config)), &http),
        Function::of(game_servers.clone().map(|(gamelift, config)| Deregister::new(gamelift, config)), &http),
        Function::of(game_servers.map(|(gamelift, config)| List::new(gamelift, config)), &http),
    ]
}
