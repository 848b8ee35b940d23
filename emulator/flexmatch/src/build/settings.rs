//! What a matchmaker is told beside its rule set.

/// A matchmaking configuration's share in building matches, and the bounds of a pass. AWS documents no size of a batch
/// and no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `AdditionalPlayerCount`: slots that stay free. They are taken off the teams with the most room, and never below
    /// a team's `minPlayers`.
    pub additional_players: u32,
    /// The most tickets of a random batch. A pool of fewer is one batch.
    pub batch: usize,
    /// The most tickets of a sorted batch. It is raised to twice the players of a match, so that a batch can fill one.
    pub sorted_batch: usize,
    /// The work of a pass, in looks of a rule at a player. A pass stops when it is used up, and the next one goes on.
    pub work: u64,
    /// The part of the work that may go into second thoughts: other teams for tickets that were added, or leaving one
    /// out. An anchor gets half of what is left of it.
    pub second_thoughts: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { additional_players: 0, batch: 500, sorted_batch: 50, work: 1_000_000, second_thoughts: 200_000 }
    }
}
