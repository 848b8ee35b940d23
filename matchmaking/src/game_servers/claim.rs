//! Claims a game server for a new game session.

use std::time::Duration;

use aws::gamelift::{ClaimGameServer, ListGameServers};
use aws_sdk_gamelift::types::{GameServer, GameSession};
use shared::{
    Code, Error,
    deadline::{Backoff, within},
    terms::Terms,
};

use crate::{
    game_servers::{
        address::Address,
        data::{Data, Request},
        hosted::Hosted,
        listed::{all, is_claimed, is_utilized, look},
        open,
    },
    party::Party,
    search::criteria::Criteria,
    wanted::Wanted,
};

/// Time kept free after the last wait for one more claim.
const TIME_FOR_ONE: Duration = Duration::from_secs(2);

/// Time kept free after the last claim to look at its result and for a twin.
const TIME_TO_LOOK: Duration = Duration::from_secs(3);

/// Time kept free after that look for the answer.
const TIME_TO_ANSWER: Duration = Duration::from_millis(500);

/// How many game servers Liftgate tries to claim by id before it reads the group again.
const MOST_CHOICES: usize = 3;

/// Time kept free after the look for an earlier claim, so that a game server can still be claimed.
const TIME_TO_CLAIM: Duration = Duration::from_secs(10);

/// Claims a game server of the group for the game session that the party wants, or returns the one that an earlier
/// call with the same key has claimed. While every game server is taken, it waits for one. Game servers with an
/// unusable `ConnectionInfo` are passed over.
///
/// # Errors
/// `NO_CAPACITY` when no game server became free in time; `BACKEND_MISCONFIGURED` when players can connect to none of
/// the group; `INVALID_REQUEST` for a game session that does not fit into a game server's data;
/// `IDEMPOTENCY_KEY_REUSED`; else AWS's errors.
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

/// Puts the party into the group's first game session, in the order of `criteria`, that matches and `fits`; else into
/// a new one. While no game server is free, it tries both in turn. A call with a key gets the game server that an
/// earlier one has claimed.
///
/// # Errors
/// Those of [`start`], and `INVALID_REQUEST` for a location.
pub async fn find_or_start<G>(
    gamelift: &G,
    group: &str,
    (criteria, fits): (&Criteria, impl Fn(&GameSession) -> bool + Send + Sync),
    wanted: &Wanted,
    party: &Party,
    terms: &Terms,
) -> Result<Hosted, Error>
where
    G: ClaimGameServer + ListGameServers,
{
    open::check_location(criteria)?;
    let fits: &Fits<'_> = &fits;
    let claiming = Claiming { open: Some((criteria, fits)), ..Claiming::new(gamelift, group, wanted, party, terms)? };
    claiming.start().await
}

/// Whether the client accepts a game session.
type Fits<'a> = dyn Fn(&GameSession) -> bool + Send + Sync + 'a;

/// One claim under way.
struct Claiming<'a, G> {
    gamelift: &'a G,
    group: &'a str,
    party: &'a Party,
    terms: &'a Terms,
    request: Request,
    /// The data of the new game session; `text` is the same as GameLift takes it.
    data: Data,
    text: String,
    /// The open game sessions that the client would also accept.
    open: Option<(&'a Criteria, &'a Fits<'a>)>,
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
        Ok(Self { gamelift, group, party, terms, request, data, text, open: None })
    }

    /// The game server that is claimed for this request, with its data; of several, the first one claimed. Game
    /// servers whose claim has expired are free to all, and those with an unusable `ConnectionInfo` were passed over.
    fn own_among(&self, servers: Vec<GameServer>) -> Result<Option<(GameServer, Data)>, Error> {
        let own = servers.into_iter().filter(|server| is_utilized(server) || is_claimed(server)).filter_map(|server| {
            let data = Data::of(&server)?;
            let is_same = self.request.is_in(&data)?;
            is_usable(&server).then_some((server, data, is_same))
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
        let claimed = match self.claim().await? {
            Claimed::Server(server) => *server,
            Claimed::Open(hosted) => return Ok(*hosted),
        };
        if self.terms.key.is_none() {
            return Hosted::new(claimed, &self.data, self.party);
        }
        // Two simultaneous calls with one key may each have claimed a game server. Both go on with the first.
        match within(self.terms.deadline.keep(TIME_TO_ANSWER), self.own()).await {
            Ok(Some(first)) => self.hosted(first),
            Err(error) if error.code() == Code::IdempotencyKeyReused => Err(error),
            _ => Hosted::new(claimed, &self.data, self.party),
        }
    }

    async fn own(&self) -> Result<Option<(GameServer, Data)>, Error> {
        self.own_among(all(self.gamelift, self.group).await?)
    }

    /// Claims a game server, and tries again while none is free. If an open game session is acceptable too, each try
    /// looks at those first. After a failure that may hide a claim, the group is searched before another claim.
    async fn claim(&self) -> Result<Claimed, Error> {
        let deadline = self.terms.deadline.keep(TIME_TO_LOOK);
        let last_wait = deadline.keep(TIME_FOR_ONE);
        let mut waits = Backoff::polling();
        let mut want_of_room = None;
        let mut state = Claims { who_chooses: Chooser::GameLift, may_be_claimed: false };
        loop {
            let error = match within(deadline, self.look_or_claim(&mut state)).await {
                Ok(claimed) => return Ok(claimed),
                Err(error) => error,
            };
            match error.code() {
                // Another call was faster.
                Code::NoCapacity | Code::GameServerConflict => want_of_room = Some(no_room(error.clone())),
                code if code.is_passing() => {}
                _ => return Err(error),
            }
            if !last_wait.sleep(waits.next().unwrap_or_default()).await {
                let late = self.last_look(state.may_be_claimed, error, want_of_room).await?;
                return Ok(Claimed::Server(Box::new(late)));
            }
        }
    }

    async fn look_or_claim(&self, state: &mut Claims) -> Result<Claimed, Error> {
        if let Some(seen) = self.look(state.may_be_claimed).await? {
            return Ok(seen);
        }
        Ok(Claimed::Server(Box::new(self.claim_once(state).await?)))
    }

    /// The existing claim of this request, or an open game session to join. If the look fails, so does this try.
    async fn look(&self, may_be_claimed: bool) -> Result<Option<Claimed>, Error> {
        if !may_be_claimed && self.open.is_none() {
            return Ok(None);
        }
        let servers = look(self.gamelift, self.group).await?;
        if let Some((server, data)) = self.own_among(servers.clone())? {
            return Ok(Some(match self.open {
                Some(_) => Claimed::Open(Box::new(self.hosted((server, data))?)),
                None => Claimed::Server(Box::new(server)),
            }));
        }
        let Some((criteria, fits)) = self.open else { return Ok(None) };
        Ok(open::best(servers, criteria, fits, self.party).map(|hosted| Claimed::Open(Box::new(hosted))))
    }

    async fn claim_once(&self, state: &mut Claims) -> Result<GameServer, Error> {
        if state.who_chooses == Chooser::GameLift {
            let server = self.claim_one(None, state).await?;
            let Err(why) = Address::of(&server) else { return Ok(server) };
            // No other call can claim it for 60 s, so this warning comes once a minute, and once a call.
            let game_server = server.game_server_id().unwrap_or_default();
            tracing::warn!(game_server, "passed over: its ConnectionInfo {why}; deregister it and register it again");
        }
        self.claim_usable(state).await
    }

    /// Claims one of the group's game servers that players can connect to. The order is random, so that simultaneous
    /// calls rarely try the same one.
    async fn claim_usable(&self, state: &mut Claims) -> Result<GameServer, Error> {
        // While the group cannot be read, GameLift's next choice may be a better one.
        state.who_chooses = Chooser::GameLift;
        let servers = look(self.gamelift, self.group).await?;
        if let Some(error) = none_usable(&servers) {
            return Err(error);
        }
        if !servers.is_empty() {
            state.who_chooses = Chooser::Liftgate;
        }
        let is_free = |server: &GameServer| !is_utilized(server) && !is_claimed(server) && is_usable(server);
        let mut free: Vec<_> = servers.into_iter().filter(is_free).filter_map(|server| server.game_server_id).collect();
        fastrand::shuffle(&mut free);
        for id in free.iter().take(MOST_CHOICES) {
            match self.claim_one(Some(id), state).await {
                // Another call was faster, or the game server is gone.
                Err(error) if error.code() == Code::GameServerConflict || is_gone(&error) => {}
                claimed => return claimed,
            }
        }
        Err(Error::new(Code::NoCapacity, "Every game server of the group that players can connect to is taken."))
    }

    /// Claims a game server by one call. Afterwards `state` says whether there may be an unreported claim: after a
    /// lost answer, or if the time ran out before the answer.
    async fn claim_one(&self, id: Option<&str>, state: &mut Claims) -> Result<GameServer, Error> {
        let was_claimed_before = std::mem::replace(&mut state.may_be_claimed, true);
        let claimed = self.gamelift.claim_game_server(self.group, id, &self.text).await;
        let is_lost = |error: &Error| error.code().is_passing() && error.code() != Code::RateLimited;
        state.may_be_claimed = was_claimed_before || claimed.as_ref().is_err_and(is_lost);
        claimed
    }

    /// The result of a call that has run out of time: perhaps a claim after all, else an error. A claim that this
    /// look does not see expires by itself.
    async fn last_look(
        &self,
        may_be_claimed: bool,
        error: Error,
        want_of_room: Option<Error>,
    ) -> Result<GameServer, Error> {
        if !may_be_claimed && want_of_room.is_none() {
            return Err(error);
        }
        let seen = within(self.terms.deadline.keep(TIME_TO_ANSWER), all(self.gamelift, self.group)).await;
        let seen = seen.unwrap_or_default();
        // Game servers with an unusable `ConnectionInfo` look taken for a minute after each claim.
        let unusable = none_usable(&seen).filter(|_| want_of_room.is_some());
        let own = self.own_among(seen).ok().flatten().filter(|_| may_be_claimed);
        // Many callers for few game servers can end in throttling, so the want of room is the better reason.
        own.map(|(server, _)| server).ok_or(unusable.or(want_of_room).unwrap_or(error))
    }
}

/// The result of a claim.
enum Claimed {
    /// A game server for a new game session.
    Server(Box<GameServer>),
    /// The party is in the game session of a game server that is claimed already.
    Open(Box<Hosted>),
}

/// The state of a call's claims so far.
struct Claims {
    who_chooses: Chooser,
    /// A claim may have been made although its answer was lost.
    may_be_claimed: bool,
}

/// The party that chooses the game server to claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chooser {
    /// GameLift chooses. It fills instances one after the other, and Liftgate need not read the group.
    GameLift,
    /// Liftgate chooses, after GameLift has chosen a game server with an unusable `ConnectionInfo`.
    Liftgate,
}

/// Whether players can connect to the game server.
fn is_usable(server: &GameServer) -> bool {
    Address::of(server).is_ok()
}

/// The error if there are game servers but players can connect to none of them.
fn none_usable(servers: &[GameServer]) -> Option<Error> {
    let why = Address::of(servers.first()?).err()?;
    if servers.iter().any(is_usable) {
        return None;
    }
    let id = servers[0].game_server_id().unwrap_or_default();
    let detail = format!(
        "Players can connect to none of the {} game servers of the group: the ConnectionInfo of each, as that of {id}, {why}. It cannot change: deregister the game servers and register them again.",
        servers.len()
    );
    Some(Error::new(Code::BackendMisconfigured, detail).with_member("GameServerId", id))
}

/// Whether the game server to be claimed is no longer registered.
fn is_gone(error: &Error) -> bool {
    error.upstream().and_then(|upstream| upstream.exception.as_deref()) == Some("NotFoundException")
}

fn no_room(error: Error) -> Error {
    if error.code() == Code::NoCapacity {
        return error;
    }
    error.with_code(Code::NoCapacity, "Others claimed every free game server of the group first.")
}
