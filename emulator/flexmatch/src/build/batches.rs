//! The pool cut into batches, and the order in a batch (`match-rulesets-components-algorithm`).

use std::cmp::Ordering;

use fastrand::Rng;

use crate::{
    aggregation::NumberAggregation,
    algorithm::{BackfillPriority, ExhaustiveBatches, Strategy},
    attribute::AttributeValue,
    build::{field::Field, settings::Settings},
    entrant::Entrant,
    ids::AttributeId,
};

/// Places in the field, in the order in which tickets are anchors and candidates.
pub(crate) type Batch = Vec<usize>;

/// Cuts the pool. Batches of large matches are formed around each anchor, so that there is one here.
pub(crate) fn cut(field: &Field<'_>, settings: &Settings, rng: &mut Rng) -> Vec<Batch> {
    let mut tickets: Vec<_> = (0..field.entrants.len()).collect();
    let mut batches = match field.rule_set.algorithm().strategy() {
        Strategy::Balanced { .. } if field.rule_set.is_large() => vec![tickets],
        Strategy::Balanced { .. } | Strategy::ExhaustiveSearch(ExhaustiveBatches::Random) => {
            let batch = settings.batch.max(field.plan.largest_match as usize).max(1);
            if tickets.len() > batch {
                rng.shuffle(&mut tickets);
            }
            even_parts(&tickets, batch)
        }
        Strategy::ExhaustiveSearch(ExhaustiveBatches::Sorted(attributes)) => {
            let batch = settings.sorted_batch.max(2 * field.plan.largest_match as usize);
            tickets.sort_by(|left, right| compare(field.entrants[*left], field.entrants[*right], attributes));
            shifted_parts(&tickets, batch, rng)
        }
    };
    batches.iter_mut().for_each(|batch| batch.sort_by_key(|ticket| (kind_rank(field, *ticket), *ticket)));
    batches
}

/// By `backfillPriority`. Backfills go first in large matches, and `balanced` has no priority otherwise.
fn kind_rank(field: &Field<'_>, ticket: usize) -> u8 {
    let is_backfill = field.is_backfill(ticket);
    match (field.rule_set.algorithm().strategy(), field.rule_set.algorithm().backfill_priority()) {
        (Strategy::Balanced { .. }, _) if field.rule_set.is_large() => u8::from(!is_backfill),
        (Strategy::Balanced { .. }, _) | (_, BackfillPriority::Normal) => 0,
        (_, BackfillPriority::High) => u8::from(!is_backfill),
        (_, BackfillPriority::Low) => u8::from(is_backfill),
    }
}

/// As few parts as possible, as even as possible.
fn even_parts(tickets: &[usize], most: usize) -> Vec<Batch> {
    let parts = tickets.len().div_ceil(most);
    (0..parts).map(|part| tickets[tickets.len() * part / parts..tickets.len() * (part + 1) / parts].to_vec()).collect()
}

/// Parts of one size, cut elsewhere in each pass, so that no two neighbours are kept apart for long.
fn shifted_parts(tickets: &[usize], most: usize, rng: &mut Rng) -> Vec<Batch> {
    if tickets.len() <= most {
        return even_parts(tickets, most);
    }
    let (first, others) = tickets.split_at(rng.usize(1..=most));
    [first].into_iter().chain(others.chunks(most)).map(<[usize]>::to_vec).collect()
}

fn compare(left: &Entrant, right: &Entrant, attributes: &[AttributeId]) -> Ordering {
    let of = |attribute: &AttributeId| compare_one(left, right, *attribute);
    attributes.iter().map(of).find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
}

/// A ticket is sorted by the average of its players' numbers, and by its first player's text.
fn compare_one(left: &Entrant, right: &Entrant, attribute: AttributeId) -> Ordering {
    if let AttributeValue::Number(_) = left.players()[0].attribute(attribute) {
        let number = |entrant: &Entrant| {
            let players = entrant.players().len();
            let of_player = |player| entrant.number(player, attribute, NumberAggregation::Avg);
            (0..players).map(of_player).sum::<f64>() / players as f64
        };
        return number(left).total_cmp(&number(right));
    }
    left.text(0, attribute).cmp(right.text(0, attribute))
}
