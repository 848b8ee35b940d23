//! The lines before GameLift's rates: who is next is sent, and who has gone is taken out.

use std::time::Duration;

use aws::gamelift::{DescribeMatchmaking, DescribePlacement, PlaceGameSession, StartMatchmaking, StopMatchmaking};
use futures_util::future::join_all;
use shared::{
    Answer, Error,
    deadline::{Deadline, within},
};
use store::{
    Store,
    fail_open::fail_open,
    records::{
        news::Status,
        ticket::{Kind, Ticket},
    },
};
use tokio::{
    join,
    time::{Instant, sleep},
};

use crate::{
    config::admission::AdmissionConfig,
    tickets::{
        admission::Gate,
        present::{Viewer, answer},
        send::{Sent, Tries, send},
        send_placement::send_placement,
        wait::{FIRST_WAIT, LONGEST_WAIT, QUIET, jittered},
    },
};

/// How long a call lets others in. It owes them no more, because its own player waits.
const TIME_TO_LET_IN: Duration = Duration::from_secs(1);

/// How long it then tries to send them. One that GameLift throttles meanwhile is sent again later.
const TIME_TO_SEND: Duration = Duration::from_secs(1);

/// How often a line is moved on by somebody who does nothing else.
const STEP: Duration = Duration::from_millis(110);

/// How long nobody asks for a ticket in a line before it is taken out. Whoever waits asks each ten seconds, and a client
/// that was answered 202 comes back sooner.
const GONE: Duration = Duration::from_secs(60);

/// How old the last sign of a player with a socket has to be for another one to be noted.
const LISTENED: Duration = Duration::from_secs(10);

/// The most tickets that are taken out at once.
const MOST_GONE: usize = 100;

/// How the tickets of a line go to GameLift.
pub trait Sends: Send + Sync {
    /// Sends a ticket that has been let in.
    ///
    /// # Errors
    /// GameLift refuses it, and the ticket has ended by that; those of the store, before it is sent.
    fn send_admitted(
        &self,
        store: &Store,
        ticket: &Ticket,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Sent, Error>> + Send;
}

/// Sends searches for a match.
#[derive(Clone, Copy, Debug)]
pub struct Searches<'a, G>(pub &'a G);

impl<G: StartMatchmaking + DescribeMatchmaking + StopMatchmaking> Sends for Searches<'_, G> {
    async fn send_admitted(&self, store: &Store, ticket: &Ticket, deadline: Deadline) -> Result<Sent, Error> {
        Box::pin(send(self.0, store, ticket, Tries::First, deadline)).await
    }
}

/// Sends placements by a queue.
#[derive(Clone, Copy, Debug)]
pub struct Placements<'a, G>(pub &'a G);

impl<G: PlaceGameSession + DescribePlacement> Sends for Placements<'_, G> {
    async fn send_admitted(&self, store: &Store, ticket: &Ticket, deadline: Deadline) -> Result<Sent, Error> {
        Box::pin(send_placement(self.0, store, ticket, Tries::First, deadline)).await
    }
}

/// Lets in as many of the first in the line as GameLift takes now, and sends them. Returns how many. Takes 2 s at most.
///
/// # Errors
/// Those of the table, before anybody is let in.
pub async fn let_in(sends: &impl Sends, store: &Store, gate: &Gate) -> Result<usize, Error> {
    let admitted = within(Deadline::after(TIME_TO_LET_IN), gate.let_in(store)).await?;
    let deadline = Deadline::after(TIME_TO_SEND);
    let sending = admitted.iter().map(|ticket| sends.send_admitted(store, ticket, deadline));
    for sent in join_all(sending).await {
        match sent {
            Ok(Sent::Known(_)) => {}
            Ok(Sent::Later(_, error)) => {
                tracing::info!(code = error.code().as_str(), "a ticket was let in and has not begun yet");
            }
            // Its own players are told, by the ticket.
            Err(error) => tracing::warn!(code = error.code().as_str(), "a ticket was let in and has not begun"),
        }
    }
    Ok(admitted.len())
}

/// Waits until the ticket is let in, has ended, or `until` has come, and returns it as it was read last. Meanwhile it lets
/// in and sends those who come first, whoever they are; also with no time to wait, because this call may be the only
/// one. Readings that fail are skipped.
pub async fn wait_in_line<G>(gamelift: &G, store: &Store, gate: &Gate, ticket: Ticket, until: Deadline) -> Ticket
where
    G: StartMatchmaking + DescribeMatchmaking + StopMatchmaking,
{
    let (mut newest, mut wait, mut asked) = (ticket, FIRST_WAIT, Instant::now());
    while newest.news.status == Status::Waiting {
        // A failure is nothing to this call: others try as well.
        let _ = Box::pin(let_in(&Searches(gamelift), store, gate)).await;
        if !until.sleep(jittered(wait)).await {
            break;
        }
        wait = wait.mul_f64(1.5).min(LONGEST_WAIT);
        if let Ok(Some(read)) = within(until, store.ticket(&newest.id)).await {
            newest = read;
        }
        if newest.news.status == Status::Waiting && asked.elapsed() >= QUIET {
            asked = Instant::now();
            // It is in the line for as long as somebody asks for it.
            let _ = within(until, store.may_look(&newest.id, QUIET)).await;
        }
    }
    newest
}

/// Lets in all who wait, at the rate of the gate, for as long as there is time. Returns how many. For the reconciler: it
/// may be the only one who moves the line on, where clients do not wait for their answers.
///
/// # Errors
/// Those of the table.
pub async fn let_all_in(sends: &impl Sends, store: &Store, gate: &Gate, until: Deadline) -> Result<usize, Error> {
    let mut all = 0;
    while gate.has_line(store).await? && !until.remaining().is_zero() {
        all += let_in(sends, store, gate).await?;
        sleep(STEP).await;
    }
    Ok(all)
}

/// Moves both lines on, if somebody waits in them: for whoever is there anyway, such as the function that records events.
/// It takes about 2 s at most, and a failure is logged: others try as well. A line in which nobody waits costs one reading.
pub async fn move_lines_on<G>(gamelift: &G, store: &Store, config: &AdmissionConfig)
where
    G: StartMatchmaking + DescribeMatchmaking + StopMatchmaking + PlaceGameSession + DescribePlacement,
{
    let (searches, placements) = (Gate::of_searches(config), Gate::of_placements(config));
    let sends = (Searches(gamelift), Placements(gamelift));
    join!(
        move_on(&sends.0, store, &searches, config.searches),
        move_on(&sends.1, store, &placements, config.placements),
    );
}

async fn move_on(sends: &impl Sends, store: &Store, gate: &Gate, rate: u32) {
    // Nobody comes to a line before no rate.
    if rate == 0 || fail_open("line", gate.has_line(store)).await != Some(true) {
        return;
    }
    if let Err(error) = let_in(sends, store, gate).await {
        tracing::warn!(code = error.code().as_str(), "a line was not moved on: {}", error.detail());
    }
}

/// Looks after both lines, until nobody waits in them or the time is up. A failure is logged: the next run goes on.
pub(crate) async fn look_after<G>(gamelift: &G, store: &Store, config: &AdmissionConfig, until: Deadline)
where
    G: StartMatchmaking + DescribeMatchmaking + StopMatchmaking + PlaceGameSession + DescribePlacement,
{
    let (searches, placements) = (Gate::of_searches(config), Gate::of_placements(config));
    let sends = (Searches(gamelift), Placements(gamelift));
    let looked_after = async {
        let gone = withdraw_left(store).await?;
        let (searches, placements) =
            join!(let_all_in(&sends.0, store, &searches, until), let_all_in(&sends.1, store, &placements, until),);
        Ok((gone, searches? + placements?))
    };
    match looked_after.await {
        Ok((0, 0)) => {}
        Ok((gone, let_in)) => tracing::info!(gone, let_in, "the lines were looked after"),
        Err::<_, Error>(error) => {
            tracing::error!(code = error.code().as_str(), "a line cannot be looked after: {}", error.detail());
        }
    }
}

/// Takes out of the lines who has gone: tickets that nobody has asked for in a minute, and none of whose players has a
/// socket. Returns how many; their players may search anew.
///
/// # Errors
/// Those of the table.
pub async fn withdraw_left(store: &Store) -> Result<usize, Error> {
    let mut gone = 0;
    for waiting in store.waiting_tickets(GONE, MOST_GONE).await? {
        let Some(ticket) = store.ticket(&waiting.id).await? else { continue };
        if is_listened_to(store, &ticket).await? {
            store.may_look(&ticket.id, LISTENED).await?;
        } else if store.withdraw(&ticket.id).await? {
            gone += 1;
        }
    }
    Ok(gone)
}

/// Whether one of the ticket's players has a socket, and so need not ask. Sockets tell of searches alone.
async fn is_listened_to(store: &Store, ticket: &Ticket) -> Result<bool, Error> {
    if ticket.kind != Kind::Match {
        return Ok(false);
    }
    for player in &ticket.players {
        if !store.sockets_of(player).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The answer about a ticket, as [`answer`]. One that waits in a line has its `Place`: 1 is the next one.
///
/// # Errors
/// As [`answer`].
pub async fn answer_in_line(store: &Store, ticket: &Ticket, viewer: Viewer<'_>) -> Result<Answer, Error> {
    let mut answer = answer(ticket, viewer)?;
    if ticket.news.status == Status::Waiting
        && let Some(Some(before)) = fail_open("place", store.place_in_line(ticket)).await
    {
        answer.body["Place"] = (before + 1).into();
    }
    Ok(answer)
}
