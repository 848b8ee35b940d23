//! Which open game sessions fit.

use aws::gamelift::{CreatePlayerSessions, DescribeGameSession, DescribePlayerSessions, Fleets};
use aws_sdk_gamelift::types::{GameSession, GameSessionStatus, PlayerSession, PlayerSessionStatus};
use matchmaking::{
    fleets::{self, Targets},
    limits::Limits,
    party::Party,
    search::{Criteria, Sort},
    sessions::{self, Reuse, reserve},
    wanted::Wanted,
};
use shared::{
    Code, Error,
    deadline::{persist, within},
    request::{Fields, Member, members::Object},
    terms::Terms,
};

/// The member that says which open game sessions fit.
pub const FILTER: Member<Object> = Member::object(
    "filter",
    &[Criteria::MEMBERS],
    "The open game sessions that fit: the parameters of /find_session. Left out: those with the game_properties. Numbers may be strings.",
);

/// How many game sessions with a slot of the caller are looked at.
const TRIES: usize = 5;

/// The conditions that an open game session has to meet.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) criteria: Criteria,
    /// The properties of the new game session, if the client gave no filter.
    properties: Vec<(String, String)>,
}

impl Open {
    /// Reads `filter`, whose members are the parameters of `find_session`. Without it, an open game session has to
    /// resemble the one that would be created.
    pub(crate) fn read(fields: &mut Fields, wanted: &Wanted) -> Self {
        let filter = fields.texts_of(&FILTER);
        let location = |named: bool| wanted.location.iter().filter(move |_| !named).cloned();
        let is_given = |name: &str| filter.as_ref().is_some_and(|pairs| pairs.iter().any(|(own, _)| own == name));
        let place = location(is_given("location")).map(|location| ("location".to_owned(), location));
        if let Some(pairs) = filter.clone() {
            let criteria = Criteria::read(pairs.into_iter().chain(place), Sort::Fullest).unwrap_or_else(|errors| {
                fields.errors_in(FILTER.name, errors);
                Criteria::any(Sort::Fullest)
            });
            return Self { criteria, properties: Vec::new() };
        }
        let properties = wanted.game_properties.iter().map(|(key, value)| (format!("property.{key}"), value.clone()));
        // GameLift cannot search for every key; if there is such a key, all are compared here alone.
        let criteria = Criteria::read(properties.chain(place.clone()), Sort::Fullest)
            .or_else(|_| Criteria::read(place, Sort::Fullest))
            .unwrap_or_else(|_| Criteria::any(Sort::Fullest));
        Self { criteria, properties: wanted.game_properties.clone() }
    }

    /// The same conditions, with room for the party.
    pub(crate) fn for_party(mut self, party: &Party) -> Self {
        let players = i32::try_from(party.ids().len()).unwrap_or(i32::MAX);
        self.criteria.min_free_slots = self.criteria.min_free_slots.max(players);
        self
    }

    /// Whether the game session has the required properties.
    pub(crate) fn fits(&self, session: &GameSession) -> bool {
        let has = |(key, value): &(String, String)| {
            let property = session.game_properties().iter().find(|property| property.key() == Some(key));
            property.and_then(|property| property.value()) == Some(value)
        };
        self.properties.iter().all(has)
    }
}

/// The party's player sessions in the game session that `unclear` names, where they may be reserved already. `None`
/// if they are not, and others have filled or closed it.
pub(crate) async fn insist(
    gamelift: &(impl CreatePlayerSessions + DescribePlayerSessions),
    unclear: Error,
    party: &Party,
    terms: &Terms,
) -> Result<Option<Vec<PlayerSession>>, Error> {
    let Some(id) = sessions::may_be_reserved(&unclear) else { return Err(unclear) };
    match reserve(gamelift, id, party, Reuse::Reserved, || true, terms.deadline).await {
        Ok(seats) => Ok(Some(seats)),
        Err(lost) if is_lost(&lost) => Ok(None),
        Err(error) => Err(sessions::ours(error)),
    }
}

/// Whether others were faster, or the game session has ended.
pub(crate) fn is_lost(error: &Error) -> bool {
    matches!(error.code(), Code::SessionFull | Code::SessionNotJoinable | Code::SessionNotFound)
}

/// The party's player sessions in the game session that an earlier call with the same key has found: the caller still
/// has a reserved slot there, so the answer may have been lost. Other games of the account may know the player too;
/// their reservations are ignored.
pub(crate) async fn found_before(
    gamelift: &(impl Fleets + DescribeGameSession + CreatePlayerSessions + DescribePlayerSessions),
    (targets, limits): (&Targets, &Limits),
    build: Option<i32>,
    open: &Open,
    party: &Party,
    terms: &Terms,
) -> Result<Option<Vec<PlayerSession>>, Error> {
    let places = within(terms.deadline, targets.list(gamelift, build)).await?;
    let is_ours = |one: &PlayerSession| one.game_session_id().is_some_and(|id| fleets::hold(&places, id));
    let known = within(terms.deadline, gamelift.player_sessions_of(party.caller().id())).await;
    let mut own = known.map_err(sessions::ours)?.sessions;
    own.retain(|one| one.status() == Some(&PlayerSessionStatus::Reserved) && is_ours(one));
    own.sort_by(|one, other| other.creation_time().cmp(&one.creation_time()));
    for id in own.iter().filter_map(PlayerSession::game_session_id).take(TRIES) {
        let session = match persist(terms.deadline, || gamelift.describe_game_session(id)).await {
            Err(error) if error.code() == Code::SessionNotFound => continue,
            session => session.map_err(sessions::ours)?,
        };
        let is_there = open.criteria.location.as_deref().is_none_or(|location| session.location() == Some(location));
        // It may have filled up or closed since. That does not matter to players who are in it.
        let is_it = session.status() == Some(&GameSessionStatus::Active)
            && is_there
            && open.criteria.describes(&session)
            && open.fits(&session);
        if is_it {
            // The caller's slot is there. Those of the others may be new ones.
            if party.ids().len() > 1 {
                limits.check_slots(gamelift, targets, party, id, terms.deadline).await?.or_refused()?;
            }
            match reserve(gamelift, id, party, Reuse::Reserved, || true, terms.deadline).await {
                Ok(seats) => return Ok(Some(seats)),
                Err(lost) if is_lost(&lost) => {}
                Err(error) => return Err(sessions::ours(error)),
            }
        }
    }
    Ok(None)
}
