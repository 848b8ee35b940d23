//! The routes of game servers that run on the game's EC2 instances, in a FleetIQ game server group: `POST
//! /register_game_server`, `/update_game_server` and `/deregister_game_server`, and for operators `GET
//! /game_servers`.
//!
//! One function serves them all. They are called by the same machines, rarely, and each starting instance would
//! otherwise wake three functions. Players must not call them: an `AWS_IAM` authorizer admits only callers whose role
//! allows it, and a call that no authorizer has checked is refused.

mod deregister;
mod fields;
mod list;
mod register;
mod update;

use aws::gamelift::{DeregisterGameServer, DescribeGameServer, ListGameServers, RegisterGameServer, UpdateGameServer};
use lambda_http::{Body, Request, Response};
use matchmaking::config::GameServerConfig;
use shared::{Code, Endpoint, Error, Route, RouteId, Service, config::HttpConfig, problem, route};

pub use self::{
    deregister::Deregister,
    fields::DEREGISTER_MEMBERS,
    list::{List, MEMBERS as LIST_MEMBERS},
    register::{MEMBERS as REGISTER_MEMBERS, Register},
    update::{MEMBERS as UPDATE_MEMBERS, Update},
};

/// The function with its four routes, on any GameLift.
#[derive(Debug)]
pub struct GameServerRoutes<G> {
    register: Endpoint<Register<G>>,
    update: Endpoint<Update<G>>,
    deregister: Endpoint<Deregister<G>>,
    list: Endpoint<List<G>>,
    expose_errors: bool,
}

impl<G> GameServerRoutes<G>
where
    G: RegisterGameServer
        + UpdateGameServer
        + DeregisterGameServer
        + DescribeGameServer
        + ListGameServers
        + Clone
        + 'static,
{
    /// Creates the routes on what `made` holds. If it holds an error, every route answers with it.
    pub fn new(made: Result<(G, GameServerConfig), Error>, http: HttpConfig) -> Self {
        fn endpoint<G: Clone, R: Route>(
            made: &Result<(G, GameServerConfig), Error>,
            route: impl FnOnce(G, GameServerConfig) -> R,
            http: &HttpConfig,
        ) -> Endpoint<R> {
            Endpoint::new(made.clone().map(|(gamelift, config)| route(gamelift, config)), http.clone())
        }
        Self {
            register: endpoint(&made, Register::new, &http),
            update: endpoint(&made, Update::new, &http),
            deregister: endpoint(&made, Deregister::new, &http),
            list: endpoint(&made, List::new, &http),
            expose_errors: http.expose_errors,
        }
    }
}

impl<G> Service for GameServerRoutes<G>
where
    G: RegisterGameServer + UpdateGameServer + DeregisterGameServer + DescribeGameServer + ListGameServers + 'static,
{
    async fn answer(&self, request: Request) -> Response<Body> {
        // The path may start with a stage, and its slashes may be doubled.
        let segments = request.uri().path().split('/');
        match segments.rev().find(|segment| !segment.is_empty()).and_then(RouteId::named) {
            Some(RouteId::RegisterGameServer) => self.register.answer(request).await,
            Some(RouteId::UpdateGameServer) => self.update.answer(request).await,
            Some(RouteId::DeregisterGameServer) => self.deregister.answer(request).await,
            Some(RouteId::GameServers) => self.list.answer(request).await,
            _ => {
                let routes = "The routes of game servers are POST /register_game_server, /update_game_server and /deregister_game_server, and GET /game_servers.";
                let error = Error::new(Code::RouteNotFound, routes);
                problem::response(&error, &route::request_id(&request), self.expose_errors)
            }
        }
    }
}
