//! Claims a game server for a new game session.

use std::time::Duration;

use aws_sdk_gamelift::types::GameServer;

use super::{Data, Hosted, all, data::Request, is_claimed, is_utilized};
use crate::{
    deadline::{Backoff, within},
    error::{Code, Error},
    gamelift::{ClaimGameServer, ListGameServers},
    party::Party,
    sessions::Wanted,
    terms::Terms,
};

/// Kept behind the last claim for a look at what it has done.
const TIME_TO_LOOK: Duration = Duration::from_secs(2);

/// One claim under way.
struct Claiming<'a, G> {
    gamelift: &'a G,
    group: &'a str,
    request: Request,
    terms: &'a Terms,
}

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
    let claiming = Claiming::new(gamelift, group, wanted, party, terms);
    let data = Data::new(wanted, party, &claiming.request);
    let text = data.text()?;
    if terms.key.is_none() {
        return Hosted::new(claiming.claim(&text).await?, &data, party);
    }
    if let Some(hosted) = claiming.before(party).await? {
        return Ok(hosted);
    }
    let server = claiming.claim(&text).await?;
    // Two calls with one key at the same time may each have claimed one. Both go on with the first.
    match claiming.before(party).await {
        Ok(Some(first)) => Ok(first),
        Err(error) if error.code() == Code::IdempotencyKeyReused => Err(error),
        _ => Hosted::new(server, &data, party),
    }
}

/// The party on the game server that an earlier call with the same key has claimed, if it has.
///
/// # Errors
/// See [`start`].
pub async fn claimed_before(
    gamelift: &impl ListGameServers,
    group: &str,
    wanted: &Wanted,
    party: &Party,
    terms: &Terms,
) -> Result<Option<Hosted>, Error> {
    Claiming::new(gamelift, group, wanted, party, terms).before(party).await
}

impl<'a, G> Claiming<'a, G> {
    fn new(gamelift: &'a G, group: &'a str, wanted: &Wanted, party: &Party, terms: &'a Terms) -> Self {
        let request = Request::new(&terms.token(party.caller(), 0), wanted, party);
        Self { gamelift, group, request, terms }
    }
}

impl<G: ListGameServers> Claiming<'_, G> {
    async fn before(&self, party: &Party) -> Result<Option<Hosted>, Error> {
        let Some((server, data)) = within(self.terms.deadline, self.own()).await? else { return Ok(None) };
        Hosted::new(server, &data, party).map(Some)
    }

    /// The game server that has been claimed for this request, the first of several, with its data. One
    /// whose claim has expired is somebody else's to claim.
    async fn own(&self) -> Result<Option<(GameServer, Data)>, Error> {
        let servers = all(self.gamelift, self.group).await?;
        let own = servers.into_iter().filter(|server| is_utilized(server) || is_claimed(server)).filter_map(|server| {
            let data = Data::of(&server)?;
            let is_same = self.request.is_in(&data)?;
            Some((server, data, is_same))
        });
        let first = own.min_by_key(|(server, ..)| (server.last_claim_time, server.game_server_id.clone()));
        match first {
            Some((server, data, true)) => Ok(Some((server, data))),
            Some((.., false)) => Err(Error::new(Code::IdempotencyKeyReused, "Use another key for another request.")),
            None => Ok(None),
        }
    }
}

impl<G: ClaimGameServer + ListGameServers> Claiming<'_, G> {
    /// Claims, and again while nothing is free. After a failure behind which there may be a claim, the
    /// group is looked through before anything else is claimed.
    async fn claim(&self, data: &str) -> Result<GameServer, Error> {
        let deadline = self.terms.deadline.keep(TIME_TO_LOOK);
        let mut waits = Backoff::polling();
        let mut want_of_room = None;
        let mut may_be_claimed = false;
        loop {
            let error = match within(deadline, self.look_or_claim(may_be_claimed, data)).await {
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
            if !deadline.sleep(waits.next().unwrap_or_default()).await {
                return self.last_look(may_be_claimed).await.ok_or_else(|| {
                    // So many may ask for the few game servers there are that GameLift throttles them in the end.
                    want_of_room.unwrap_or(error)
                });
            }
        }
    }

    async fn look_or_claim(&self, may_be_claimed: bool, data: &str) -> Result<GameServer, Error> {
        if may_be_claimed && let Some((server, _)) = self.own().await? {
            return Ok(server);
        }
        self.gamelift.claim_game_server(self.group, data).await
    }

    async fn last_look(&self, may_be_claimed: bool) -> Option<GameServer> {
        if !may_be_claimed {
            return None;
        }
        // Without an answer the claim, if there is one, ends by itself.
        let deadline = self.terms.deadline;
        within(deadline.keep(TIME_TO_LOOK / 4), self.own()).await.ok().flatten().map(|(server, _)| server)
    }
}

fn no_room(error: Error) -> Error {
    if error.code() == Code::NoCapacity {
        return error;
    }
    error.with_code(Code::NoCapacity, "Others claimed every free game server of the group first.")
}
