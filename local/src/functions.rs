//! The functions in this process, each called with an event and a context as Lambda would call it:
//! the same decoding and encoding by `lambda_http`, without the network between.

use std::{convert::Infallible, future::Future, pin::Pin, sync::Arc};

use accept_match::AcceptMatch;
use create_invitation::CreateInvitation;
use create_session::CreateSession;
use describe_matchmaking::DescribeMatchmaking;
use find_or_create_session::FindOrCreateSession;
use find_session::FindSession;
use health::{Health, HealthConfig};
use identity::fetch::Fetch;
use join_session::JoinSession;
use lambda_http::{Adapter, Context, LambdaEvent, lambda_runtime::Service as _, request::LambdaRequest, service_fn};
use matchmaking::{
    config::{AdmissionConfig, FleetConfig, GameServerConfig, LimitConfig, StreamConfig, TicketConfig},
    limits::Rated,
    push::SocketOffer,
    streaming::Streaming,
};
use reconnect_stream::ReconnectStream;
use register_game_server::{Deregister, List, Register, Update};
use serde_json::Value;
use shared::{Endpoint, Error, Route, RouteId, clock::Clock, config::HttpConfig, rate::Rate};
use sign_in::{Issuing, Jwks, SignIn, SignInConfig};
use start_matchmaking::StartMatchmaking;
use stop_matchmaking::StopMatchmaking;
use store::Store;
use terminate_stream::TerminateStream;

type Answer = Pin<Box<dyn Future<Output = serde_json::Result<Value>> + Send>>;

/// A function behind a route.
#[derive(Clone)]
pub struct Function {
    /// The route.
    pub route: RouteId,
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
        Self { route: R::ID, invoke: Arc::new(invoke) }
    }
}

/// Configuration of the functions; on AWS it comes from environment variables.
#[derive(Clone, Debug)]
pub struct Config {
    /// HTTP settings of every function.
    pub http: HttpConfig,
    /// Where game sessions are created.
    pub fleets: Result<FleetConfig, Error>,
    /// What one player may take.
    pub limits: Result<LimitConfig, Error>,
    /// How often a player whom the authorizer names may call each route that starts something. It is counted in the
    /// store.
    pub starts: Result<Rate, Error>,
    /// The stream group and the applications that are streamed.
    pub streams: Result<StreamConfig, Error>,
    /// Which game servers may register.
    pub game_servers: Result<GameServerConfig, Error>,
    /// Liftgate's own issuer.
    pub sign_in: Result<SignInConfig, Error>,
    /// What Liftgate remembers; without it there is no matchmaking.
    pub store: Option<Store>,
    /// Which matches players may look for.
    pub tickets: Result<TicketConfig, Error>,
    /// The sockets over which players hear of them.
    pub sockets: SocketOffer,
}

/// A function for every route of the table, with clients made from `aws`.
pub fn all(aws: &aws_config::SdkConfig, config: Config) -> Vec<Function> {
    all_with_clock(aws, config, Clock::system())
}

/// The same with another time of day for the tokens that are made.
pub fn all_with_clock(aws: &aws_config::SdkConfig, config: Config, clock: Clock) -> Vec<Function> {
    let issuing = config.sign_in.clone().and_then(|sign_in| {
        let fetch = Fetch::from_env()?.with_plain_loopback();
        Ok(Arc::new(Issuing::new(sign_in, fetch, clock.clone())))
    });
    let (gamelift, streams) = (aws::clients::gamelift(aws), aws::clients::streams(aws));
    let once = aws::clients::without_retries(aws);
    let looks = (aws::clients::gamelift(&once), aws::clients::streams(&once));
    let parts = Parts { gamelift, streams, looks, issuing, config, clock };
    RouteId::ALL.into_iter().map(|route| parts.function(route)).collect()
}

/// The clients and the configuration from which each function is made.
struct Parts {
    gamelift: aws_sdk_gamelift::Client,
    streams: aws_sdk_gameliftstreams::Client,
    /// The clients of `/health`, which try a call once.
    looks: (aws_sdk_gamelift::Client, aws_sdk_gameliftstreams::Client),
    /// Both routes of the issuer share it, as in the function.
    issuing: Result<Arc<Issuing>, Error>,
    config: Config,
    clock: Clock,
}

impl Parts {
    fn function(&self, route: RouteId) -> Function {
        match route {
            RouteId::CreateSession => self.with_limits(|gamelift, fleets, limits| {
                CreateSession::new(gamelift, fleets, limits)
                    .with_streams(self.streaming())
                    .with_store(self.config.store.clone())
            }),
            RouteId::FindOrCreateSession => self.with_limits(|gamelift, fleets, limits| {
                FindOrCreateSession::new(gamelift, fleets, limits)
                    .with_streams(self.streaming())
                    .with_store(self.config.store.clone())
            }),
            RouteId::FindSession => self.with_fleets(FindSession::new),
            RouteId::JoinSession => self.with_limits(|gamelift, fleets, limits| {
                JoinSession::new(gamelift, fleets, limits)
                    .with_streams(self.streaming())
                    .with_store(self.config.store.clone())
            }),
            RouteId::CreateInvitation => Function::of(self.invitations(), &self.config.http),
            RouteId::StartMatchmaking => Function::of(self.matchmaking(), &self.config.http),
            RouteId::DescribeMatchmaking => self.with_store(|gamelift, store| {
                // Without the settings of searches there are none.
                let looks = self.config.tickets.as_ref().map(|tickets| tickets.looks).unwrap_or_default();
                DescribeMatchmaking::new(gamelift, store).with_sockets(self.config.sockets.clone()).with_looks(looks)
            }),
            RouteId::AcceptMatch => {
                self.with_store(|gamelift, store| AcceptMatch::new(gamelift, store).with_admission(&self.admission()))
            }
            RouteId::StopMatchmaking => self
                .with_store(|gamelift, store| StopMatchmaking::new(gamelift, store).with_admission(&self.admission())),
            RouteId::ReconnectStream => self.with_streams(|streams, config| {
                ReconnectStream::new(streams, config).with_store(self.config.store.clone())
            }),
            RouteId::TerminateStream => self.with_streams(|streams, config| {
                TerminateStream::new(streams, config).with_store(self.config.store.clone())
            }),
            RouteId::SignIn => self.with_issuer(SignIn::new),
            RouteId::Jwks => self.with_issuer(Jwks::new),
            RouteId::Health => Function::of(Ok(self.health()), &self.config.http),
            RouteId::RegisterGameServer => self.with_game_servers(Register::new),
            RouteId::UpdateGameServer => self.with_game_servers(Update::new),
            RouteId::DeregisterGameServer => self.with_game_servers(Deregister::new),
            RouteId::GameServers => self.with_game_servers(List::new),
        }
    }

    fn with_fleets<R: Route>(&self, route: impl FnOnce(aws_sdk_gamelift::Client, FleetConfig) -> R) -> Function {
        let fleets = self.config.fleets.clone();
        Function::of(fleets.map(|fleets| route(self.gamelift.clone(), fleets)), &self.config.http)
    }

    /// The route as the function's `main` makes it: with the rate of each player.
    fn rated<R: Route>(&self, route: R) -> Result<Rated<R>, Error> {
        Ok(Rated::new(route, self.config.store.clone(), self.config.starts.clone()?))
    }

    fn with_limits<R: Route>(
        &self,
        route: impl FnOnce(aws_sdk_gamelift::Client, FleetConfig, LimitConfig) -> R,
    ) -> Function {
        let route = || {
            let (fleets, limits) = (self.config.fleets.clone()?, self.config.limits.clone()?);
            self.rated(route(self.gamelift.clone(), fleets, limits))
        };
        Function::of(route(), &self.config.http)
    }

    fn invitations(&self) -> Result<CreateInvitation, Error> {
        self.config.limits.clone()?.invitation_key().map(CreateInvitation::new)
    }

    fn matchmaking(&self) -> Result<Rated<StartMatchmaking<aws_sdk_gamelift::Client>>, Error> {
        let (tickets, limits) = (self.config.tickets.clone()?, self.config.limits.clone()?);
        let store = self.config.store.clone().ok_or_else(Store::missing)?;
        let route = StartMatchmaking::new(self.gamelift.clone(), store, tickets, limits);
        self.rated(route.with_sockets(self.config.sockets.clone()))
    }

    /// How often searches begin, and calls about them are made.
    fn admission(&self) -> AdmissionConfig {
        self.config.tickets.as_ref().map_or_else(|_| AdmissionConfig::default(), |tickets| tickets.admission)
    }

    fn with_store<R: Route>(&self, route: impl FnOnce(aws_sdk_gamelift::Client, Store) -> R) -> Function {
        let store = self.config.store.clone().ok_or_else(Store::missing);
        Function::of(store.map(|store| route(self.gamelift.clone(), store)), &self.config.http)
    }

    fn with_streams<R: Route>(
        &self,
        route: impl FnOnce(aws_sdk_gameliftstreams::Client, StreamConfig) -> R,
    ) -> Function {
        let streams = self.config.streams.clone();
        let route = streams.and_then(|config| self.rated(route(self.streams.clone(), config)));
        Function::of(route, &self.config.http)
    }

    fn with_game_servers<R: Route>(
        &self,
        route: impl FnOnce(aws_sdk_gamelift::Client, GameServerConfig) -> R,
    ) -> Function {
        let game_servers = self.config.game_servers.clone();
        Function::of(game_servers.map(|config| route(self.gamelift.clone(), config)), &self.config.http)
    }

    fn with_issuer<R: Route>(&self, route: impl FnOnce(Arc<Issuing>) -> R) -> Function {
        Function::of(self.issuing.clone().map(route), &self.config.http)
    }

    fn health(&self) -> Health<aws_sdk_gamelift::Client, aws_sdk_gameliftstreams::Client> {
        let Config { fleets, limits, streams, tickets, game_servers, store, .. } = self.config.clone();
        // A world without a store offers no search: the configurations of its seed count only if a variable names them.
        let tickets = if store.is_some() { tickets } else { TicketConfig::from_env() };
        let config = HealthConfig::new(fleets, limits, streams, tickets, game_servers);
        let (gamelift, group) = self.looks.clone();
        Health::new(gamelift, group, store, config, self.clock.clone())
    }

    fn streaming(&self) -> Streaming<aws_sdk_gameliftstreams::Client> {
        Streaming::new(self.config.streams.clone(), || self.streams.clone())
    }
}
