//! What can be listed for all who wait.

use std::time::Duration;

use shared::Error;

/// A list of GameLift's that many calls wait for.
pub(crate) trait List: Sync {
    /// The most pages that are read at once.
    const PAGES: usize;

    /// How long the lease is taken for each page: the share of a page in the calls a second that AWS allows.
    const PER_PAGE: Duration;

    /// The shortest time from one sweep to the next, however few pages it has, and how long a sweep is new.
    const SHORTEST: Duration;

    /// A page: the first one, or the one behind `token`. Tried once.
    fn page(&self, token: Option<String>) -> impl Future<Output = Result<Page, Error>> + Send;
}

/// A page of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    /// What is listed.
    pub(crate) things: Vec<Thing>,
    /// The token of the next page, if there is one.
    pub(crate) next_token: Option<String>,
}

/// A listed thing.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    /// By what those who wait look it up: its id, or whose it is.
    pub(crate) key: String,
    /// What there is to know about it, in one line.
    pub(crate) text: String,
}
