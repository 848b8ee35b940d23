//! What one call of a run can meet: the columns of the matrix.

use std::{fmt, time::Duration};

use testing::failing_table::Failure;

use crate::{chaos::kills::pushes::Hit, faults::proxy::Moment};

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

/// What is much like another failure, so that one reading and one write of a run meet it.
const RARE: [Failure; 2] = [Failure::Throttled, Failure::Slow(SLOW)];

/// How the names of GameLift's operations begin that change nothing.
const LOOKS: [&str; 4] = ["Describe", "Get", "List", "Search"];

/// The calls of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Calls {
    /// Of the table.
    pub(crate) table: Vec<String>,
    /// Of GameLift.
    pub(crate) gamelift: Vec<String>,
    /// Of `@connections`.
    pub(crate) pushes: Vec<String>,
}

/// What happens to a run, at the call of this number, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blow {
    /// To a call of the table.
    Table(usize, Failure),
    /// It dies at a call of GameLift.
    GameLift(usize, Moment),
    /// To a call of `@connections`.
    Push(usize, Hit),
}

impl Blow {
    /// All that can happen to a run that makes these calls. Unless `each` cell counts, one of alike ones is enough:
    ///
    /// - of the failures in [`RARE`], the first reading and the first write meet each;
    /// - of many calls of the table with one name, such as those for each shard of an index, the first and the last of the
    ///   readings, and two more writes: one line of code makes them;
    /// - a run that dies before a write has done no more than one that dies after the one before. So it dies after each
    ///   write, call of GameLift that changes something, and push, and before the first one of each.
    pub(crate) fn all(Calls { table, gamelift, pushes }: &Calls, each: bool) -> Vec<Self> {
        let is_read = |call: usize| ["get ", "query"].iter().any(|read| table[call].starts_with(read));
        let alike = |calls: &[String], name: &String| calls.iter().filter(|call| *call == name).count();
        let is_tried = |call: &usize| {
            let (most, name) = (if is_read(*call) { 1 } else { 2 }, &table[*call]);
            each || alike(&table[..*call], name) < most || alike(&table[call + 1..], name) < most
        };
        let first_write = (0..table.len()).find(|call| !is_read(*call));
        let failures = |call: usize| if is_read(call) { OF_READS.as_slice() } else { OF_WRITES.as_slice() };
        let of_table = (0..table.len()).filter(is_tried);
        let of_table = of_table.flat_map(|call| failures(call).iter().map(move |failure| (call, *failure)));
        let first_read = (0..table.len()).find(|call| is_read(*call));
        let is_first = |call: usize| [first_read, first_write].contains(&Some(call));
        let of_table = of_table.filter(|(call, failure)| {
            each || is_first(*call) || *failure != Failure::KilledBefore && !RARE.contains(failure)
        });
        let changes = |call: &usize| !LOOKS.iter().any(|look| gamelift[*call].starts_with(look));
        let of_gamelift: Vec<_> = (0..gamelift.len()).filter(|call| each || changes(call)).collect();
        let first_change = of_gamelift.first().copied();
        let of_gamelift =
            of_gamelift.into_iter().flat_map(|call| [Moment::Before, Moment::After].map(|moment| (call, moment)));
        let of_gamelift =
            of_gamelift.filter(|(call, moment)| each || *moment == Moment::After || Some(*call) == first_change);
        let of_pushes = (0..pushes.len()).flat_map(|call| Hit::ALL.map(|hit| (call, hit)));
        let of_pushes = of_pushes.filter(|(call, hit)| each || *hit != Hit::KilledBefore || *call == 0);
        let of_table = of_table.map(|(call, failure)| Self::Table(call, failure));
        let of_gamelift = of_gamelift.map(|(call, moment)| Self::GameLift(call, moment));
        of_table.chain(of_gamelift).chain(of_pushes.map(|(call, hit)| Self::Push(call, hit))).collect()
    }

    /// The call that it is about, of these.
    pub(crate) fn call(self, calls: &Calls) -> Option<&String> {
        match self {
            Self::Table(call, _) => calls.table.get(call),
            Self::GameLift(call, _) => calls.gamelift.get(call),
            Self::Push(call, _) => calls.pushes.get(call),
        }
    }

    /// Whether the run dies of it.
    pub(crate) fn kills(self) -> bool {
        match self {
            Self::Table(_, failure) => matches!(failure, Failure::KilledBefore | Failure::KilledAfter),
            Self::GameLift(..) => true,
            Self::Push(_, hit) => matches!(hit, Hit::KilledBefore | Hit::KilledAfter),
        }
    }
}

impl fmt::Display for Blow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(call, failure) => write!(f, "table {call}: {failure:?}"),
            Self::GameLift(call, moment) => write!(f, "GameLift {call}: killed {moment:?}"),
            Self::Push(call, hit) => write!(f, "push {call}: {hit:?}"),
        }
    }
}
