//! `distanceSort`: tickets by the distance of their value from the anchor's.

use crate::{entrant::Entrant, rules::sort::Sort};

/// Orders a batch by how far an attribute is from the anchor's. Of a map it takes the key that is lowest or highest in
/// the anchor's map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistanceSort(pub(crate) Sort);

impl DistanceSort {
    /// What it sorts by.
    #[must_use]
    pub const fn sort(&self) -> &Sort {
        &self.0
    }

    pub(crate) fn key(&self, anchor: &Entrant, entrant: &Entrant) -> f64 {
        let (of_anchor, value) = self.0.values(anchor, entrant);
        self.0.directed(of_anchor.zip(value).map(|(of_anchor, value)| (value - of_anchor).abs()))
    }
}
