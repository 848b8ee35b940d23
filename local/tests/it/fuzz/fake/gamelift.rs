//! The calls of GameLift.

use aws::{
    gamelift::{
        CreateGameSession, CreatePlayerSessions, DescribeGameSession, DescribePlacement, DescribePlayerSessions,
        Fleets, Found, GameSessionPage, NewGameSession, NewPlacement, PlaceGameSession, PlayerSessions, Search,
        SearchGameSessions, StartingGameSessions, Target, TerminateGameSession, UnstartedGameSessions,
    },
    upstream::Operation,
};
use aws_sdk_gamelift::types::{
    Compute, ComputeStatus, ComputeType, FleetAttributes, FleetStatus, GameSession, GameSessionPlacement,
    GameSessionPlacementState, GameSessionStatus, PlayerSession, PlayerSessionStatus,
};
use shared::Error;

use super::{Fake, Session, player_session, refused};
use crate::fuzz::limits;

impl Fleets for Fake {
    async fn list_fleets(&self) -> Result<Vec<String>, Error> {
        self.called(Operation::ListFleets, Ok(())).await?;
        Ok(vec!["fleet-0".to_owned(), "fleet-1".to_owned()])
    }

    async fn describe_fleets(&self, ids: &[String]) -> Result<Vec<FleetAttributes>, Error> {
        self.called(Operation::DescribeFleetAttributes, Ok(())).await?;
        let fleet = |id: &String| {
            let status = if id == "fleet-0" { FleetStatus::Error } else { FleetStatus::Active };
            let compute = if id == "fleet-managed" { ComputeType::Ec2 } else { ComputeType::Anywhere };
            FleetAttributes::builder().fleet_id(id).status(status).compute_type(compute).build()
        };
        Ok(ids.iter().map(fleet).collect())
    }

    async fn resolve_alias(&self, _: &str) -> Result<String, Error> {
        self.called(Operation::ResolveAlias, Ok(())).await?;
        Ok("fleet-managed".to_owned())
    }

    async fn list_compute(&self, _: &str) -> Result<Vec<Compute>, Error> {
        self.called(Operation::ListCompute, Ok(())).await?;
        let compute = |(location, status): (&str, &str)| {
            Compute::builder().location(location).compute_status(ComputeStatus::from(status)).build()
        };
        Ok([("custom-a", "Active"), ("custom-b", self.0.plan.compute)].map(compute).to_vec())
    }
}

impl SearchGameSessions for Fake {
    async fn search_game_sessions(&self, search: &Search<'_>) -> Result<Found, Error> {
        self.called(Operation::SearchGameSessions, limits::search(search)).await?;
        let page = match search.next_token {
            None => 0,
            Some("page-1") => 1,
            Some("page-2") => 2,
            Some(_) => return Err(refused(Operation::SearchGameSessions, "InvalidRequestException")),
        };
        let state = self.state();
        let here = |session: &&Session| {
            session.fleet == search.fleet && search.location.is_none_or(|location| location == session.location)
        };
        let all: Vec<_> = state.sessions.iter().filter(here).map(|session| self.game_session(session)).collect();
        let next_token = (all.len() > (page + 1) * 20 && page < 2).then(|| format!("page-{}", page + 1));
        Ok(Found { sessions: all.into_iter().skip(page * 20).take(20).collect(), next_token })
    }
}

impl CreateGameSession for Fake {
    async fn create_game_session(&self, new: &NewGameSession<'_>) -> Result<GameSession, Error> {
        self.called(Operation::CreateGameSession, limits::game_session(new)).await?;
        let id = self.game_session_id(new.target, new.idempotency_token);
        let mut state = self.state();
        if let Some(session) = state.sessions.iter().find(|session| session.id == id) {
            return Ok(self.game_session(session));
        }
        let session = Session {
            id,
            fleet: new.target.fleet.clone(),
            location: new.target.location.clone().unwrap_or_else(|| "us-west-2".to_owned()),
            name: new.name.to_owned(),
            properties: new.game_properties.to_vec(),
            slots: new.maximum_player_session_count,
            looks: 0,
            is_over: false,
            players: Vec::new(),
        };
        state.sessions.push(session);
        Ok(self.game_session(state.sessions.last().unwrap()))
    }

    fn game_session_id(&self, target: &Target, token: &str) -> String {
        let location = target.location.as_deref().unwrap_or("us-west-2");
        format!("arn:aws:gamelift:us-west-2::gamesession/{}/{location}/{token}", target.fleet)
    }
}

impl DescribeGameSession for Fake {
    async fn describe_game_session(&self, id: &str) -> Result<GameSession, Error> {
        self.called(Operation::DescribeGameSessions, limits::arn(id)).await?;
        let mut state = self.state();
        let session = state.sessions.iter_mut().find(|session| session.id == id);
        let session = session.ok_or_else(|| refused(Operation::DescribeGameSessions, "NotFoundException"))?;
        session.looks = session.looks.saturating_add(1);
        Ok(self.game_session(session))
    }
}

impl StartingGameSessions for Fake {
    async fn starting_game_sessions(&self, fleet: &str, _: Option<String>) -> Result<GameSessionPage, Error> {
        self.called(Operation::DescribeGameSessions, limits::text("FleetId", fleet, 1..=512)).await?;
        let state = self.state();
        let here = state.sessions.iter().filter(|session| session.fleet == fleet);
        let seen = here.map(|session| self.game_session(session));
        let sessions = seen.filter(|session| session.status() == Some(&GameSessionStatus::Activating)).collect();
        Ok(GameSessionPage { sessions, next_token: None })
    }
}

impl UnstartedGameSessions for Fake {
    async fn unstarted_game_sessions(&self, fleet: &str) -> Result<Vec<GameSession>, Error> {
        self.called(Operation::DescribeGameSessionDetails, limits::text("FleetId", fleet, 1..=512)).await?;
        Ok(Vec::new())
    }
}

impl TerminateGameSession for Fake {
    async fn terminate_game_session(&self, id: &str) -> Result<(), Error> {
        self.called(Operation::TerminateGameSession, limits::arn(id)).await?;
        self.state().sessions.iter_mut().filter(|session| session.id == id).for_each(|session| session.is_over = true);
        Ok(())
    }
}

impl CreatePlayerSessions for Fake {
    async fn create_player_sessions(&self, id: &str, players: &[String], _: &str) -> Result<Vec<PlayerSession>, Error> {
        let operation = Operation::CreatePlayerSessions;
        self.called(operation, limits::arn(id).and_then(|()| limits::players(players))).await?;
        let mut state = self.state();
        let session = state.sessions.iter_mut().find(|session| session.id == id);
        let session = session.ok_or_else(|| refused(operation, "NotFoundException"))?;
        if self.game_session(session).status() != Some(&GameSessionStatus::Active) {
            return Err(refused(operation, "InvalidGameSessionStatusException"));
        }
        if session.players.len() + players.len() > usize::try_from(session.slots).unwrap() {
            return Err(refused(operation, "GameSessionFullException"));
        }
        session.players.extend(players.iter().cloned());
        Ok(players.iter().map(|player| player_session(id, player)).collect())
    }
}

impl DescribePlayerSessions for Fake {
    async fn player_sessions_in(&self, id: &str, status: Option<PlayerSessionStatus>) -> Result<PlayerSessions, Error> {
        self.called(Operation::DescribePlayerSessions, limits::arn(id)).await?;
        let state = self.state();
        let session = state.sessions.iter().find(|session| session.id == id);
        let session = session.ok_or_else(|| refused(Operation::DescribePlayerSessions, "NotFoundException"))?;
        let players = session.players.iter().filter(|_| status != Some(PlayerSessionStatus::Active));
        let sessions = players.map(|player| player_session(id, player)).collect();
        Ok(PlayerSessions { sessions, is_complete: true })
    }

    async fn player_sessions_of(&self, player: &str) -> Result<PlayerSessions, Error> {
        self.called(Operation::DescribePlayerSessions, limits::text("PlayerId", player, 1..=1024)).await?;
        let state = self.state();
        let of_player = state.sessions.iter().filter(|session| session.players.iter().any(|own| own == player));
        let sessions = of_player.map(|session| player_session(&session.id, player)).collect();
        Ok(PlayerSessions { sessions, is_complete: true })
    }
}

impl PlaceGameSession for Fake {
    async fn start_placement(&self, new: &NewPlacement<'_>) -> Result<GameSessionPlacement, Error> {
        self.called(Operation::StartGameSessionPlacement, limits::placement(new)).await?;
        let target = Target { fleet: "fleet-1".to_owned(), location: Some("custom-a".to_owned()) };
        let id = self.game_session_id(&target, new.id);
        let mut state = self.state();
        state.placements.push((new.id.to_owned(), id.clone()));
        state.sessions.push(Session {
            id,
            fleet: target.fleet,
            location: "custom-a".to_owned(),
            name: new.name.to_owned(),
            properties: new.game_properties.to_vec(),
            slots: new.maximum_player_session_count,
            looks: 0,
            is_over: false,
            players: Vec::new(),
        });
        Ok(GameSessionPlacement::builder().placement_id(new.id).status(GameSessionPlacementState::Pending).build())
    }

    async fn stop_placement(&self, id: &str) -> Result<(), Error> {
        self.called(Operation::StopGameSessionPlacement, limits::token(id)).await
    }
}

impl DescribePlacement for Fake {
    async fn describe_placement(&self, id: &str) -> Result<GameSessionPlacement, Error> {
        self.called(Operation::DescribeGameSessionPlacement, limits::token(id)).await?;
        let state = self.state();
        let placement = state.placements.iter().find(|(own, _)| own == id);
        let unknown = || refused(Operation::DescribeGameSessionPlacement, "NotFoundException");
        let (_, session) = placement.ok_or_else(unknown)?;
        let session = state.sessions.iter().find(|own| own.id == *session).unwrap();
        let seen = self.game_session(session);
        let placement = GameSessionPlacement::builder()
            .placement_id(id)
            .game_session_name(&session.name)
            .maximum_player_session_count(session.slots)
            .set_game_properties(seen.game_properties)
            .game_session_arn(&session.id)
            .status(if self.0.plan.activates {
                GameSessionPlacementState::Fulfilled
            } else {
                GameSessionPlacementState::Pending
            });
        Ok(placement.build())
    }
}
