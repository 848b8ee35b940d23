//! `POST /join_session`: a player's place in an existing game session.
//!
//! The body names the game session: by `GameSessionId`; or by `PlacementId`, if a queue had not placed it yet when
//! `create_session` answered; or by neither, to rejoin the player's last game session. A game session that is still
//! starting is waited for. In a FleetIQ game server group `GameServerId` names it. With `stream` it also lets the
//! caller into a stream of the game session, in [`matchmaking::streaming`].

mod game_server;
mod members;
mod memory;
mod rejoin;

use std::time::Duration;

use aws::gamelift::{
    CreatePlayerSessions, DescribeGameServer, DescribeGameSession, DescribePlacement, DescribePlayerSessions,
    StartingGameSessions,
};
use aws_sdk_gamelift::types::{GameSession, GameSessionPlacement, GameSessionStatus, PlayerSessionCreationPolicy};
use matchmaking::{
    last,
    party::{Party, PartyFields},
    same_key::{Asked, once},
    session_route,
    sessions::{self, Joined, Nowhere, Reuse, Waited, enter_when_active, has_ended, reserve_after},
    start::Started,
    streams::EnterCalls,
};
use shared::{Answer, Call, Code, Error, Route, RouteId, deadline::persist, request::Fields, terms::Terms};

use crate::{
    members::{GAME_SERVER_ID, GAME_SESSION_ID, PLACEMENT_ID},
    memory::{Memory, Who},
};

pub use self::members::MEMBERS;

/// Time kept free at the end of a wait to reserve the slots.
const TIME_TO_RESERVE: Duration = Duration::from_secs(4);

session_route! {
    /// The route, on any GameLift and GameLift Streams.
    JoinSession { memory: Memory }
}

impl<G, S> Route for JoinSession<G, S>
where
    G: CreatePlayerSessions
        + DescribePlayerSessions
        + DescribeGameSession
        + StartingGameSessions
        + DescribePlacement
        + DescribeGameServer
        + 'static,
    S: EnterCalls + 'static,
{
    const ID: RouteId = RouteId::JoinSession;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        if let Some(group) = &self.targets.config().game_server_group {
            return game_server::join(&self.gamelift, group, self.limits.config(), &self.streaming, &call).await;
        }
        let mut fields = call.fields()?;
        let game_session_id = game_session_id(&mut fields);
        let placement_id = placement_id(&mut fields);
        let is_named = game_session_id.is_some() || placement_id.is_some();
        if !fields.is_absent(GAME_SERVER_ID.name) && !is_named {
            // If it were ignored, the call would become a rejoin.
            fields.error(
                GAME_SERVER_ID.name,
                "is for FleetIQ game server groups, and there are fleets here; send a GameSessionId",
            );
        }
        let build = self.targets.config().build_id(&mut fields);
        let players = PartyFields::read(&call, &mut fields);
        let stream = self.streaming.read(&mut fields)?;
        let terms = call.terms(&mut fields);
        fields.check()?;
        let party = Party::of(&call, players, self.limits.config())?;
        stream.check(&party)?;
        let request = format!("{game_session_id:?} {placement_id:?} {build:?}");
        let asked = Asked { route: Self::ID, party: &party, request: &request };
        let named = (game_session_id.as_deref(), placement_id.as_deref());
        let of_party = &party;
        let work = |terms: Terms| async move { Box::pin(self.join_named(named, build, of_party, &terms)).await };
        let started = Box::pin(once(self.targets.store(), asked, &stream.first_half(&terms), work)).await?;
        last::came(self.targets.store(), &party, &started).await;
        if is_named {
            self.memory.forget(&party);
        }
        stream.complete(&started, &party, &terms).await
    }
}

impl<G, S> JoinSession<G, S>
where
    G: CreatePlayerSessions + DescribePlayerSessions + DescribeGameSession + StartingGameSessions + DescribePlacement,
{
    /// Reserves the party's slots in the game session that the body names, or in the caller's last one.
    async fn join_named(
        &self,
        (game_session_id, placement_id): (Option<&str>, Option<&str>),
        build: Option<i32>,
        party: &Party,
        terms: &Terms,
    ) -> Result<Started, Error> {
        match (game_session_id, placement_id) {
            (Some(id), _) => {
                if !self.targets.config().may_hold(id, build) {
                    return Err(unknown());
                }
                let who = Who::new(Some(id), build, party, self.gamelift.time());
                self.memory.or(who, || self.join(id, party, terms)).await
            }
            (None, Some(id)) => self.join_placed(id, build, party, terms).await,
            (None, None) => self.rejoin(build, party, terms).await,
        }
    }

    /// Reserves the party's slots in the caller's last game session.
    async fn rejoin(&self, build: Option<i32>, party: &Party, terms: &Terms) -> Result<Started, Error> {
        let may_hold = |id: &str| self.targets.config().may_hold(id, build);
        let rejoin = || async {
            let known = last::last_game_session(self.targets.store(), party).await;
            let id = rejoin::last_game_session(&self.gamelift, may_hold, known, party, terms).await?;
            self.join(&id, party, terms).await
        };
        self.memory.or(Who::new(None, build, party, self.gamelift.time()), rejoin).await
    }

    /// Reserves the party's slots; waits first if the game session is still starting.
    async fn join(&self, id: &str, party: &Party, terms: &Terms) -> Result<Started, Error> {
        let Self { gamelift, targets, limits, .. } = self;
        let seen = limits.check_slots(gamelift, targets, party, id, terms.deadline).await?.or_refused()?;
        let manner = (Reuse::Reserved, || terms.may_have_twin());
        let refusal = match reserve_after(seen, gamelift, id, party, manner, terms.deadline).await {
            Err(error) if error.code() == Code::SessionNotJoinable => error,
            reserved => return reserved.map(Started::Seated),
        };
        let session = persist(terms.deadline, || self.gamelift.describe_game_session(id)).await?;
        if has_ended(&session) {
            return Err(refusal.with_code(Code::SessionNotJoinable, "The game session has ended."));
        }
        if is_closed(&session) {
            return Err(refusal.with_code(Code::SessionNotJoinable, "The game session takes no new players."));
        }
        let patience = terms.deadline.keep(TIME_TO_RESERVE).or_before(terms.patience);
        let reserve = || reserve_after(None, gamelift, id, party, manner, terms.deadline);
        let (looks, times) = (targets.looks(), (patience, terms.deadline));
        match Box::pin(enter_when_active(gamelift, looks, &session, &mut Nowhere, times, reserve)).await? {
            Waited::Here(seats) | Waited::Elsewhere(seats) => Ok(Started::Seated(seats)),
            Waited::NotYet if terms.patience.is_some() => Ok(Started::Activating(id.to_owned())),
            Waited::NotYet => Err(Error::new(
                Code::ActivationTimeout,
                "The game session is not ACTIVE yet. POST /join_session with this GameSessionId again to go on.",
            )
            .with_member("GameSessionId", id)),
        }
    }

    /// Waits until the queue has placed the game session, and joins it. A placement by another queue does not belong
    /// to this game, like a game session of another fleet.
    async fn join_placed(&self, id: &str, build: Option<i32>, party: &Party, terms: &Terms) -> Result<Started, Error> {
        let last_look = terms.deadline.keep(TIME_TO_RESERVE);
        let patience = last_look.keep(TIME_TO_RESERVE).or_before(terms.patience);
        let is_ours = |placement: &GameSessionPlacement| {
            let may_be = self.targets.config().may_place(placement.game_session_queue_name());
            may_be.then_some(()).ok_or_else(unknown)
        };
        let placed = sessions::joined(&self.gamelift, self.targets.store(), id, is_ours, (patience, last_look));
        match (placed.await?, terms.patience) {
            (Joined::Placed(game_session_id), _) => {
                if !self.targets.config().may_hold(&game_session_id, build) {
                    return Err(unknown());
                }
                self.join(&game_session_id, party, terms).await
            }
            (Joined::Pending, Some(_)) => Ok(Started::Pending(id.to_owned())),
            (Joined::Pending, None) => Err(sessions::not_placed_yet(id)),
            (Joined::Waiting(place), Some(_)) => Ok(Started::Waiting(id.to_owned(), place)),
            (Joined::Waiting(place), None) => Err(sessions::not_begun_yet(id, place)),
        }
    }
}

/// The error for a game session of another fleet, or a placement by another queue.
fn unknown() -> Error {
    Error::new(Code::SessionNotFound, "No game session of this game has this id.")
}

/// Whether the game session is running, but takes no new players.
fn is_closed(session: &GameSession) -> bool {
    session.status() == Some(&GameSessionStatus::Active)
        && session.player_session_creation_policy() == Some(&PlayerSessionCreationPolicy::DenyAll)
}

/// Reads a game session id, an ARN: `arn:aws:gamelift:<region>::gamesession/<fleet>/<id>`. Ids that GameLift would
/// refuse are refused here, with a helpful message.
fn game_session_id(fields: &mut Fields) -> Option<String> {
    let id = fields.string(&GAME_SESSION_ID)?;
    let takes = |character: char| character.is_ascii_alphanumeric() || ":/-".contains(character);
    let is_arn = id.starts_with("arn:") && id.contains(":gamelift:") && id.contains(":gamesession/");
    if is_arn && id.chars().all(takes) {
        return Some(id);
    }
    fields
        .error(GAME_SESSION_ID.name, "is not a game session's ARN; send it as find_session or create_session gave it");
    None
}

fn placement_id(fields: &mut Fields) -> Option<String> {
    let id = fields.string(&PLACEMENT_ID)?;
    if id.chars().all(|character| character.is_ascii_alphanumeric() || character == '-') {
        return Some(id);
    }
    fields.error(PLACEMENT_ID.name, "is not a placement's id; send it as create_session gave it");
    None
}
