//! Follows a ticket: what is known of it now, or as soon as there are news.

use aws::gamelift::DescribeMatchmaking;
use shared::deadline::{Deadline, within};
use store::{
    Store,
    records::{news::Status, ticket::Ticket},
};

use crate::{
    config::looks::LookConfig,
    tickets::{
        along::look_in_turn,
        look::{QUIET, failed, has_been_quiet, look},
        present,
        wait::{Look, is_look_enough, wait},
    },
};

/// Returns the player's ticket as soon as it says something new, as late as `until`. It does so at once if it has ended,
/// or waits for this player's answer to a match: a client that comes back too late for the change must not miss it.
///
/// GameLift is asked if nothing was heard of the ticket for long, since its event may be lost, as often as `looks` say.
pub async fn follow(
    gamelift: &impl DescribeMatchmaking,
    store: &Store,
    looks: LookConfig,
    ticket: Ticket,
    player: &str,
    until: Deadline,
    deadline: Deadline,
) -> Ticket {
    let may_be_news = !ticket.news.status.is_end() && is_look_enough(&ticket);
    let seen = if may_be_news { look_in_turn(gamelift, store, looks, &ticket, deadline).await } else { None };
    let ticket = seen.unwrap_or(ticket);
    let before = ticket.clone();
    let is_enough = |now: &Ticket| is_asked(now, player) || is_new(&before, now);
    wait(store, ticket, &Look(gamelift, looks), until, is_enough).await
}

/// The ticket after a look at it alone, if it has been quiet and nobody else looks. A failure tells nothing new.
pub(crate) async fn refreshed(
    gamelift: &impl DescribeMatchmaking,
    store: &Store,
    ticket: Ticket,
    deadline: Deadline,
) -> Ticket {
    let needs_none = ticket.news.status.is_end() || !is_look_enough(&ticket) || !has_been_quiet(store, &ticket, QUIET);
    if needs_none || !within(deadline, store.may_look(&ticket.id, QUIET)).await.unwrap_or(false) {
        return ticket;
    }
    let seen = within(deadline, look(gamelift, store, std::slice::from_ref(&ticket))).await;
    seen.inspect_err(failed).ok().and_then(|mut seen| seen.pop()).unwrap_or(ticket)
}

/// Whether GameLift waits for the player's answer to a match.
pub(crate) fn is_asked(ticket: &Ticket, player: &str) -> bool {
    ticket.news.status == Status::RequiresAcceptance && !ticket.news.told.accepted.contains_key(player)
}

/// Whether a player can see that something has changed.
fn is_new(before: &Ticket, now: &Ticket) -> bool {
    let (before, now) = (&before.news, &now.news);
    let (told, tells) = (&before.told, &now.told);
    let is_shown_anew = present::status(before.status) != present::status(now.status);
    is_shown_anew || told.match_id != tells.match_id || told.accepted != tells.accepted
}
