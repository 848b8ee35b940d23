//! `absoluteSort`: tickets by their value.

use crate::{entrant::Entrant, rules::sort::Sort};

/// Orders a batch by an attribute. Of a map it takes the key that is lowest or highest in the anchor's map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsoluteSort(pub(crate) Sort);

impl AbsoluteSort {
    /// What it sorts by.
    #[must_use]
    pub const fn sort(&self) -> &Sort {
        &self.0
    }

    pub(crate) fn key(&self, anchor: &Entrant, entrant: &Entrant) -> f64 {
        self.0.directed(self.0.values(anchor, entrant).1)
    }
}
