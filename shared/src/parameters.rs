//! Reading named texts, such as the parameters of a query: what [`crate::request::Fields`] is to a JSON body.

use std::{fmt::Display, ops::RangeInclusive};

use crate::{error::FieldError, request::whole_number};

/// Names with values, a name perhaps more than once. Asking for one notes what is wrong with it;
/// [`Parameters::into_errors`] then has everything at once. What nobody asks for is ignored.
#[derive(Debug)]
pub struct Parameters {
    pairs: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Parameters {
    /// The parameters `pairs`, decoded.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { pairs: pairs.into_iter().collect(), errors: Vec::new() }
    }

    /// A text of `length` characters, if it is there.
    pub fn string(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let text = self.only(name)?;
        let characters = text.chars().count();
        if length.contains(&characters) {
            return Some(text);
        }
        let (least, most) = length.into_inner();
        self.error(name, format!("has {characters} characters; it takes {least} to {most}"));
        None
    }

    /// A whole number in `range`, if it is there. `4.0` is one too: some clients know doubles only.
    pub fn integer(&mut self, name: &str, range: RangeInclusive<i32>) -> Option<i32> {
        let number = self.only(name)?.trim().parse().ok();
        let whole = number.and_then(|number| whole_number(number, &range));
        if whole.is_none() {
            let (least, most) = range.into_inner();
            self.error(name, format!("has to be a whole number from {least} to {most}"));
        }
        whole
    }

    /// The parameters whose names start with `prefix`, without it: sorted, each once.
    pub fn starting_with(&self, prefix: &str) -> Vec<String> {
        let names = self.pairs.iter().filter_map(|(name, _)| name.strip_prefix(prefix).map(str::to_owned));
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Notes that the parameter `name` is wrong.
    pub fn error(&mut self, name: &str, message: impl Display) {
        self.errors.push(FieldError { field: name.to_owned().into(), message: format!("{name} {message}.") });
    }

    /// Everything that was found wrong.
    pub fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    /// The value of a parameter that may be there once.
    fn only(&mut self, name: &str) -> Option<String> {
        let mut values = self.pairs.iter().filter(|(own, _)| own == name).map(|(_, value)| value);
        let first = values.next()?.clone();
        let others = values.count();
        if others == 0 {
            return Some(first);
        }
        self.error(name, format!("is there {} times; send it once", others + 1));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> Parameters {
        Parameters::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn what_is_asked_for_is_given_and_the_rest_ignored() {
        let mut query = parameters(&[("name", "A"), ("count", "4.0"), ("other", ""), ("other", "")]);
        assert_eq!(query.string("name", 1..=3).as_deref(), Some("A"));
        assert_eq!(query.integer("count", 1..=4), Some(4));
        assert_eq!((query.string("missing", 1..=3), query.integer("missing", 1..=4)), (None, None));
        assert_eq!(query.into_errors(), []);
    }

    #[test]
    fn everything_wrong_is_noted() {
        let mut query = parameters(&[("name", ""), ("count", "five"), ("twice", "1"), ("twice", "1")]);
        assert_eq!(query.string("name", 1..=3), None);
        assert_eq!(query.integer("count", 1..=4), None);
        assert_eq!(query.integer("twice", 1..=4), None);
        let messages: Vec<_> = query.into_errors().into_iter().map(|error| error.message).collect();
        assert_eq!(
            messages,
            [
                "name has 0 characters; it takes 1 to 3.",
                "count has to be a whole number from 1 to 4.",
                "twice is there 2 times; send it once.",
            ]
        );
    }
}
