//! The functions' capabilities on Amazon GameLift Servers, one a trait. So a function's needs, and its IAM policy,
//! can be read from its signature. The AWS SDK's client has them all.
//!
//! - `fleets` and `search`: the existing fleets and game sessions;
//! - `game_sessions`, `player_sessions`, `placement`: making and entering game sessions;
//! - `game_servers`: the same in a FleetIQ game server group;
//! - `matchmaking`: FlexMatch's tickets;
//! - `target`: the places for game sessions;
//! - `attempts` and `properties`: parts that the calls share.

pub(crate) mod attempts;
pub(crate) mod fleets;
pub(crate) mod game_servers;
pub(crate) mod game_sessions;
pub(crate) mod matchmaking;
pub(crate) mod placement;
pub(crate) mod player_sessions;
pub(crate) mod properties;
pub(crate) mod search;
pub(crate) mod target;

pub use self::{
    fleets::Fleets,
    game_servers::{
        ClaimGameServer, DeregisterGameServer, DescribeGameServer, DescribeGameServerGroup, GameServerListing,
        GameServerPage, GameServerUpdate, ListGameServers, NewGameServer, RegisterGameServer, UpdateGameServer,
    },
    game_sessions::{
        CreateGameSession, DescribeGameSession, GameSessionPage, NewGameSession, StartingGameSessions,
        TerminateGameSession, UnstartedGameSessions,
    },
    matchmaking::{
        AcceptMatch, DescribeMatchmaking, DescribeMatchmakingConfigurations, MOST_PLAYERS_OF_A_TICKET,
        MOST_TICKETS_OF_A_LOOK, NewMatchmaking, StartMatchmaking, StopMatchmaking,
    },
    placement::{DescribeGameSessionQueues, DescribePlacement, NewPlacement, PlaceGameSession},
    player_sessions::{
        CreatePlayerSessions, DescribePlayerSession, DescribePlayerSessions, MOST_OF_A_PLAYER, PlayerSessions,
        TAKEN_ALONG, is_taken_along,
    },
    search::{Found, Search, SearchGameSessions},
    target::{LOCATION_NAMES, Target, is_location_name},
};
