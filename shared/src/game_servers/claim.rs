//! Claims a game server for a new game session.

use std::time::Duration;

use aws_sdk_gamelift::types::{GameServer, GameSession};

use super::{Data, Hosted, all, data::Request, is_claimed, is_utilized, open};
use crate::{
    deadline::{Backoff, within},
    error::{Code, Error},
    gamelift::{ClaimGameServer, ListGameServers},
    party::Party,
    search::Criteria,
    sessions::Wanted,
    terms::Terms,
};

/// Kept behind the last wait for a claim.
const TIME_FOR_ONE: Duration = Duration::from_secs(2);

/// Kept behind the last claim for a look at what it has done, and at its twin.
const TIME_TO_LOOK: Duration = Duration::from_secs(3);

/// Kept behind that to answer.
const TIME_TO_ANSWER: Duration = Duration::from_millis(500);

/// Kept behind a look for an open game session to claim a game server instead.
const TIME_TO_CLAIM: Duration = Duration::from_secs(10);

/// Claims a game server of the group for the game session that the party wants, or gives the one that an
/// earlier call with the same key has claimed. While every game server is taken, it waits for one.
///
/// # Errors
/// `NO_CAPACITY` when none became free in time; `INVALID_REQUEST` for a game session of which the data of a
/// game server cannot tell; `IDEMPOTENCY_KEY_REUSED`; else what AWS refuses.
pub async fn start<G>(gamelift: &G, group: &str, wanted: &Wanted, party: &Party, terms: &Terms) -> Result<Hosted, Error>
where
    G: ClaimGameServer + ListGameServers,
{
    let claiming = Claiming::new(gamelift, group, wanted, party, terms)?;
    if terms.key.is_some() {
        let servers = within(terms.deadline.keep(TIME_TO_CLAIM), all(gamelift, group)).await?;
        if let Some(before) = claiming.own_among(servers)? {
            return claiming.hosted(before);
        }
    }
    claiming.start().await
}

/// The party in the first game session of the group, in the order of `criteria`, that matches and `fits`;
/// else in a new one. A call with a key is given what an earlier one has claimed.
///
/// # Errors
/// Those of [`start`], and `INVALID_REQUEST` for a location.
pub async fn find_or_start<G>(
    gamelift: &G,
    group: &str,
    (criteria, fits): (&Criteria, impl Fn(&GameSession) -> bool + Send),
    wanted: &Wanted,
    party: &Party,
    terms: &Terms,
) -> Result<Hosted, Error>
where
    G: ClaimGameServer + ListGameServers,
{
    open::check_location(criteria)?;
    let claiming = Claiming::new(gamelift, group, wanted, party, terms)?;
    match within(terms.deadline.keep(TIME_TO_CLAIM), all(gamelift, group)).await {
        Ok(servers) => {
            let before = if terms.key.is_some() { claiming.own_among(servers.clone())? } else { None };
            if let Some(before) = before {
                return claiming.hosted(before);
            }
            if let Some(hosted) = open::best(servers, criteria, fits, party) {
                return Ok(hosted);
            }
        }
        // A new game session is better than none; with a key it could be the second.
        Err(error) if error.code().is_passing() && terms.key.is_none() => {
            tracing::warn!(code = error.code().as_str(), "could not look for an open game session");
        }
        Err(error) => return Err(error),
    }
    claiming.start().await
}

/// One claim under way.
struct Claiming<'a, G> {
    gamelift: &'a G,
    group: &'a str,
    party: &'a Party,
    terms: &'a Terms,
    request: Request,
    /// Of the new game session; also as the text that GameLift takes.
    data: Data,
    text: String,
}

impl<'a, G> Claiming<'a, G> {
    fn new(
        gamelift: &'a G,
        group: &'a str,
        wanted: &Wanted,
        party: &'a Party,
        terms: &'a Terms,
    ) -> Result<Self, Error> {
        let request = Request::new(&terms.token(party.caller(), 0), wanted, party);
        let data = Data::new(wanted, party, &request);
        let text = data.text()?;
        Ok(Self { gamelift, group, party, terms, request, data, text })
    }

    /// The game server that has been claimed for this request, the first of several, with its data. One
    /// whose claim has expired is anybody's to claim.
    fn own_among(&self, servers: Vec<GameServer>) -> Result<Option<(GameServer, Data)>, Error> {
        let own = servers.into_iter().filter(|server| is_utilized(server) || is_claimed(server)).filter_map(|server| {
            let data = Data::of(&server)?;
            let is_same = self.request.is_in(&data)?;
            Some((server, data, is_same))
        });
        match own.min_by_key(|(server, ..)| (server.last_claim_time, server.game_server_id.clone())) {
            Some((server, data, true)) => Ok(Some((server, data))),
            Some((.., false)) => Err(Error::new(Code::IdempotencyKeyReused, "Use another key for another request.")),
            None => Ok(None),
        }
    }

    fn hosted(&self, (server, data): (GameServer, Data)) -> Result<Hosted, Error> {
        Hosted::new(server, &data, self.party)
    }
}

impl<G: ClaimGameServer + ListGameServers> Claiming<'_, G> {
    async fn start(&self) -> Result<Hosted, Error> {
        let claimed = self.claim().await?;
        if self.terms.key.is_none() {
            return Hosted::new(claimed, &self.data, self.party);
        }
        // Two calls with one key at the same time may each have claimed one. Both go on with the first.
        match within(self.terms.deadline.keep(TIME_TO_ANSWER), self.own()).await {
            Ok(Some(first)) => self.hosted(first),
            Err(error) if error.code() == Code::IdempotencyKeyReused => Err(error),
            _ => Hosted::new(claimed, &self.data, self.party),
        }
    }

    async fn own(&self) -> Result<Option<(GameServer, Data)>, Error> {
        self.own_among(all(self.gamelift, self.group).await?)
    }

    /// Claims, and again while nothing is free. After a failure behind which there may be a claim, the
    /// group is looked through before anything else is claimed.
    async fn claim(&self) -> Result<GameServer, Error> {
        let deadline = self.terms.deadline.keep(TIME_TO_LOOK);
        let last_wait = deadline.keep(TIME_FOR_ONE);
        let mut waits = Backoff::polling();
        let mut want_of_room = None;
        let mut may_be_claimed = false;
        loop {
            let error = match within(deadline, self.look_or_claim(may_be_claimed)).await {
                Ok(server) => return Ok(server),
                Err(error) => error,
            };
            match error.code() {
                // Somebody else was faster.
                Code::NoCapacity | Code::GameServerConflict => want_of_room = Some(no_room(error.clone())),
                Code::RateLimited => {}
                code if code.is_passing() => may_be_claimed = true,
                _ => return Err(error),
            }
            if !last_wait.sleep(waits.next().unwrap_or_default()).await {
                let late = if may_be_claimed { self.last_look().await } else { None };
                // So many may ask for the few game servers there are that GameLift throttles them in the end.
                return late.ok_or(want_of_room.unwrap_or(error));
            }
        }
    }

    async fn look_or_claim(&self, may_be_claimed: bool) -> Result<GameServer, Error> {
        if may_be_claimed && let Some((server, _)) = self.own().await? {
            return Ok(server);
        }
        self.gamelift.claim_game_server(self.group, &self.text).await
    }

    /// What it does not see ends by itself.
    async fn last_look(&self) -> Option<GameServer> {
        let own = within(self.terms.deadline.keep(TIME_TO_ANSWER), self.own()).await;
        own.ok().flatten().map(|(server, _)| server)
    }
}

fn no_room(error: Error) -> Error {
    if error.code() == Code::NoCapacity {
        return error;
    }
    error.with_code(Code::NoCapacity, "Others claimed every free game server of the group first.")
}
