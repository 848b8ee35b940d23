//! What a member of a request takes: its name, its bounds and a sentence about it, in one place.
//! [`Fields`](super::Fields) and [`Parameters`](crate::parameters::Parameters) read by it, and the OpenAPI document is
//! made from it. So no bound is written twice.

use std::{fmt, ops::RangeInclusive};

/// A member of a body, or a parameter of a query.
#[derive(Clone, Copy, Debug)]
pub struct Member<T> {
    /// Its name.
    pub name: &'static str,
    /// The values that it takes.
    pub takes: T,
    /// What it is for, for the document: a sentence or two.
    pub about: &'static str,
    /// Whether a request without it is refused.
    pub is_required: bool,
}

/// A string of so many characters.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The fewest characters.
    pub least: usize,
    /// The most characters; `usize::MAX` for no limit but that of the body.
    pub most: usize,
}

/// One of some words, each with its meaning.
#[derive(Debug)]
pub struct Words<T: 'static> {
    /// The words.
    pub words: &'static [(&'static str, T)],
    /// What the error of another word says after them, with its own punctuation.
    pub hint: &'static str,
}

/// A whole number in this range.
#[derive(Clone, Copy, Debug)]
pub struct Integer {
    /// The lowest value.
    pub least: i32,
    /// The highest value.
    pub most: i32,
}

/// True or false.
#[derive(Clone, Copy, Debug)]
pub struct Switch;

/// A list of strings.
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    /// The most items.
    pub most: usize,
    /// Each item.
    pub item: Text,
}

/// An object of strings. Names and values may be empty.
#[derive(Clone, Copy, Debug)]
pub struct TextMap {
    /// The most members.
    pub most: usize,
    /// The most characters of a name.
    pub name: usize,
    /// The most characters of a value.
    pub value: usize,
}

/// All members `<name>.<key>`, each a string.
#[derive(Clone, Copy, Debug)]
pub struct Keyed {
    /// The most characters of a key.
    pub key: usize,
    /// The most characters of a value.
    pub value: usize,
}

/// An object of numbers from 0 on, by Regions or locations.
#[derive(Clone, Copy, Debug)]
pub struct NumberMap {
    /// The most members.
    pub most: usize,
    /// The highest value.
    pub highest: f32,
}

/// An object of values in some forms, which the reader checks.
#[derive(Clone, Copy, Debug)]
pub struct Values {
    /// The most members.
    pub most: usize,
    /// The forms of a value.
    pub value: &'static [Takes],
}

/// Members that are read together.
pub type Members = &'static [&'static dyn Described];

/// An object with the members of these groups.
#[derive(Clone, Copy, Debug)]
pub struct Object(pub &'static [Members]);

/// What a member takes, for the document.
#[derive(Clone, Debug)]
pub enum Takes {
    /// A string.
    Text(Text),
    /// One of these words.
    Words(Vec<&'static str>),
    /// A whole number.
    Integer(Integer),
    /// Any number.
    Number,
    /// True or false.
    Switch,
    /// A list of strings.
    Texts(Texts),
    /// An object of strings.
    TextMap(TextMap),
    /// All members `<name>.<key>`, each a string.
    Keyed(Keyed),
    /// An object of numbers from 0 on.
    NumberMap(NumberMap),
    /// An object of this many numbers, by names of this form.
    Numbers(usize, Text),
    /// An object of values in some forms.
    Values(Values),
    /// An object with the members of these groups.
    Object(&'static [Members]),
}

/// A member as the document describes it.
pub trait Described: fmt::Debug + Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// What it is for.
    fn about(&self) -> &'static str;
    /// Whether a request without it is refused.
    fn is_required(&self) -> bool;
    /// The values that it takes.
    fn takes(&self) -> Takes;
}

impl<T> Member<T> {
    const fn new(name: &'static str, takes: T, about: &'static str) -> Self {
        Self { name, takes, about, is_required: false }
    }
}

impl<T: Copy> Member<T> {
    /// The same member, without which a request is refused.
    #[must_use]
    pub const fn required(&self) -> Self {
        Self { is_required: true, ..*self }
    }
}

impl Text {
    /// A string of `length` characters.
    pub const fn of(length: RangeInclusive<usize>) -> Self {
        Self { least: *length.start(), most: *length.end() }
    }
}

impl Member<Text> {
    /// A string of `length` characters.
    pub const fn text(name: &'static str, length: RangeInclusive<usize>, about: &'static str) -> Self {
        Self::new(name, Text::of(length), about)
    }
}

impl<T> Member<Words<T>> {
    /// One of `words`.
    pub const fn words(name: &'static str, words: &'static [(&'static str, T)], about: &'static str) -> Self {
        Self::new(name, Words { words, hint: "" }, about)
    }

    /// The same, whose error says more.
    #[must_use]
    pub const fn or(self, hint: &'static str) -> Self {
        Self { takes: Words { hint, ..self.takes }, ..self }
    }
}

impl Member<Integer> {
    /// A whole number in `range`.
    pub const fn integer(name: &'static str, range: RangeInclusive<i32>, about: &'static str) -> Self {
        Self::new(name, Integer { least: *range.start(), most: *range.end() }, about)
    }

    /// The same, where a setting allows no more than `most`.
    #[must_use]
    pub fn up_to(&self, most: i32) -> Self {
        Self { takes: Integer { most: most.min(self.takes.most), ..self.takes }, ..*self }
    }
}

impl Member<Switch> {
    /// True or false.
    pub const fn switch(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Switch, about)
    }
}

impl Member<Texts> {
    /// Up to `most` strings of `length` characters.
    pub const fn texts(name: &'static str, most: usize, length: RangeInclusive<usize>, about: &'static str) -> Self {
        Self::new(name, Texts { most, item: Text::of(length) }, about)
    }
}

impl Member<TextMap> {
    /// An object of strings.
    pub const fn text_map(name: &'static str, takes: TextMap, about: &'static str) -> Self {
        Self::new(name, takes, about)
    }
}

impl Member<Keyed> {
    /// All members `<name>.<key>`, each a string.
    pub const fn keyed(name: &'static str, takes: Keyed, about: &'static str) -> Self {
        Self::new(name, takes, about)
    }
}

impl NumberMap {
    /// The names of Regions and locations, which are letters, digits and hyphens.
    pub const NAMES: Text = Text::of(1..=64);
}

impl Member<NumberMap> {
    /// An object of numbers.
    pub const fn number_map(name: &'static str, takes: NumberMap, about: &'static str) -> Self {
        Self::new(name, takes, about)
    }
}

impl Member<Values> {
    /// An object of values in some forms.
    pub const fn values(name: &'static str, takes: Values, about: &'static str) -> Self {
        Self::new(name, takes, about)
    }
}

impl Member<Object> {
    /// An object with the members of these groups.
    pub const fn object(name: &'static str, members: &'static [Members], about: &'static str) -> Self {
        Self::new(name, Object(members), about)
    }
}

impl<T> Clone for Words<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Words<T> {}

impl<T: Clone> Words<T> {
    /// The meaning of a text, if it is one of the words.
    pub(crate) fn meaning(&self, text: &str) -> Option<T> {
        self.words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| meaning.clone())
    }

    /// The words as a sentence has them: `auto, new or reconnect`.
    pub(crate) fn sentence(&self) -> String {
        let words: Vec<_> = self.words.iter().map(|(word, _)| *word).collect();
        match words.as_slice() {
            [most @ .., last] if !most.is_empty() => format!("{} or {last}{}", most.join(", "), self.hint),
            _ => format!("{}{}", words.concat(), self.hint),
        }
    }
}

/// The values that a kind of member takes, for the document.
trait Form: fmt::Debug + Sync {
    fn shown(&self) -> Takes;
}

impl<T: Form> Described for Member<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn is_required(&self) -> bool {
        self.is_required
    }

    fn takes(&self) -> Takes {
        self.takes.shown()
    }
}

impl<T: fmt::Debug + Sync> Form for Words<T> {
    fn shown(&self) -> Takes {
        Takes::Words(self.words.iter().map(|(word, _)| *word).collect())
    }
}

macro_rules! shown {
    ($($form:ident => |$takes:ident| $shown:expr;)*) => {$(
        impl Form for $form {
            fn shown(&self) -> Takes {
                let $takes = *self;
                $shown
            }
        }
    )*};
}

shown! {
    Text => |text| Takes::Text(text);
    Integer => |integer| Takes::Integer(integer);
    Switch => |_switch| Takes::Switch;
    Texts => |texts| Takes::Texts(texts);
    TextMap => |map| Takes::TextMap(map);
    Keyed => |keyed| Takes::Keyed(keyed);
    NumberMap => |map| Takes::NumberMap(map);
    Values => |values| Takes::Values(values);
    Object => |object| Takes::Object(object.0);
}
