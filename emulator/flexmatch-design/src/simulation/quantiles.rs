//! Quantiles of numbers.

use serde::Serialize;

/// What of many numbers is shown. Each is one of the numbers themselves: the least that is not below that part of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quantiles {
    /// Half of the numbers are not above it.
    pub p50: f64,
    /// 90 % of the numbers are not above it.
    pub p90: f64,
    /// 99 % of the numbers are not above it.
    pub p99: f64,
    /// The greatest.
    pub max: f64,
}

impl Quantiles {
    /// Of at least one number.
    pub(crate) fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut numbers: Vec<_> = numbers.into_iter().collect();
        numbers.sort_by(f64::total_cmp);
        let at = |percent: usize| numbers[(numbers.len() * percent).div_ceil(100).max(1) - 1];
        let max = *numbers.last()?;
        Some(Self { p50: at(50), p90: at(90), p99: at(99), max })
    }
}

#[cfg(test)]
mod tests {
    use super::Quantiles;

    #[test]
    fn each_is_one_of_the_numbers() {
        assert_eq!(Quantiles::of([]), None);
        assert_eq!(Quantiles::of([7.0]), Some(Quantiles { p50: 7.0, p90: 7.0, p99: 7.0, max: 7.0 }));
        let ten = (1..=10).rev().map(f64::from);
        assert_eq!(Quantiles::of(ten), Some(Quantiles { p50: 5.0, p90: 9.0, p99: 10.0, max: 10.0 }));
        let hundred = (1..=200).map(f64::from);
        assert_eq!(Quantiles::of(hundred), Some(Quantiles { p50: 100.0, p90: 180.0, p99: 198.0, max: 200.0 }));
    }
}
