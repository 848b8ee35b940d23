//! A GameLift with game servers in memory. It refuses what the real one would, and can lose answers.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use aws::gamelift::{
    DeregisterGameServer, DescribeGameServer, GameServerListing, GameServerPage, GameServerUpdate, ListGameServers,
    NewGameServer, RegisterGameServer, UpdateGameServer,
};
use aws_sdk_gamelift::types::{GameServer, GameServerUtilizationStatus};
use aws_smithy_types::DateTime;
use shared::{Code, Error};

#[derive(Default)]
pub(crate) struct State {
    pub(crate) servers: BTreeMap<String, GameServer>,
    /// The calls made, in order.
    pub(crate) calls: Vec<String>,
    /// How many of the next calls succeed but lose their answers.
    pub(crate) lost: usize,
    /// The code with which every call is refused.
    pub(crate) refusal: Option<Code>,
}

#[derive(Clone, Default)]
pub(crate) struct Fake(Arc<Mutex<State>>);

impl Fake {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn called(&self, what: String) -> Result<(), Error> {
        let mut state = self.state();
        state.calls.push(what);
        state.refusal.map_or(Ok(()), |code| Err(Error::new(code, "Scripted.")))
    }

    /// `answer`, unless it is lost.
    fn answer<T>(&self, answer: Result<T, Error>) -> Result<T, Error> {
        let mut state = self.state();
        if state.lost == 0 {
            return answer;
        }
        state.lost -= 1;
        Err(Error::new(Code::UpstreamUnavailable, "Lost."))
    }
}

fn unknown() -> Error {
    Error::new(Code::GameServerNotFound, "Unknown.")
}

impl RegisterGameServer for Fake {
    async fn register_game_server(&self, new: &NewGameServer<'_>) -> Result<GameServer, Error> {
        self.called(format!("RegisterGameServer {} {}", new.group, new.id))?;
        if self.state().servers.contains_key(new.id) {
            return Err(Error::new(Code::GameServerConflict, "Scripted."));
        }
        let server = GameServer::builder()
            .game_server_group_name(new.group)
            .game_server_id(new.id)
            .instance_id(new.instance_id)
            .set_connection_info(new.connection_info.map(str::to_owned))
            .set_game_server_data(new.data.map(str::to_owned))
            .utilization_status(GameServerUtilizationStatus::Available)
            .registration_time(DateTime::from_secs(1_795_238_298))
            .last_health_check_time(DateTime::from_secs(1_795_238_298))
            .build();
        self.state().servers.insert(new.id.to_owned(), server.clone());
        self.answer(Ok(server))
    }
}

impl UpdateGameServer for Fake {
    async fn update_game_server(&self, group: &str, id: &str, update: &GameServerUpdate) -> Result<GameServer, Error> {
        self.called(format!("UpdateGameServer {group} {id} {update:?}"))?;
        let mut state = self.state();
        let server = state.servers.get_mut(id).filter(|server| server.game_server_group_name() == Some(group));
        let server = server.ok_or_else(unknown)?;
        if let Some(status) = &update.utilization {
            server.utilization_status = Some(status.clone());
        }
        if let Some(data) = &update.data {
            server.game_server_data = Some(data.clone());
        }
        Ok(server.clone())
    }
}

impl DeregisterGameServer for Fake {
    async fn deregister_game_server(&self, group: &str, id: &str) -> Result<(), Error> {
        self.called(format!("DeregisterGameServer {group} {id}"))?;
        let removed = self.state().servers.remove(id).map(drop).ok_or_else(unknown);
        self.answer(removed)
    }
}

impl DescribeGameServer for Fake {
    async fn describe_game_server(&self, group: &str, id: &str) -> Result<GameServer, Error> {
        self.called(format!("DescribeGameServer {group} {id}"))?;
        let state = self.state();
        let server = state.servers.get(id).filter(|server| server.game_server_group_name() == Some(group));
        server.cloned().ok_or_else(unknown)
    }
}

impl ListGameServers for Fake {
    async fn list_game_servers(&self, listing: &GameServerListing<'_>) -> Result<GameServerPage, Error> {
        self.called(format!("{listing:?}"))?;
        let state = self.state();
        let behind = |id: &&String| listing.next_token.is_none_or(|token| id.as_str() > token);
        let limit = listing.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let ids: Vec<_> = state.servers.keys().filter(behind).collect();
        let servers: Vec<_> = ids.iter().take(limit).map(|id| state.servers[*id].clone()).collect();
        let next_token = (ids.len() > limit).then(|| ids[limit - 1].clone());
        Ok(GameServerPage { servers, next_token })
    }
}
