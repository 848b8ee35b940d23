//! Lists in pages, in no particular order. Each listing has a random order, which its tokens carry from page to page: a
//! client that relies on an order fails here.

use std::hash::{DefaultHasher, Hash, Hasher};

use emulator_core::model::{error::ServiceError, exceptions::streams::validation};
use serde::Deserialize;
use serde_with::{DisplayFromStr, serde_as};

use super::whole::State;

/// The page size without `MaxResults` (inferred: the largest one).
const DEFAULT_SIZE: usize = 100;

/// The wanted part of a list.
#[serde_as]
#[derive(Deserialize, garde::Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Page {
    #[garde(skip)]
    next_token: Option<String>,
    #[serde(default)]
    #[serde_as(as = "Option<DisplayFromStr>")]
    #[garde(inner(range(min = 1, max = 100)))]
    max_results: Option<usize>,
}

/// The position from which a listing continues.
#[derive(Clone, Copy)]
struct Token {
    /// The salt of the random order.
    salt: u64,
    /// The hash of the last listed item, its place in that order.
    last: u64,
}

impl State {
    /// Returns the wanted page of a list of `ids`, and the token of the next page. `query` is everything else that the
    /// list depends on: a token is only valid for the same query.
    pub(crate) fn page(
        &mut self,
        page: &Page,
        query: impl Hash,
        ids: Vec<String>,
    ) -> Result<(Vec<String>, Option<String>), ServiceError> {
        let query = hash(query);
        let after = match &page.next_token {
            None => None,
            Some(token) => {
                let unknown = || validation("NextToken is not one of this list's.");
                Some(Token::read(token, query).ok_or_else(unknown)?)
            }
        };
        let salt = after.map_or_else(|| self.random.u64(..), |after| after.salt);
        let mut ids: Vec<_> = ids.into_iter().map(|id| (hash((salt, &id)), id)).collect();
        ids.retain(|(place, _)| after.is_none_or(|after| *place > after.last));
        ids.sort_unstable();
        let size = page.max_results.unwrap_or(DEFAULT_SIZE);
        let is_last = ids.len() <= size;
        ids.truncate(size);
        let next = ids.last().filter(|_| !is_last).map(|(last, _)| Token { salt, last: *last }.write(query));
        Ok((ids.into_iter().map(|(_, id)| id).collect(), next))
    }
}

impl Token {
    fn write(self, query: u64) -> String {
        let Self { salt, last } = self;
        format!("{salt:016x}{last:016x}{:016x}", hash((salt, last, query)))
    }

    fn read(token: &str, query: u64) -> Option<Self> {
        let part = |at: usize| u64::from_str_radix(token.get(at..at + 16)?, 16).ok();
        let read = Self { salt: part(0)?, last: part(16)? };
        (read.write(query) == token).then_some(read)
    }
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tokens_of_the_same_list_are_read() {
        let token = Token { salt: 7, last: u64::MAX }.write(1);
        let read = Token::read(&token, 1).unwrap();
        assert_eq!((read.salt, read.last), (7, u64::MAX));
        assert!(Token::read(&token, 2).is_none());
        for forged in ["", "4", &"ü".repeat(24), &"0".repeat(48), &format!("{token}0"), &token.to_uppercase()] {
            assert!(Token::read(forged, 1).is_none(), "{forged:?}");
        }
    }
}
