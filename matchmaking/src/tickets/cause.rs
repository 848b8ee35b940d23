//! Why a search was cancelled: the member `Reason` of `MATCHMAKING_CANCELLED`, for the words that a player reads.

use store::records::ticket::Ticket;

/// Why a ticket ends that is stopped, in GameLift's words.
pub(crate) const BY_REQUEST: &str = "Cancelled by request.";

/// Why a ticket ends that was stopped before GameLift knew it.
pub(crate) const BEFORE_IT_BEGAN: &str = "Stopped before the search began.";

/// Why a ticket ends of which a player has rejected a match.
pub(crate) const REJECTED: &str = "A player of the ticket has rejected the match.";

/// Why a ticket ends that was [given up](Ticket::is_given_up).
pub(crate) const GIVEN_UP: &str = "It could not begin within ten minutes.";

/// A cause, and how it is known.
#[derive(Debug)]
pub struct Cause {
    /// Its name in an answer.
    pub name: &'static str,
    /// What happened, as a sentence for the developer.
    pub sentence: &'static str,
    /// What GameLift's or Liftgate's own words about the end contain, in lower case.
    words: &'static str,
}

/// All causes. Of two whose words fit, the first counts. No player is named: a party is not told which of
/// its players it was.
pub const CAUSES: &[Cause] = &[
    Cause { name: "STOPPED", sentence: "A player of the ticket stopped the search.", words: "by request" },
    Cause { name: "STOPPED", sentence: "A player of the ticket stopped the search.", words: "stopped before" },
    Cause {
        name: "SUPERSEDED",
        sentence: "A player of the ticket has a newer search in GameLift.",
        words: "duplicate player",
    },
    Cause { name: "DECLINED", sentence: "A player of the ticket rejected the match.", words: "reject" },
    Cause {
        name: "NOT_ACCEPTED",
        sentence: "Not all players of the ticket had accepted the match when its time was over or another player rejected it.",
        words: "accept",
    },
    ABANDONED,
];

const ABANDONED: Cause = Cause {
    name: "ABANDONED",
    sentence: "Nobody asked for the search for a minute while it waited for its turn, or it could not begin within ten minutes.",
    words: "nobody asked",
};

/// The cause of the end of a cancelled ticket; `None` if it is not known.
pub(crate) fn cause_of(ticket: &Ticket) -> Option<&'static Cause> {
    // GameLift's event of the end says that it was stopped, and not by whom.
    if ticket.is_given_up {
        return Some(&ABANDONED);
    }
    let reason = ticket.news.told.reason.as_deref().unwrap_or_default().to_lowercase();
    let told = CAUSES.iter().find(|cause| reason.contains(cause.words));
    told.or_else(|| CAUSES.first().filter(|_| ticket.is_to_stop))
}
