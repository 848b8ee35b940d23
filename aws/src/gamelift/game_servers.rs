//! Game servers of a FleetIQ game server group: registering, updating, listing and claiming them.

use aws_sdk_gamelift::{
    Client,
    types::{
        ClaimFilterOption, FilterInstanceStatus, GameServer, GameServerGroup, GameServerHealthCheck,
        GameServerUtilizationStatus, SortOrder,
    },
};
use shared::Error;

use crate::{
    gamelift::attempts::once,
    upstream::{
        failure::{self, incomplete},
        operation::Operation,
    },
};

/// A game server to register.
#[derive(Clone, Debug)]
pub struct NewGameServer<'a> {
    /// The group, by name or ARN.
    pub group: &'a str,
    /// Unique over all groups of the account: 3 to 128 of `[a-zA-Z0-9-.]`.
    pub id: &'a str,
    /// The EC2 instance that it runs on: `i-` and 17 letters or digits.
    pub instance_id: &'a str,
    /// The address for players, 1 to 512 characters.
    pub connection_info: Option<&'a str>,
    /// The game server's data, 1 to 1024 characters.
    pub data: Option<&'a str>,
}

/// Registers a game server (`RegisterGameServer`).
pub trait RegisterGameServer: Send + Sync {
    /// Registers the game server and returns it, AVAILABLE.
    fn register_game_server(&self, new: &NewGameServer<'_>) -> impl Future<Output = Result<GameServer, Error>> + Send;
}

/// The changes to a game server; `None` changes nothing.
#[derive(Clone, Debug, Default)]
pub struct GameServerUpdate {
    /// UTILIZED once it hosts players.
    pub utilization: Option<GameServerUtilizationStatus>,
    /// HEALTHY as a health report.
    pub health: Option<GameServerHealthCheck>,
    /// The new data, 1 to 1024 characters.
    pub data: Option<String>,
}

/// Changes a game server (`UpdateGameServer`).
pub trait UpdateGameServer: Send + Sync {
    /// Changes the game server and returns its new state.
    fn update_game_server(
        &self,
        group: &str,
        id: &str,
        update: &GameServerUpdate,
    ) -> impl Future<Output = Result<GameServer, Error>> + Send;
}

/// Takes a game server out of its group (`DeregisterGameServer`).
pub trait DeregisterGameServer: Send + Sync {
    /// Deregisters the game server, which is then no longer listed or claimed. Tried once.
    fn deregister_game_server(&self, group: &str, id: &str) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Looks at one game server (`DescribeGameServer`).
pub trait DescribeGameServer: Send + Sync {
    /// The game server's present state.
    fn describe_game_server(&self, group: &str, id: &str) -> impl Future<Output = Result<GameServer, Error>> + Send;
}

/// A page of a group's game servers.
#[derive(Clone, Debug, Default)]
pub struct GameServerPage {
    /// The game servers in the requested order.
    pub servers: Vec<GameServer>,
    /// The token of the next page, if there is one.
    pub next_token: Option<String>,
}

/// A request for a page of a group's game servers.
#[derive(Clone, Debug, Default)]
pub struct GameServerListing<'a> {
    /// The group, by name or ARN.
    pub group: &'a str,
    /// The order by time of registration; without it, there is no order.
    pub order: Option<SortOrder>,
    /// The most game servers, 1 or more; without it, GameLift chooses.
    pub limit: Option<i32>,
    /// The token of the page; `None` for the first page.
    pub next_token: Option<&'a str>,
    /// Whether this is one of several looks that each repeat the one before. Then the call is tried once.
    pub is_look: bool,
}

/// Lists the game servers of a group (`ListGameServers`).
pub trait ListGameServers: Send + Sync {
    /// One page of game servers.
    fn list_game_servers(
        &self,
        listing: &GameServerListing<'_>,
    ) -> impl Future<Output = Result<GameServerPage, Error>> + Send;
}

/// Claims a game server for players (`ClaimGameServer`).
pub trait ClaimGameServer: Send + Sync {
    /// Claims the game server `id` of the group, or one that GameLift chooses, if it is free and its instance is not
    /// shutting down. It is then CLAIMED for 60 s and has `data` (1 to 1024 characters). Tried once.
    fn claim_game_server(
        &self,
        group: &str,
        id: Option<&str>,
        data: &str,
    ) -> impl Future<Output = Result<GameServer, Error>> + Send;
}

/// Looks at a game server group (`DescribeGameServerGroup`).
pub trait DescribeGameServerGroup: Send + Sync {
    /// The game server group, by name; `None` if there is none. Tried once.
    fn describe_game_server_group(
        &self,
        group: &str,
    ) -> impl Future<Output = Result<Option<GameServerGroup>, Error>> + Send;
}

impl DescribeGameServerGroup for Client {
    async fn describe_game_server_group(&self, group: &str) -> Result<Option<GameServerGroup>, Error> {
        let call = self.describe_game_server_group().game_server_group_name(group);
        let sent = call.customize().config_override(once()).send().await;
        let found = failure::found(Operation::DescribeGameServerGroup, sent)?;
        Ok(found.and_then(|output| output.game_server_group))
    }
}

impl RegisterGameServer for Client {
    async fn register_game_server(&self, new: &NewGameServer<'_>) -> Result<GameServer, Error> {
        let call = self
            .register_game_server()
            .game_server_group_name(new.group)
            .game_server_id(new.id)
            .instance_id(new.instance_id)
            .set_connection_info(new.connection_info.map(str::to_owned))
            .set_game_server_data(new.data.map(str::to_owned));
        let output = call.send().await.map_err(|error| failure::error(Operation::RegisterGameServer, error))?;
        output.game_server.ok_or_else(|| incomplete(Operation::RegisterGameServer))
    }
}

impl UpdateGameServer for Client {
    async fn update_game_server(&self, group: &str, id: &str, update: &GameServerUpdate) -> Result<GameServer, Error> {
        let call = self
            .update_game_server()
            .game_server_group_name(group)
            .game_server_id(id)
            .set_utilization_status(update.utilization.clone())
            .set_health_check(update.health.clone())
            .set_game_server_data(update.data.clone());
        let output = call.send().await.map_err(|error| failure::error(Operation::UpdateGameServer, error))?;
        output.game_server.ok_or_else(|| incomplete(Operation::UpdateGameServer))
    }
}

impl DeregisterGameServer for Client {
    async fn deregister_game_server(&self, group: &str, id: &str) -> Result<(), Error> {
        let call = self.deregister_game_server().game_server_group_name(group).game_server_id(id);
        let call = call.customize().config_override(once());
        call.send().await.map_err(|error| failure::error(Operation::DeregisterGameServer, error))?;
        Ok(())
    }
}

impl DescribeGameServer for Client {
    async fn describe_game_server(&self, group: &str, id: &str) -> Result<GameServer, Error> {
        let call = self.describe_game_server().game_server_group_name(group).game_server_id(id);
        let output = call.send().await.map_err(|error| failure::error(Operation::DescribeGameServer, error))?;
        output.game_server.ok_or_else(|| incomplete(Operation::DescribeGameServer))
    }
}

impl ListGameServers for Client {
    async fn list_game_servers(&self, listing: &GameServerListing<'_>) -> Result<GameServerPage, Error> {
        let call = self
            .list_game_servers()
            .game_server_group_name(listing.group)
            .set_sort_order(listing.order.clone())
            .set_limit(listing.limit)
            .set_next_token(listing.next_token.map(str::to_owned))
            .customize();
        let call = if listing.is_look { call.config_override(once()) } else { call };
        let output = call.send().await.map_err(|error| failure::error(Operation::ListGameServers, error))?;
        Ok(GameServerPage { servers: output.game_servers.unwrap_or_default(), next_token: output.next_token })
    }
}

impl ClaimGameServer for Client {
    async fn claim_game_server(&self, group: &str, id: Option<&str>, data: &str) -> Result<GameServer, Error> {
        let on_active = ClaimFilterOption::builder().instance_statuses(FilterInstanceStatus::Active).build();
        let call = self
            .claim_game_server()
            .game_server_group_name(group)
            .set_game_server_id(id.map(str::to_owned))
            .game_server_data(data)
            .filter_option(on_active)
            .customize()
            .config_override(once());
        let output = call.send().await.map_err(|error| failure::error(Operation::ClaimGameServer, error))?;
        output.game_server.ok_or_else(|| incomplete(Operation::ClaimGameServer))
    }
}
