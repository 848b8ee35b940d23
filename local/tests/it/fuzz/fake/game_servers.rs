//! The calls of GameLift for a game server group.

use aws::{
    gamelift::{
        ClaimGameServer, DeregisterGameServer, DescribeGameServer, GameServerListing, GameServerPage, GameServerUpdate,
        ListGameServers, NewGameServer, RegisterGameServer, UpdateGameServer,
    },
    upstream::Operation,
};
use aws_sdk_gamelift::types::{GameServer, GameServerClaimStatus, GameServerUtilizationStatus};
use aws_smithy_types::DateTime;
use shared::Error;

use super::{Fake, refused};
use crate::fuzz::limits;

/// Number of game servers on a page if no limit is given.
const PAGE: usize = 20;

impl Fake {
    /// Returns the index of a game server among all.
    fn place(&self, operation: Operation, id: &str) -> Result<usize, Error> {
        let place = self.state().servers.iter().position(|server| server.game_server_id() == Some(id));
        place.ok_or_else(|| refused(operation, "NotFoundException"))
    }
}

impl RegisterGameServer for Fake {
    async fn register_game_server(&self, new: &NewGameServer<'_>) -> Result<GameServer, Error> {
        self.called(Operation::RegisterGameServer, limits::game_server(new)).await?;
        if self.place(Operation::RegisterGameServer, new.id).is_ok() {
            return Err(refused(Operation::RegisterGameServer, "ConflictException"));
        }
        let server = GameServer::builder()
            .game_server_group_name(new.group)
            .game_server_id(new.id)
            .instance_id(new.instance_id)
            .set_connection_info(new.connection_info.map(str::to_owned))
            .set_game_server_data(new.data.map(str::to_owned))
            .utilization_status(GameServerUtilizationStatus::Available)
            .build();
        self.state().servers.push(server.clone());
        Ok(server)
    }
}

impl UpdateGameServer for Fake {
    async fn update_game_server(&self, group: &str, id: &str, update: &GameServerUpdate) -> Result<GameServer, Error> {
        let looked_at = limits::named_game_server(group, id).and(limits::data(update.data.as_deref()));
        self.called(Operation::UpdateGameServer, looked_at).await?;
        let place = self.place(Operation::UpdateGameServer, id)?;
        let server = &mut self.state().servers[place];
        server.utilization_status = update.utilization.clone().or(server.utilization_status.take());
        server.game_server_data = update.data.clone().or(server.game_server_data.take());
        Ok(server.clone())
    }
}

impl DeregisterGameServer for Fake {
    async fn deregister_game_server(&self, group: &str, id: &str) -> Result<(), Error> {
        self.called(Operation::DeregisterGameServer, limits::named_game_server(group, id)).await?;
        let place = self.place(Operation::DeregisterGameServer, id)?;
        self.state().servers.remove(place);
        Ok(())
    }
}

impl DescribeGameServer for Fake {
    async fn describe_game_server(&self, group: &str, id: &str) -> Result<GameServer, Error> {
        self.called(Operation::DescribeGameServer, limits::named_game_server(group, id)).await?;
        let place = self.place(Operation::DescribeGameServer, id)?;
        Ok(self.state().servers[place].clone())
    }
}

impl ListGameServers for Fake {
    async fn list_game_servers(&self, listing: &GameServerListing<'_>) -> Result<GameServerPage, Error> {
        self.called(Operation::ListGameServers, limits::listing(listing)).await?;
        let invalid = || refused(Operation::ListGameServers, "InvalidRequestException");
        let start = listing.next_token.map_or(Ok(0), str::parse::<usize>).map_err(|_| invalid())?;
        let limit = listing.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
        let state = self.state();
        let servers: Vec<_> = state.servers.iter().skip(start).take(limit).cloned().collect();
        let end = start.saturating_add(limit);
        Ok(GameServerPage { servers, next_token: (end < state.servers.len()).then(|| end.to_string()) })
    }
}

impl ClaimGameServer for Fake {
    async fn claim_game_server(&self, group: &str, id: Option<&str>, data: &str) -> Result<GameServer, Error> {
        let named = id.map_or_else(|| limits::group(group), |id| limits::named_game_server(group, id));
        let looked_at = named.and(limits::data(Some(data)));
        self.called(Operation::ClaimGameServer, looked_at).await?;
        let mut state = self.state();
        let is_free = |server: &&mut GameServer| {
            id.is_none_or(|id| server.game_server_id() == Some(id))
                && server.claim_status().is_none()
                && server.utilization_status() == Some(&GameServerUtilizationStatus::Available)
        };
        let free = state.servers.iter_mut().find(is_free);
        let server = free.ok_or_else(|| {
            refused(
                Operation::ClaimGameServer,
                if id.is_some() { "ConflictException" } else { "OutOfCapacityException" },
            )
        })?;
        server.claim_status = Some(GameServerClaimStatus::Claimed);
        server.last_claim_time = Some(DateTime::from_secs(1_795_237_999));
        server.game_server_data = Some(data.to_owned());
        Ok(server.clone())
    }
}
