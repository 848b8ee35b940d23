#![doc = include_str!("../README.md")]

mod aggregation;
mod algorithm;
mod attribute;
mod build;
mod candidate;
mod choices;
mod entrant;
mod expression;
mod ids;
mod json;
mod latencies;
mod problem;
mod rule_set;
mod rules;
mod scanner;
mod standing;
mod team;
mod ticket;

pub use aggregation::{ListAggregation, NumberAggregation};
pub use algorithm::{Algorithm, BackfillPriority, BalancedBatches, ExhaustiveBatches, ExpansionAge, Strategy};
pub use attribute::{AttributeType, AttributeValue, DeclaredAttribute};
pub use build::{
    history::History,
    matchmaker::Matchmaker,
    pool::NotAdded,
    proposal::{Proposal, ProposedPlayer, ProposedTeam, StepInForce},
    settings::Settings,
    tally::RuleMetrics,
    waiting::Waiting,
};
pub use candidate::Candidate;
pub use choices::{Averages, Choices, LatencyBoundary, PartyWeight, StandardDeviation, UnknownKeys};
pub use entrant::{Entrant, EntrantPlayer};
pub use expression::{compiled::Expression, function::Function};
pub use ids::{AttributeId, RuleId, TeamId};
pub use problem::Problem;
pub use rule_set::{
    admit::{NotAdmitted, Unmatchable},
    expansion::{Expansion, Step, Target, TeamLimit},
    read::RefusedRuleSet,
    set::RuleSet,
    stage::Stage,
};
pub use rules::{
    absolute_sort::AbsoluteSort,
    batch_distance::BatchDistance,
    collection::{Collection, CollectionOperation},
    comparison::{Comparison, Operation},
    compound::{Compound, Statement},
    distance::Distance,
    distance_sort::DistanceSort,
    kind::RuleKind,
    latency::{DistanceReference, Latency, LatencyDistance},
    rule::Rule,
    sort::{Direction, MapKey, Sort},
};
pub use standing::Standing;
pub use team::{Team, TeamSize};
pub use ticket::{Player, Ticket, TicketKind};
