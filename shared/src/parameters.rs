//! Reads named texts, such as the parameters of a query, as [`crate::request::Fields`] reads a JSON body.

use std::{fmt::Display, ops::RangeInclusive};

use crate::{
    error::FieldError,
    quote::quoted,
    request::{
        fields::whole_number,
        members::{Integer, Keyed, Member, Text, Words},
        names::meant,
    },
};

/// Names with values; a name may occur more than once. Reading a parameter notes its errors, and
/// [`Parameters::into_errors`] returns all at once. Parameters that were never read are errors too: a query
/// understood only in part would get the answer to a different query.
#[derive(Debug)]
pub struct Parameters {
    pairs: Vec<(String, String)>,
    /// The names that were read, in this order.
    known: Vec<&'static str>,
    /// The prefixes of names that were read.
    prefixes: Vec<&'static str>,
    errors: Vec<FieldError>,
}

impl Parameters {
    /// Creates parameters from decoded `pairs`.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { pairs: pairs.into_iter().collect(), known: Vec::new(), prefixes: Vec::new(), errors: Vec::new() }
    }

    /// A text.
    pub fn string(&mut self, member: &Member<Text>) -> Option<String> {
        let text = self.value(member)?;
        self.fitting(text, member.takes.least..=member.takes.most, member.name, "")
    }

    /// The meaning of a word.
    pub fn word<T: Clone>(&mut self, member: &Member<Words<T>>) -> Option<T> {
        let text = self.value(member)?;
        let meaning = member.takes.meaning(&text);
        if meaning.is_none() {
            self.error(member.name, format!("has to be {}", member.takes.sentence()));
        }
        meaning
    }

    /// A whole number. `4.0` counts too: some clients know only doubles.
    pub fn integer(&mut self, member: &Member<Integer>) -> Option<i32> {
        let number = self.value(member)?.trim().parse().ok();
        let Integer { least, most } = member.takes;
        let whole = number.and_then(|number| whole_number(number, &(least..=most)));
        if whole.is_none() {
            self.error(member.name, format!("has to be a whole number from {least} to {most}"));
        }
        whole
    }

    /// The `<rest>` of all parameters named `<name>.<rest>`: sorted, each once.
    pub fn members(&mut self, member: &Member<Keyed>) -> Vec<String> {
        let prefix = member.name;
        self.prefixes.push(prefix);
        let names = self.pairs.iter().filter_map(|(name, _)| rest_of(name, prefix).map(str::to_owned));
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The text of the parameter `<name>.<rest>`.
    pub fn member(&mut self, member: &Member<Keyed>, rest: &str) -> Option<String> {
        let (prefix, length) = (member.name, 0..=member.takes.value);
        let suffix = format!(".{}", quoted(rest));
        let text = self.only(&format!("{prefix}.{rest}"), prefix, &suffix)?;
        self.fitting(text, length, prefix, &suffix)
    }

    /// Accepts a name that has no use here: its value is ignored.
    pub fn ignore(&mut self, name: &'static str) {
        self.known.push(name);
    }

    /// Notes an error of the parameter `name`.
    pub fn error(&mut self, name: &'static str, message: impl Display) {
        self.errors.push(FieldError::new(name, message));
    }

    /// Notes an error of the parameter `<prefix>.<rest>`. The rest is the client's text.
    pub fn member_error(&mut self, prefix: &'static str, rest: &str, message: impl Display) {
        self.errors.push(FieldError::member(prefix, rest, message));
    }

    /// All errors, including those for parameters that were never read.
    pub fn into_errors(mut self) -> Vec<FieldError> {
        let is_known = |name: &str| {
            self.known.contains(&name) || self.prefixes.iter().any(|prefix| rest_of(name, prefix).is_some())
        };
        let mut unknown: Vec<_> = self.pairs.iter().map(|(name, _)| name).filter(|name| !is_known(name)).collect();
        unknown.dedup();
        let errors: Vec<_> = unknown.into_iter().map(|name| self.unknown(name)).collect();
        self.errors.extend(errors);
        self.errors
    }

    fn unknown(&self, name: &str) -> FieldError {
        let (known, advice) = match (meant(name, self.known.iter().copied()), self.member_meant(name)) {
            (Some((known, _)), _) => (known, format!("did you mean {known}?")),
            (None, Some((prefix, rest))) => (prefix, format!("did you mean {prefix}.{}?", quoted(rest))),
            (None, None) => {
                let prefixes = self.prefixes.iter().map(|prefix| format!("{prefix}.<key>"));
                let known: Vec<_> = self.known.iter().map(|name| (*name).to_owned()).chain(prefixes).collect();
                ("unknown", format!("known are {}", known.join(", ")))
            }
        };
        FieldError::as_sent(known, quoted(name), format_args!("is not known; {advice}"))
    }

    /// The prefix and rest that `name` may mean, if it only begins like a known prefix, as `property_map` does.
    fn member_meant<'a>(&self, name: &'a str) -> Option<(&'static str, &'a str)> {
        self.prefixes.iter().find_map(|&prefix| {
            let (beginning, rest) = name.split_at_checked(prefix.len())?;
            let rest = rest.trim_matches(|character: char| !character.is_alphanumeric());
            (beginning.eq_ignore_ascii_case(prefix) && !rest.is_empty()).then_some((prefix, rest))
        })
    }

    /// The value of a parameter; a missing one is an error if it is required.
    fn value<T>(&mut self, member: &Member<T>) -> Option<String> {
        self.known.push(member.name);
        if member.is_required && !self.pairs.iter().any(|(name, _)| name == member.name) {
            self.error(member.name, "is required");
        }
        self.only(member.name, member.name, "")
    }

    /// The value of the parameter `name`, which may occur only once.
    fn only(&mut self, name: &str, path: &'static str, suffix: &str) -> Option<String> {
        let mut values = self.pairs.iter().filter(|(own, _)| own == name).map(|(_, value)| value);
        let first = values.next()?.clone();
        let others = values.count();
        if others == 0 {
            return Some(first);
        }
        self.errors.push(FieldError::part(path, suffix, format!("is there {} times; send it once", others + 1)));
        None
    }

    fn fitting(
        &mut self,
        text: String,
        length: RangeInclusive<usize>,
        path: &'static str,
        suffix: &str,
    ) -> Option<String> {
        let characters = text.chars().count();
        if length.contains(&characters) {
            return Some(text);
        }
        let (least, most) = length.into_inner();
        let message = format!("has {characters} characters; it takes {least} to {most}");
        self.errors.push(FieldError::part(path, suffix, message));
        None
    }
}

/// The rest of a name after `<prefix>.`.
fn rest_of<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    name.strip_prefix(prefix)?.strip_prefix('.')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NAME: Member<Text> = Member::text("name", 1..=3, "");
    const COUNT: Member<Integer> = Member::integer("count", 1..=4, "");
    const PROPERTY: Member<Keyed> = Member::keyed("property", Keyed { key: 32, value: 3 }, "");

    fn parameters(pairs: &[(&str, &str)]) -> Parameters {
        Parameters::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    fn messages(query: Parameters) -> Vec<String> {
        query.into_errors().iter().map(|error| error.message().to_owned()).collect()
    }

    #[test]
    fn what_is_asked_for_is_given() {
        let mut query = parameters(&[("name", "A"), ("count", "4.0"), ("property.map", "Map"), ("old", "x")]);
        assert_eq!(query.string(&NAME).as_deref(), Some("A"));
        assert_eq!(query.integer(&COUNT), Some(4));
        assert_eq!(query.string(&Member { name: "missing", ..NAME }), None);
        assert_eq!(query.integer(&Member { name: "missing", ..COUNT }), None);
        assert_eq!(query.members(&PROPERTY), ["map"]);
        assert_eq!(query.member(&PROPERTY, "map").as_deref(), Some("Map"));
        query.ignore("old");
        assert_eq!(query.into_errors(), []);
    }

    #[test]
    fn everything_wrong_is_noted() {
        let pairs = [("name", ""), ("count", "five"), ("twice", "1"), ("twice", "1"), ("property.a", "1234")];
        let mut query = parameters(&pairs);
        assert_eq!(query.string(&NAME), None);
        assert_eq!(query.integer(&COUNT), None);
        assert_eq!(query.integer(&Member { name: "twice", ..COUNT }), None);
        query.members(&PROPERTY);
        assert_eq!(query.member(&PROPERTY, "a"), None);
        assert_eq!(
            messages(query),
            [
                "name has 0 characters; it takes 1 to 3.",
                "count has to be a whole number from 1 to 4.",
                "twice is there 2 times; send it once.",
                "property.a has 4 characters; it takes 0 to 3.",
            ]
        );
    }

    #[rstest]
    #[case::case("Min_Free_Slots", "did you mean min_free_slots?")]
    #[case::separators("minFreeSlots", "did you mean min_free_slots?")]
    #[case::member("property_map", "did you mean property.map?")]
    #[case::member_in_brackets("Property[map]", "did you mean property.map?")]
    #[case::no_member("property", "known are min_free_slots, property.<key>.")]
    #[case::other("players", "known are min_free_slots, property.<key>.")]
    fn what_nobody_asked_for_is_refused_with_the_right_name(#[case] name: &str, #[case] advice: &str) {
        let mut query = parameters(&[(name, "1"), (name, "2")]);
        query.integer(&Member::integer("min_free_slots", 1..=200, ""));
        query.members(&PROPERTY);
        assert_eq!(messages(query), [format!("{} is not known; {advice}", quoted(name))]);
    }
}
