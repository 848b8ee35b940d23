//! Counts the calls of AWS's operations.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use emulator_core::model::{operations, service::Service};

/// How many calls of an operation there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Calls within the rate limits.
    pub admitted: usize,
    /// Calls that the rate limits refused.
    pub throttled: usize,
}

/// The calls of each operation. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Mutex<BTreeMap<&'static str, Count>>>);

impl Calls {
    /// Returns the calls since the last ones were taken.
    pub fn take(&self) -> BTreeMap<&'static str, Count> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes a call. One of an operation that AWS does not have is not counted.
    pub(crate) fn note(&self, service: Service, operation: &str, is_admitted: bool) {
        let Some((name, ..)) = operations::of(service).iter().find(|(name, ..)| *name == operation) else { return };
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(name).or_default();
        let counted = if is_admitted { &mut count.admitted } else { &mut count.throttled };
        *counted += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_operation_until_they_are_taken() {
        let calls = Calls::default();
        let same = calls.clone();
        for is_admitted in [true, false, true] {
            same.note(Service::GameLift, "StartMatchmaking", is_admitted);
        }
        same.note(Service::Streams, "StartStreamSession", true);
        same.note(Service::GameLift, "MadeUp", true);
        let expected = [
            ("StartMatchmaking", Count { admitted: 2, throttled: 1 }),
            ("StartStreamSession", Count { admitted: 1, throttled: 0 }),
        ];
        assert_eq!(calls.take(), BTreeMap::from(expected));
        assert_eq!(calls.take(), BTreeMap::new());
    }
}
