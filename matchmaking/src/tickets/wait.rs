//! Waits for news of a ticket in the store. GameLift is asked only if nothing was heard for a while.

use std::{ops::Range, time::Duration};

use aws::gamelift::{DescribeMatchmaking, StartMatchmaking, StopMatchmaking};
use shared::deadline::{Deadline, within};
use store::{
    Store,
    records::{news::Status, ticket::Ticket},
};
use tokio::time::Instant;

use crate::{
    config::looks::LookConfig,
    tickets::{
        along::look_in_turn,
        look::{QUIET, is_quiet},
        send::{Sent, Tries, send},
    },
};

/// How long a waiting call tries to send another one's ticket.
const TIME_TO_SEND: Duration = Duration::from_secs(3);

/// The waits between two readings of the store.
pub(crate) const FIRST_WAIT: Duration = Duration::from_millis(100);
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The milliseconds after which a call whose turn it was not, or who failed, may ask once more.
const NEXT_TURN: Range<u64> = 2_000..6_000;

/// What a waiting call does about a ticket that is quiet.
pub trait Quiet: Send + Sync {
    /// Asks GameLift about the ticket, which was read before, and tells the store, if nobody else does and it is the
    /// call's turn. A failure is nothing to the waiting call: it goes on waiting.
    fn take_turn(&self, store: &Store, ticket: &Ticket, deadline: Deadline) -> impl Future<Output = ()> + Send;

    /// Whether that is all that the ticket may need. If not, it stays quiet, because the reconciler takes up quiet ones.
    fn is_enough_for(&self, ticket: &Ticket) -> bool;
}

/// Looks at the ticket, and takes others along.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a, G>(pub &'a G, pub LookConfig);

impl<G: DescribeMatchmaking> Quiet for Look<'_, G> {
    async fn take_turn(&self, store: &Store, ticket: &Ticket, deadline: Deadline) {
        Box::pin(look_in_turn(self.0, store, self.1, ticket, deadline)).await;
    }

    fn is_enough_for(&self, ticket: &Ticket) -> bool {
        is_look_enough(ticket)
    }
}

/// Looks at the ticket, and sends one that is STARTING: whoever would have sent it has died.
#[derive(Clone, Copy, Debug)]
pub struct LookOrSend<'a, G>(pub &'a G, pub LookConfig);

impl<G: StartMatchmaking + DescribeMatchmaking + StopMatchmaking> Quiet for LookOrSend<'_, G> {
    async fn take_turn(&self, store: &Store, ticket: &Ticket, deadline: Deadline) {
        if ticket.news.status != Status::Starting {
            return Look(self.0, self.1).take_turn(store, ticket, deadline).await;
        }
        if !within(deadline, store.may_look(&ticket.id, QUIET)).await.unwrap_or(false) {
            return;
        }
        let deadline = deadline.or_before(Some(Deadline::after(TIME_TO_SEND)));
        let sent = Box::pin(send(self.0, store, ticket, Tries::Again, deadline)).await;
        if let Ok(Sent::Later(_, error)) = sent {
            tracing::info!(code = error.code().as_str(), "the search has not begun yet");
        }
    }

    fn is_enough_for(&self, ticket: &Ticket) -> bool {
        ticket.news.status == Status::Starting || is_look_enough(ticket)
    }
}

/// Waits until the ticket `is_enough`, has ended, or `until` has come, and returns it as it was read last. Readings that
/// fail are skipped: the store may be slow or throttled for a while.
pub async fn wait(
    store: &Store,
    ticket: Ticket,
    quiet: &impl Quiet,
    until: Deadline,
    is_enough: impl Fn(&Ticket) -> bool,
) -> Ticket {
    let mut newest = ticket;
    let mut wait = FIRST_WAIT;
    let mut next_turn = Instant::now();
    while !newest.news.status.is_end() && !is_enough(&newest) && until.sleep(jittered(wait)).await {
        wait = wait.mul_f64(1.5).min(LONGEST_WAIT);
        let Ok(Some(read)) = within(until, store.ticket(&newest.id)).await else { continue };
        newest = read;
        let may_ask = !newest.news.status.is_end() && quiet.is_enough_for(&newest) && is_quiet(store, &newest);
        if may_ask && next_turn <= Instant::now() {
            next_turn = Instant::now() + Duration::from_millis(fastrand::u64(NEXT_TURN));
            quiet.take_turn(store, &newest, until).await;
        }
    }
    newest
}

/// Whether a look is all that the ticket may need. One that is STARTING has to be sent if whoever made it has died, and
/// one that is to be stopped has to be stopped.
pub(crate) fn is_look_enough(ticket: &Ticket) -> bool {
    match ticket.news.status {
        Status::Starting => false,
        Status::Searching | Status::RequiresAcceptance => !ticket.is_to_stop,
        _ => true,
    }
}

/// At most the wait, so that many who wait since the same moment spread.
pub(crate) fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(0.8 + fastrand::f64() / 5.0)
}
