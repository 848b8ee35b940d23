//! Reading a text from left to right, for the small languages inside a rule set: property expressions, statements of
//! compound rules, targets of expansions. They are a dozen productions in all. A parser library would be longer than
//! this file, and its messages would not tell designers what to write instead.

/// What stands in a text, and where it cannot go on.
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

/// Where a text breaks its language, and what could have stood there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at character {character}")]
pub(crate) struct SyntaxError {
    /// The character, counted from 1.
    pub character: usize,
    /// What is wrong, such as "`]` is missing".
    pub reason: String,
    /// What would be right.
    pub remedy: String,
}

impl<'a> Scanner<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Where it is, in bytes.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// What stands from here on.
    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Goes behind blanks.
    pub(crate) fn blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Goes behind `what`, with blanks before it, if it stands here.
    pub(crate) fn eat(&mut self, what: &str) -> bool {
        self.blanks();
        let stands = self.rest().starts_with(what);
        self.at += if stands { what.len() } else { 0 };
        stands
    }

    /// Goes behind `what`, with blanks before it.
    pub(crate) fn expect(&mut self, what: &str) -> Result<(), SyntaxError> {
        if self.eat(what) {
            return Ok(());
        }
        let found =
            self.rest().chars().next().map_or_else(|| "the text ends".to_owned(), |found| format!("`{found}` stands"));
        Err(self.error(self.at, format!("{found} in place of `{what}`"), format!("write `{what}` there")))
    }

    /// Goes to the next character that is none of those that `belongs` knows, and returns what it passed.
    pub(crate) fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|next| !belongs(next)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    /// Reads a name: everything before one of the `ends`, without the blanks around it.
    pub(crate) fn name(&mut self, what: &str, ends: &[char]) -> Result<&'a str, SyntaxError> {
        self.blanks();
        let start = self.at;
        let name = self.take_while(|next| !ends.contains(&next)).trim_end();
        if name.is_empty() {
            return Err(self.error(start, format!("the name of {what} is missing"), "write the name there".to_owned()));
        }
        Ok(name)
    }

    /// Checks that nothing but blanks is left.
    pub(crate) fn end(&mut self) -> Result<(), SyntaxError> {
        self.blanks();
        if self.rest().is_empty() {
            return Ok(());
        }
        Err(self.error(self.at, format!("`{}` is too much", shorten(self.rest())), "remove it".to_owned()))
    }

    /// What is wrong at `at`.
    pub(crate) fn error(&self, at: usize, reason: String, remedy: String) -> SyntaxError {
        SyntaxError { character: self.text[..at].chars().count() + 1, reason, remedy }
    }
}

/// The beginning of a text that may be long, for a message.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
