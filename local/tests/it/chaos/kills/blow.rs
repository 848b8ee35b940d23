//! What one call of a run can meet: the columns of the matrix.

use std::{fmt, time::Duration};

use testing::failing_table::Failure;

use crate::faults::proxy::Moment;

/// Longer than a call waits for the store that can go on without it.
const SLOW: Duration = Duration::from_millis(500);

/// Longer than any call of a function waits for the store.
const LATE: Duration = Duration::from_secs(3);

/// Longer than any function may run.
const ENDLESS: Duration = Duration::from_secs(100);

/// What a call of the table can meet that reads. A run that dies there has done no more than one that dies after its last
/// write.
const OF_READS: [Failure; 4] = [Failure::Before, Failure::Throttled, Failure::Slow(SLOW), Failure::Slow(ENDLESS)];

/// What a call of the table can meet that writes.
const OF_WRITES: [Failure; 8] = [
    Failure::Before,
    Failure::After,
    Failure::Throttled,
    Failure::Slow(SLOW),
    Failure::Slow(ENDLESS),
    Failure::Late(LATE),
    Failure::KilledBefore,
    Failure::KilledAfter,
];

/// What happens to a run, at the call of this number, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blow {
    /// To a call of the table.
    Table(usize, Failure),
    /// It dies at a call of GameLift.
    GameLift(usize, Moment),
}

impl Blow {
    /// All that can happen to a run that makes these calls of the table and of GameLift. Unless `each` call counts: of
    /// many calls that are alike, such as those for each shard of an index, to the first and the last of the readings,
    /// and to two more writes.
    pub(crate) fn all(table: &[String], gamelift: &[String], each: bool) -> Vec<Self> {
        let is_read = |call: usize| ["get ", "query"].iter().any(|read| table[call].starts_with(read));
        let alike = |calls: &[String], name: &String| calls.iter().filter(|call| *call == name).count();
        let is_tried = |call: &usize| {
            let (most, name) = (if is_read(*call) { 1 } else { 2 }, &table[*call]);
            each || alike(&table[..*call], name) < most || alike(&table[call + 1..], name) < most
        };
        let failures = |call: usize| if is_read(call) { OF_READS.as_slice() } else { OF_WRITES.as_slice() };
        let of_table = (0..table.len()).filter(is_tried);
        let of_table = of_table.flat_map(|call| failures(call).iter().map(move |failure| Self::Table(call, *failure)));
        let moments = [Moment::Before, Moment::After];
        let of_gamelift = (0..gamelift.len()).flat_map(|call| moments.map(|moment| Self::GameLift(call, moment)));
        of_table.chain(of_gamelift).collect()
    }

    /// The call that it is about, of these of the table and of GameLift.
    pub(crate) fn call<'a>(&self, table: &'a [String], gamelift: &'a [String]) -> Option<&'a String> {
        match self {
            Self::Table(call, _) => table.get(*call),
            Self::GameLift(call, _) => gamelift.get(*call),
        }
    }

    /// Whether the run dies of it.
    pub(crate) fn kills(self) -> bool {
        matches!(self, Self::Table(_, Failure::KilledBefore | Failure::KilledAfter) | Self::GameLift(..))
    }
}

impl fmt::Display for Blow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(call, failure) => write!(f, "table {call}: {failure:?}"),
            Self::GameLift(call, moment) => write!(f, "GameLift {call}: killed {moment:?}"),
        }
    }
}
