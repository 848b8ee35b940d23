//! The routes of the HTTP contract, in one table.
//!
//! The functions, the local gateway and its 404 are made from it. `local/tests/it/routes.rs` compares it with every
//! other place that names routes. It also writes the generated ones: the router of `cargo lambda watch`, API
//! Gateway's 404 in template.yaml, and the table in `docs/routes.md`. CONTRIBUTING.md has the steps for a new route.

use lambda_http::http::Method;

use crate::config::environment::SIGNING_SECRET;

/// The configuration that a route needs. It also tells the kind of caller: see [`Needs::is_for_players`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Fleets, or a replacement for them.
    Fleets,
    /// The key of invitations.
    Invitations,
    /// Matchmaking configurations, and a table for the searches. Without any, the stack leaves these routes out.
    Matchmaking,
    /// A stream group.
    Streams,
    /// The secret of Liftgate's own issuer. Players call such routes before they have a token.
    SignIn,
    /// Game server groups of FleetIQ. Without any, the stack leaves these routes out.
    GameServers,
    /// Nothing: the route says what is missing.
    Nothing,
}

impl Needs {
    /// The environment variable that configures it, if it needs one.
    pub const fn variable(self) -> Option<&'static str> {
        Some(match self {
            Self::Fleets => "LIFTGATE_FLEETS",
            Self::Invitations => "LIFTGATE_INVITATION_KEY",
            Self::Matchmaking => "LIFTGATE_MATCHMAKING_CONFIGURATIONS",
            Self::Streams => "LIFTGATE_STREAM_GROUP",
            Self::SignIn => SIGNING_SECRET,
            Self::GameServers => "LIFTGATE_GAME_SERVER_GROUPS",
            Self::Nothing => return None,
        })
    }

    /// Whether players and web pages call such routes. The others are for machines with AWS credentials.
    pub const fn is_for_players(self) -> bool {
        !matches!(self, Self::GameServers)
    }
}

macro_rules! routes {
    ($($id:ident: $method:ident $name:literal of $function:literal needs $needs:ident, $does:literal;)*) => {
        /// A route.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum RouteId {
            $(#[doc = concat!("`", stringify!($method), " /", $name, "`.")] $id,)*
        }

        impl RouteId {
            /// All routes, in the order in which they are listed everywhere.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$id),*];

            /// The path without the slash.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$id => $name,)* }
            }

            /// The only method that the route takes.
            pub const fn method(self) -> Method {
                match self { $(Self::$id => Method::$method,)* }
            }

            /// The function that serves the route: its folder under `functions/`, its crate and its binary.
            pub const fn function(self) -> &'static str {
                match self { $(Self::$id => $function,)* }
            }

            /// The configuration that the route needs.
            pub const fn needs(self) -> Needs {
                match self { $(Self::$id => Needs::$needs,)* }
            }

            /// The result of a success, for the documentation.
            pub const fn gives(self) -> &'static str {
                match self { $(Self::$id => $does,)* }
            }
        }
    };
}

routes! {
    CreateSession: POST "create_session" of "create_session" needs Fleets,
        "A new game session, and the player's slot in it";
    FindOrCreateSession: POST "find_or_create_session" of "find_or_create_session" needs Fleets,
        "A slot in the fullest open game session that fits, else in a new one";
    FindSession: GET "find_session" of "find_session" needs Fleets,
        "The game sessions that can be entered: filters, order, pages";
    JoinSession: POST "join_session" of "join_session" needs Fleets,
        "A slot in a game session; with `uuid` alone, in the one that the player was in last";
    CreateInvitation: POST "create_invitation" of "create_invitation" needs Invitations,
        "The player's consent to be taken along in a party, for two minutes";
    StartMatchmaking: POST "start_matchmaking" of "start_matchmaking" needs Matchmaking,
        "A search for a match, and the player's slot in its game session";
    DescribeMatchmaking: GET "describe_matchmaking" of "describe_matchmaking" needs Matchmaking,
        "What has become of a search for a match, as soon as there are news";
    AcceptMatch: POST "accept_match" of "accept_match" needs Matchmaking,
        "The player's yes or no to the match that was found";
    StopMatchmaking: POST "stop_matchmaking" of "stop_matchmaking" needs Matchmaking,
        "The end of a search of the player's";
    ReconnectStream: POST "reconnect_stream" of "reconnect_stream" needs Streams,
        "The player's stream: connected to again, or started";
    TerminateStream: POST "terminate_stream" of "terminate_stream" needs Streams,
        "The end of a stream of the player's";
    SignIn: POST "sign_in" of "sign_in" needs SignIn,
        "Tokens for a player with a Steam ticket, for a guest, or for a refresh token";
    Jwks: GET "jwks" of "sign_in" needs SignIn,
        "The public keys of these tokens";
    Health: GET "health" of "health" needs Nothing,
        "Whether all that players need works, and how to mend what does not";
    RegisterGameServer: POST "register_game_server" of "register_game_server" needs GameServers,
        "A game server is registered in its group";
    UpdateGameServer: POST "update_game_server" of "register_game_server" needs GameServers,
        "A game server's health, data or utilization is updated";
    DeregisterGameServer: POST "deregister_game_server" of "register_game_server" needs GameServers,
        "A game server is taken out of its group";
    GameServers: GET "game_servers" of "register_game_server" needs GameServers,
        "For operators: the game servers of a group";
}

/// The functions that serve no route. API Gateway asks `authorize` about each request before its route; GameLift's events
/// invoke `record_event`, a schedule `reconcile`; `socket` gets the events of its WebSocket API.
pub const WITHOUT_ROUTE: [&str; 4] = ["authorize", "record_event", "reconcile", "socket"];

impl RouteId {
    /// The routes that use up something which all players share. They have the rates for starts: those of a method in
    /// API Gateway, and those of one player in the authorizer.
    pub const STARTS: [Self; 6] = [
        Self::CreateSession,
        Self::FindOrCreateSession,
        Self::JoinSession,
        Self::StartMatchmaking,
        Self::ReconnectStream,
        Self::TerminateStream,
    ];

    /// Whether the authorizer of players is asked about the route. Machines sign their calls in place of it, and some
    /// routes are public. Who signs in has no token yet, but the authorizer counts the address.
    pub const fn has_authorizer(self) -> bool {
        self.needs().is_for_players() && !self.is_public()
    }

    /// Whether anybody may call the route without a token: the public keys, and the state of the deployment, which a
    /// monitor asks for.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Jwks | Self::Health)
    }

    /// Whether the route has the rates for starts.
    pub const fn is_start(self) -> bool {
        let mut number = 0;
        while number < Self::STARTS.len() {
            if Self::STARTS[number] as usize == self as usize {
                return true;
            }
            number += 1;
        }
        false
    }

    /// The route whose bucket of starts counts this one: both that start game sessions share one. With a bucket each, a
    /// caller would start twice as many.
    #[must_use]
    pub const fn counted_as(self) -> Self {
        match self {
            Self::FindOrCreateSession => Self::CreateSession,
            other => other,
        }
    }

    /// The route with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|route| route.name() == name)
    }

    /// Every function that serves a route, each once.
    pub fn functions() -> Vec<&'static str> {
        let mut functions: Vec<_> = Self::ALL.into_iter().map(Self::function).collect();
        // The routes of one function are neighbours.
        functions.dedup();
        functions
    }

    /// The routes as the answer to an unknown path lists them: `POST /create_session, GET /find_session`.
    pub fn list(routes: impl IntoIterator<Item = Self>) -> String {
        let routes = routes.into_iter().map(|route| format!("{} /{}", route.method(), route.name()));
        routes.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_routes_of_a_function_stand_together() {
        let mut sorted = RouteId::functions();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), RouteId::functions().len());
    }
}
