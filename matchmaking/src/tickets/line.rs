//! The lines before GameLift's rates: who is next is let in and sent, by whoever waits or is there anyway.

use std::time::Duration;

use aws::gamelift::{DescribeMatchmaking, DescribePlacement, PlaceGameSession, StartMatchmaking, StopMatchmaking};
use futures_util::future::join_all;
use shared::{
    Error,
    deadline::{Deadline, within},
};
use store::{
    Store,
    fail_open::fail_open,
    records::{news::Status, ticket::Ticket},
};
use tokio::{join, time::Instant};

use crate::{
    config::admission::AdmissionConfig,
    tickets::{
        admission::Gate,
        look::QUIET,
        send::{Sent, Tries, send},
        send_placement::send_placement,
        wait::{FIRST_WAIT, LONGEST_WAIT, jittered},
    },
};

/// Bounds the time that a call spends on others, because its own player waits.
const TIME_TO_LET_IN: Duration = Duration::from_secs(1);

/// How long it then tries to send them. One that GameLift throttles meanwhile is sent again later.
const TIME_TO_SEND: Duration = Duration::from_secs(1);

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

/// [`let_in`] for a call that has to be over by `deadline`: not at all if it might not come to sending whom it lets in. A
/// failure is nothing to it: others try as well.
pub(crate) async fn let_in_before(sends: &impl Sends, store: &Store, gate: &Gate, deadline: Deadline) {
    if deadline.remaining() >= TIME_TO_LET_IN + TIME_TO_SEND {
        let _ = Box::pin(let_in(sends, store, gate)).await;
    }
}

/// Waits until the ticket is let in, has ended, or `until` has come, and returns it as it was read last. Meanwhile it lets
/// in and sends those who come first, whoever they are; also with no time to wait, because this call may be the only
/// one: that once may take until `deadline`. Readings that fail are skipped.
pub async fn wait_in_line<G>(
    gamelift: &G,
    store: &Store,
    gate: &Gate,
    ticket: Ticket,
    until: Deadline,
    deadline: Deadline,
) -> Ticket
where
    G: StartMatchmaking + DescribeMatchmaking + StopMatchmaking,
{
    let (mut newest, mut wait, mut asked) = (ticket, FIRST_WAIT, Instant::now());
    let mut lets_in_until = deadline;
    while newest.news.status == Status::Waiting {
        let_in_before(&Searches(gamelift), store, gate, lets_in_until).await;
        lets_in_until = until;
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
