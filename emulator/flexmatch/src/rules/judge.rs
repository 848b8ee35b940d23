//! Numbers compared with numbers that may still change.

use crate::{choices::Averages, expression::drift::Drift, standing::Standing};

/// The drifts of two numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drifts {
    pub(crate) left: Drift,
    pub(crate) right: Drift,
    pub(crate) averages: Averages,
}

impl Drifts {
    /// Whether left can come down to right, or right up to left. `patient`: averages count.
    const fn can_close_from_above(self, patient: bool) -> bool {
        self.falls(self.left, patient) || self.rises(self.right, patient)
    }

    const fn can_close_from_below(self, patient: bool) -> bool {
        self.rises(self.left, patient) || self.falls(self.right, patient)
    }

    const fn rises(self, drift: Drift, patient: bool) -> bool {
        drift.can_rise() && (patient || !matches!(drift, Drift::Averages))
    }

    const fn falls(self, drift: Drift, patient: bool) -> bool {
        drift.can_fall() && (patient || !matches!(drift, Drift::Averages))
    }

    /// From whether it holds, and whether it could change if left rose or fell against right.
    fn stand(self, holds: bool, by_rise: bool, by_fall: bool) -> Standing {
        // That averages may break what holds is always so. Whether they are awaited to mend it is a choice.
        let patient = holds || self.averages == Averages::Patient;
        let changes =
            (by_rise && self.can_close_from_below(patient)) || (by_fall && self.can_close_from_above(patient));
        Standing::new(holds, changes)
    }

    /// left < right, or left <= right.
    pub(crate) fn less(self, holds: bool) -> Standing {
        self.stand(holds, holds, !holds)
    }

    /// left > right, or left >= right.
    pub(crate) fn greater(self, holds: bool) -> Standing {
        self.stand(holds, !holds, holds)
    }

    /// left = right.
    pub(crate) fn equal(self, left: f64, right: f64) -> Standing {
        let holds = left == right;
        self.stand(holds, holds || left < right, holds || left > right)
    }

    /// left != right.
    pub(crate) fn unequal(self, left: f64, right: f64) -> Standing {
        let holds = left != right;
        self.stand(holds, !holds || left < right, !holds || left > right)
    }

    /// |left - right| within bounds.
    pub(crate) fn apart(self, left: f64, right: f64, min: Option<f64>, max: Option<f64>) -> Standing {
        let distance = (left - right).abs();
        if max.is_some_and(|max| distance > max) {
            return self.stand(false, left < right, left > right);
        }
        if min.is_some_and(|min| distance < min) {
            return self.stand(false, true, true);
        }
        // A distance that is no number, of two infinite values, holds nothing.
        self.stand(!distance.is_nan(), true, true)
    }
}
