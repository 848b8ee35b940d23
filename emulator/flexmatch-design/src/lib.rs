//! What a designer asks of a FlexMatch rule set before players meet it.
//!
//! - `examples`: example players, read from lines of JSON ([`read_examples`]);
//! - `warnings`: what is legal and surely not meant ([`warnings()`]);
//! - `synthetic`: players who are drawn from distributions ([`Crowd`]);
//! - `simulation`: what would become of them in virtual time ([`simulate()`], [`Report`]);
//! - `charts`: a report as pictures ([`Report::charts`]).
//!
//! The crate is pure: it reads no files and has no clock. The same seed has the same results.

mod bounds;
mod charts;
mod examples;
mod simulation;
mod synthetic;
mod warnings;

pub use charts::charts_of::Chart;
pub use examples::{
    arriving::example_tickets,
    example::Example,
    read::{ExamplesError, read_examples},
};
pub use simulation::{
    played::{Counts, Played},
    quantiles::Quantiles,
    reason::Reason,
    report::{Expansion, Latency, NumberSpread, Report, Step, StringSpread, Unmatched},
    simulate::{Conditions, Progress, SimulationError, simulate},
    timeline::{Interval, IntervalAttribute},
};
pub use synthetic::{
    arrivals::Rate,
    crowd::{Crowd, CrowdError, CrowdSpec},
    numbers::Numbers,
    source::Source,
    weights::Weighted,
};
pub use warnings::warn::warnings;
