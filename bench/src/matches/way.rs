//! The ways of waiting.

use std::time::{Duration, Instant};

/// The time between two polls of a client.
pub(crate) const POLL: Duration = Duration::from_secs(2);

/// How a player waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A search in Liftgate, which tells of the match over a socket.
    Socket,
    /// A search in Liftgate, by a call that waits for the match.
    Call,
    /// A search in Liftgate, whose client asks each 2 s what the store knows: the way of AWS's toolkit for GameLift.
    StorePolls,
    /// A search without Liftgate, of which `DescribeMatchmaking` is called each 2 s.
    GameLiftPolls,
    /// A placement of a queue by `create_session` with a store.
    Placement,
    /// The same without a store: the function polls.
    PlacementWithoutStore,
}

impl Way {
    /// All ways. The table compares the times with those of the last one.
    pub const ALL: [Self; 6] =
        [Self::Socket, Self::Call, Self::StorePolls, Self::GameLiftPolls, Self::Placement, Self::PlacementWithoutStore];

    /// Returns the way's name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Socket => "match, over a socket",
            Self::Call => "match, by a call that waits",
            Self::StorePolls => "match, polls of the store each 2 s",
            Self::GameLiftPolls => "match, polls of GameLift each 2 s",
            Self::Placement => "placement, with a store",
            Self::PlacementWithoutStore => "placement, without a store",
        }
    }
}

/// What became of a player.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// What names the player's place in GameLift's events, or the code of the error.
    pub(crate) place: Result<String, String>,
    /// When the player knew.
    pub(crate) at: Instant,
    /// HTTP requests and messages of the player, the handshake of a socket included.
    pub(crate) requests: usize,
    /// How long requests of the player were under way, in all.
    pub(crate) under_way: Duration,
}

/// The requests of a player who waits.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    requests: usize,
    under_way: Duration,
}

impl Asked {
    /// Counts a request, which is under way until `answer` has come.
    pub(crate) async fn count<T>(&mut self, answer: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let answer = answer.await;
        self.requests += 1;
        self.under_way += begun.elapsed();
        answer
    }

    /// Ends the wait now.
    pub(crate) fn outcome(self, place: Result<String, String>) -> Outcome {
        Outcome { place, at: Instant::now(), requests: self.requests, under_way: self.under_way }
    }
}
