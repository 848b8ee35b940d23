//! The game sessions of one fleet and location, page by page.

use std::collections::VecDeque;

use aws::gamelift::{Search, SearchGameSessions, Target};
use aws_sdk_gamelift::types::GameSession;
use shared::{
    Error,
    deadline::{Deadline, within},
};

use crate::search::{
    criteria::Criteria,
    hold::Hold,
    token::{self, Position},
};

/// Which of the game sessions read are listed, and how they are read.
pub(crate) struct Rules<'a> {
    pub(crate) criteria: &'a Criteria,
    pub(crate) hold: Hold,
    /// Whether a game session is behind the place where the page starts.
    pub(crate) is_behind: Box<dyn Fn(&GameSession) -> bool + Send + Sync>,
    /// Whether this is one of several looks that each repeat the one before.
    pub(crate) is_look: bool,
    /// How many of GameLift's pages are read of one target.
    pub(crate) most_pages: usize,
}

/// The part of a target that was read, and where to go on.
pub(crate) struct Reader<'a> {
    target: &'a Target,
    rules: &'a Rules<'a>,
    /// The position after `rest`; `None` at the end.
    unread: Option<Position>,
    /// The token of the page that `rest` belongs to.
    page: Option<String>,
    /// The remaining matches of the page, with their places in it.
    rest: VecDeque<(usize, GameSession)>,
    /// The matches that are kept for the parties that started them.
    kept: Vec<GameSession>,
    pages_read: usize,
    failure: Option<Error>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(target: &'a Target, rules: &'a Rules<'a>, start: Option<Position>) -> Self {
        let (rest, kept, page) = (VecDeque::new(), Vec::new(), None);
        Self { target, rules, unread: start, page, rest, kept, pages_read: 0, failure: None }
    }

    /// The next game session, if it is known.
    pub(crate) fn head(&self) -> Option<&GameSession> {
        self.rest.front().map(|(_, session)| session)
    }

    /// Takes the next game session.
    pub(crate) fn pop(&mut self) -> Option<GameSession> {
        self.rest.pop_front().map(|(_, session)| session)
    }

    /// The position where a later call goes on; `None` at the end.
    pub(crate) fn position(&self) -> Option<Position> {
        match self.rest.front() {
            Some((place, _)) => Some(Position { page: self.page.clone(), consumed: *place }),
            None => self.unread.clone(),
        }
    }

    /// The matches that were read but are kept for the parties that started them.
    pub(crate) fn into_kept(self) -> Vec<GameSession> {
        self.kept
    }

    /// Why the target could not be read to the end, if so.
    pub(crate) fn failure(&self) -> Option<&Error> {
        self.failure.as_ref()
    }

    /// Why the target could not be read at all, if so. This call then leaves the target out.
    pub(crate) fn failed(&self) -> Option<&Error> {
        self.failure.as_ref().filter(|_| !self.was_read())
    }

    /// Whether a page of the target was read.
    pub(crate) fn was_read(&self) -> bool {
        self.pages_read > 0
    }

    /// Whether the next game session is unknown and still has to be read.
    pub(crate) fn is_dry(&self) -> bool {
        self.rest.is_empty() && self.unread.is_some() && self.failed().is_none()
    }

    /// Whether another page may be read.
    pub(crate) fn may_read(&self) -> bool {
        self.is_dry() && self.failure.is_none() && self.pages_read < self.rules.most_pages
    }

    /// Reads the next page. A failure is kept, and the position stays.
    pub(crate) async fn read<G: SearchGameSessions>(&mut self, gamelift: &G, filter: &str, deadline: Deadline) {
        let Some(position) = self.unread.take() else { return };
        let Rules { criteria, hold, is_behind, is_look, .. } = self.rules;
        let search = Search {
            fleet: &self.target.fleet,
            location: self.target.location.as_deref(),
            filter,
            sort: criteria.sort.expression(),
            next_token: position.page.as_deref(),
            is_look: *is_look,
        };
        match within(deadline, gamelift.search_game_sessions(&search)).await {
            Ok(mut found) => {
                // GameLift does not order equal game sessions, so the order may differ when the page is read again.
                found.sessions.sort_by(|one, other| criteria.sort.compare(one, other));
                let ahead = found.sessions.into_iter().enumerate().skip(position.consumed);
                let matching = ahead.filter(|(_, session)| is_behind(session) && criteria.matches(session));
                let (kept, rest): (VecDeque<_>, _) = matching.partition(|(_, session)| hold.keeps(session));
                self.kept.extend(kept.into_iter().map(|(_, session)| session));
                self.rest = rest;
                self.page = position.page;
                self.unread = found.next_token.map(|page| Position { page: Some(page), consumed: 0 });
                self.pages_read += 1;
            }
            Err(error) => {
                tracing::warn!(code = error.code().as_str(), "a fleet or location could not be searched");
                self.failure = Some(self.blame(error, &position));
                self.unread = Some(position);
            }
        }
    }

    /// The error to report. GameLift refuses a request without naming the bad part; if the client has shaped a part,
    /// that part is blamed.
    fn blame(&self, error: Error, position: &Position) -> Error {
        let exception = error.upstream().and_then(|upstream| upstream.exception.as_deref());
        if exception != Some("InvalidRequestException") {
            return error;
        }
        if !self.was_read() && position.page.is_some() {
            return token::refused("is no longer taken by GameLift; leave it out to start again");
        }
        if self.rules.criteria.location.is_some() {
            return Error::invalid_field("location", "is not one of the fleet's; leave it out to search all.");
        }
        error
    }
}
