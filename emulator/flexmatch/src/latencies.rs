//! Latencies by location.

use crate::aggregation::Spread;

/// The latencies of a player or a party. A list sorted by name: a pool has thousands of these, and a map of a few names
/// would be several times as large.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Latencies(Vec<(String, Spread)>);

impl FromIterator<(String, Spread)> for Latencies {
    fn from_iter<I: IntoIterator<Item = (String, Spread)>>(by_name: I) -> Self {
        let mut sorted: Vec<_> = by_name.into_iter().collect();
        sorted.sort_by(|left, right| left.0.cmp(&right.0));
        Self(sorted)
    }
}

impl Latencies {
    pub(crate) fn get(&self, location: &str) -> Option<Spread> {
        let place = self.0.binary_search_by(|(name, _)| name.as_str().cmp(location)).ok()?;
        Some(self.0[place].1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Spread)> {
        self.0.iter().map(|(name, spread)| (name.as_str(), *spread))
    }
}
