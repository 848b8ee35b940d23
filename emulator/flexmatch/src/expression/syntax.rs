//! The language of property expressions as it is written. AWS gives examples, no grammar; this one is inferred:
//!
//! ```text
//! expression := function "(" expression ")" | path | number | text | "[" [ expression { "," expression } ] "]"
//! path       := ( "teams" | "team" ) "[" ( "*" | ".." | name { "," name } ) "]" [ "." "players" [ of players ] ]
//! of players := "[" ( "playerId" | "playerid" ) "]" | "." "attributes" "[" name "]"
//! text       := "'" characters "'" | '"' characters '"'
//! ```
//!
//! Blanks may stand between any two of these.

use std::fmt;

use crate::{
    expression::function::Function,
    scanner::{Scanner, SyntaxError, shorten},
};

/// The deepest nesting of functions and lists.
const MAX_DEPTH: usize = 16;
/// The longest expression, in bytes.
const MAX_LENGTH: usize = 4096;

/// An expression as it is written. Two are the same if they say the same, wherever it stands in their texts.
#[derive(Clone, Debug)]
pub(crate) struct Syntax {
    /// Where it begins, as a character counted from 1.
    pub(crate) character: usize,
    pub(crate) term: Term,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Term {
    Number(f64),
    Text(String),
    List(Vec<Syntax>),
    Path { teams: TeamNames, of: Property },
    Call(Function, Box<Syntax>),
}

/// Which teams a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TeamNames {
    All,
    Named(Vec<String>),
}

/// What a path takes of its teams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Property {
    Teams,
    Players,
    PlayerIds,
    Attribute(String),
}

impl PartialEq for Syntax {
    fn eq(&self, other: &Self) -> bool {
        self.term == other.term
    }
}

/// Whether a text begins as an expression does. A `referenceValue` that does not is a text to compare with.
pub(crate) fn looks_like_expression(text: &str) -> bool {
    let mut scanner = Scanner::new(text);
    scanner.blanks();
    let word = scanner.take_while(|next| next.is_ascii_alphabetic() || next == '_');
    scanner.blanks();
    match word {
        "team" | "teams" => scanner.rest().starts_with('['),
        word => Function::named(word).is_some() && scanner.rest().starts_with('('),
    }
}

impl Syntax {
    /// Reads an expression.
    pub(crate) fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut scanner = Scanner::new(text);
        if text.len() > MAX_LENGTH {
            let reason = format!("the expression is longer than {MAX_LENGTH} bytes");
            return Err(scanner.error(0, reason, "shorten it".to_owned()));
        }
        let syntax = read(&mut scanner, 0)?;
        scanner.end()?;
        Ok(syntax)
    }
}

fn read(scanner: &mut Scanner<'_>, depth: usize) -> Result<Syntax, SyntaxError> {
    scanner.blanks();
    let start = scanner.at();
    let character = scanner.error(start, String::new(), String::new()).character;
    if depth > MAX_DEPTH {
        let reason = format!("functions and lists are nested more than {MAX_DEPTH} deep");
        return Err(scanner.error(start, reason, "simplify the expression".to_owned()));
    }
    let term = match scanner.rest().chars().next() {
        Some('[') => read_list(scanner, depth)?,
        Some(quote @ ('\'' | '"')) => read_text(scanner, quote)?,
        Some('0'..='9' | '-' | '+' | '.') => read_number(scanner)?,
        _ => read_word(scanner, depth)?,
    };
    Ok(Syntax { character, term })
}

fn read_list(scanner: &mut Scanner<'_>, depth: usize) -> Result<Term, SyntaxError> {
    scanner.expect("[")?;
    let mut elements = Vec::new();
    if scanner.eat("]") {
        return Ok(Term::List(elements));
    }
    loop {
        elements.push(read(scanner, depth + 1)?);
        if !scanner.eat(",") {
            scanner.expect("]")?;
            return Ok(Term::List(elements));
        }
    }
}

fn read_text(scanner: &mut Scanner<'_>, quote: char) -> Result<Term, SyntaxError> {
    let quote_text = quote.to_string();
    scanner.expect(&quote_text)?;
    let text = scanner.take_while(|next| next != quote).to_owned();
    scanner.expect(&quote_text)?;
    Ok(Term::Text(text))
}

fn read_number(scanner: &mut Scanner<'_>) -> Result<Term, SyntaxError> {
    let start = scanner.at();
    let digits = scanner.take_while(|next| next.is_ascii_alphanumeric() || ['-', '+', '.'].contains(&next));
    let number = digits.parse().ok().filter(|number: &f64| number.is_finite());
    let wrong = || format!("`{}` is no number", shorten(digits));
    Ok(Term::Number(number.ok_or_else(|| scanner.error(start, wrong(), "write it like 12 or -0.5".to_owned()))?))
}

fn read_word(scanner: &mut Scanner<'_>, depth: usize) -> Result<Term, SyntaxError> {
    let start = scanner.at();
    let word = scanner.take_while(|next| next.is_ascii_alphabetic() || next == '_');
    if word == "teams" || word == "team" {
        return read_path(scanner);
    }
    let Some(function) = Function::named(word) else {
        let found = if word.is_empty() { scanner.rest() } else { word };
        let reason = match found {
            "" => "the expression ends".to_owned(),
            found => format!("`{}` is neither a path nor a function", shorten(found)),
        };
        let names = Function::ALL.map(Function::name).join(", ");
        let remedy = format!("begin with teams[...] or one of the functions {names}");
        return Err(scanner.error(start, reason, remedy));
    };
    scanner.expect("(")?;
    let argument = read(scanner, depth + 1)?;
    scanner.expect(")")?;
    Ok(Term::Call(function, Box::new(argument)))
}

fn read_path(scanner: &mut Scanner<'_>) -> Result<Term, SyntaxError> {
    scanner.expect("[")?;
    let teams = read_team_names(scanner)?;
    if !scanner.eat(".") {
        return Ok(Term::Path { teams, of: Property::Teams });
    }
    scanner.expect("players")?;
    let of = if scanner.eat("[") {
        if !scanner.eat("playerId") {
            scanner.expect("playerid")?;
        }
        scanner.expect("]")?;
        Property::PlayerIds
    } else if scanner.eat(".") {
        scanner.expect("attributes")?;
        scanner.expect("[")?;
        let name = scanner.name("an attribute", &[']'])?.to_owned();
        scanner.expect("]")?;
        Property::Attribute(name)
    } else {
        Property::Players
    };
    Ok(Term::Path { teams, of })
}

/// Reads the names in `teams[...]`, with the bracket behind them.
pub(crate) fn read_team_names(scanner: &mut Scanner<'_>) -> Result<TeamNames, SyntaxError> {
    if scanner.eat("*") || scanner.eat("..") {
        scanner.expect("]")?;
        return Ok(TeamNames::All);
    }
    let mut names = Vec::new();
    loop {
        names.push(scanner.name("a team", &[',', ']'])?.to_owned());
        if !scanner.eat(",") {
            scanner.expect("]")?;
            return Ok(TeamNames::Named(names));
        }
    }
}

impl fmt::Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.term {
            Term::Number(number) => write!(f, "{number}"),
            Term::Text(text) if text.contains('\'') => write!(f, "\"{text}\""),
            Term::Text(text) => write!(f, "'{text}'"),
            Term::List(elements) => {
                let elements: Vec<_> = elements.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", elements.join(", "))
            }
            Term::Path { teams, of } => write!(f, "teams[{teams}]{of}"),
            Term::Call(function, argument) => write!(f, "{function}({argument})"),
        }
    }
}

impl fmt::Display for TeamNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Named(names) => f.write_str(&names.join(", ")),
        }
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Teams => Ok(()),
            Self::Players => f.write_str(".players"),
            Self::PlayerIds => f.write_str(".players[playerId]"),
            Self::Attribute(name) => write!(f, ".players.attributes[{name}]"),
        }
    }
}
