//! The pool cut into batches, and the order in a batch (`match-rulesets-components-algorithm`).

use std::cmp::Ordering;

use fastrand::Rng;

use crate::{
    aggregation::NumberAggregation,
    algorithm::{BackfillPriority, ExhaustiveBatches, Strategy},
    attribute::AttributeValue,
    build::{
        cover::{Cover, Cut},
        field::Field,
        progress::{Progress, Tried},
    },
    entrant::Entrant,
    ids::AttributeId,
};

/// Places in the field, in the order in which tickets are anchors and candidates.
pub(crate) type Batch = Vec<usize>;

/// Gives the tickets their positions in the order in which the pool is cut: by chance, by attributes, or by age. None
/// of them was tried so.
pub(crate) fn place(field: &Field<'_>, cut: Cut, progress: &mut [Progress], rng: &mut Rng) {
    let mut tickets: Vec<_> = (0..field.entrants.len()).collect();
    match (cut, field.rule_set.algorithm().strategy()) {
        (Cut::Random { .. }, _) => rng.shuffle(&mut tickets),
        (Cut::Sorted { .. }, Strategy::ExhaustiveSearch(ExhaustiveBatches::Sorted(attributes))) => {
            tickets.sort_by(|left, right| compare(field.entrants[*left], field.entrants[*right], attributes));
        }
        _ => {}
    }
    for (position, ticket) in tickets.into_iter().enumerate() {
        progress[ticket] = Progress { missed: progress[ticket].missed, position, tried: Tried::Not };
    }
}

/// Cuts the pool for a round. Batches of large matches are formed around each anchor, so that there is one here.
pub(crate) fn cut(field: &Field<'_>, cover: &Cover, progress: &[Progress]) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for (ticket, Progress { position, .. }) in progress.iter().enumerate() {
        let batch = cover.cut().batch(cover.round(), *position);
        batches.resize(batches.len().max(batch + 1), Batch::new());
        batches[batch].push(ticket);
    }
    // Tickets may have left.
    batches.retain(|batch| !batch.is_empty());
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
