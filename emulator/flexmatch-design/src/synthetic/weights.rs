//! One of several things, each with its weight.

use std::str::FromStr;

use rand::{Rng, rngs::StdRng};
use rand_distr::{Distribution as _, weighted::WeightedIndex};

/// The most things to choose from.
const MOST: usize = 100;

/// Things with weights, written `1:0.6,2:0.3,4:0.1`. The weights need not add up to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighted<T> {
    things: Vec<(T, f64)>,
    index: WeightedIndex<f64>,
}

impl<T> Weighted<T> {
    /// Things with their weights, of which at least one is above 0.
    pub(crate) fn new(things: Vec<(T, f64)>) -> Result<Self, String> {
        if things.len() > MOST {
            return Err(format!("there are {} choices; give at most {MOST}", things.len()));
        }
        let index = WeightedIndex::new(things.iter().map(|(_, weight)| *weight));
        let index = index.map_err(|_| "no choice has a weight above 0; give one, such as a:1".to_owned())?;
        Ok(Self { things, index })
    }

    /// The things and their weights.
    pub(crate) fn things(&self) -> &[(T, f64)] {
        &self.things
    }

    pub(crate) fn choose(&self, rng: &mut StdRng) -> &T {
        &self.things[self.index.sample(rng)].0
    }

    /// The same choice of other things.
    pub(crate) fn map<U>(&self, mut change: impl FnMut(&T) -> Result<U, String>) -> Result<Weighted<U>, String> {
        let things: Result<Vec<_>, String> =
            self.things.iter().map(|(thing, weight)| Ok((change(thing)?, *weight))).collect();
        Ok(Weighted { things: things?, index: self.index.clone() })
    }
}

/// Whether something of this probability happens.
pub(crate) fn happens(probability: f64, rng: &mut StdRng) -> bool {
    // 53 bits are what a double holds between 0 and 1.
    ((rng.next_u64() >> 11) as f64) < probability * (1_u64 << 53) as f64
}

/// Reads `a:0.7,b:0.3`.
pub(crate) fn read_pairs(text: &str) -> Result<Vec<(String, f64)>, String> {
    let pairs = text.split(',').map(|pair| {
        let wrong = || format!("{:?} is no choice with a weight; write it as name:0.5", pair.trim());
        let (name, weight) = pair.rsplit_once(':').ok_or_else(wrong)?;
        let weight = weight.trim().parse().ok().filter(|weight: &f64| weight.is_finite() && *weight >= 0.0);
        let name = name.trim();
        if name.is_empty() {
            return Err(wrong());
        }
        Ok((name.to_owned(), weight.ok_or_else(wrong)?))
    });
    pairs.collect()
}

impl<T: FromStr> FromStr for Weighted<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let things: Result<Vec<_>, _> = read_pairs(text)?
            .into_iter()
            .map(|(name, weight)| {
                let thing = name.parse::<T>().map_err(|_| format!("{name:?} cannot stand before a weight"))?;
                Ok::<_, String>((thing, weight))
            })
            .collect();
        Self::new(things?)
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::{Weighted, happens};

    #[test]
    fn things_come_as_often_as_their_weights_say() {
        let parties: Weighted<usize> = "1:3, 2:1,4:0".parse().unwrap();
        let mut rng = StdRng::seed_from_u64(1);
        let mut counts = [0; 5];
        (0..4000).for_each(|_| counts[*parties.choose(&mut rng)] += 1);
        assert!((2900..3100).contains(&counts[1]) && counts[4] == 0, "{counts:?}");
        assert_eq!(counts[1] + counts[2], 4000);
        let often = (0..4000).filter(|_| happens(0.25, &mut rng)).count();
        assert!((900..1100).contains(&often), "{often}");
        assert!(happens(1.0, &mut rng) && !happens(0.0, &mut rng));
    }

    #[test]
    fn what_is_no_choice_is_told() {
        let error = |text: &str| text.parse::<Weighted<usize>>().unwrap_err();
        assert_eq!(error("1"), "\"1\" is no choice with a weight; write it as name:0.5");
        assert_eq!(error("1:x"), "\"1:x\" is no choice with a weight; write it as name:0.5");
        assert_eq!(error("1:-1"), "\"1:-1\" is no choice with a weight; write it as name:0.5");
        assert_eq!(error("two:1"), "\"two\" cannot stand before a weight");
        assert_eq!(error("1:0,2:0"), "no choice has a weight above 0; give one, such as a:1");
        assert!(error(&vec!["1:1"; 101].join(",")).starts_with("there are 101 choices"));
    }
}
