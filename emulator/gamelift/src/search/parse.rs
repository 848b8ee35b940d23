//! Tokens and a recursive descent parser. Positions in errors count characters from 1.

use std::{fmt, iter::Peekable, str::Chars, vec};

use crate::search::expression::{Comparator, Filter, Literal, Operand, Sort};

/// The deepest nesting of parentheses and NOTs: no expression can exhaust the stack.
const MAX_DEPTH: usize = 64;

impl Filter {
    /// Parses a filter expression.
    ///
    /// # Errors
    /// The reason why it is invalid, with the position.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        filter(text)
    }
}

impl Sort {
    /// Parses a sort expression.
    ///
    /// # Errors
    /// The reason why it is invalid, with the position.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        sort(text)
    }
}

fn filter(text: &str) -> Result<Filter, String> {
    let mut parser = Parser::new(text)?;
    let filter = parser.or(0)?;
    parser.end()?;
    Ok(filter)
}

fn sort(text: &str) -> Result<Sort, String> {
    let mut parser = Parser::new(text)?;
    let operand = parser.operand()?;
    let descending = match parser.next() {
        Some((_, Token::Word(word))) if word == "ASC" => false,
        Some((_, Token::Word(word))) if word == "DESC" => true,
        other => return Err(unexpected("ASC or DESC", other)),
    };
    parser.end()?;
    Ok(Sort { operand, descending })
}

#[derive(Debug)]
enum Token {
    /// A keyword, an operand, a number or a boolean.
    Word(String),
    /// The text between single quotes, unescaped.
    Text(String),
    Comparator(Comparator),
    Open,
    Close,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => write!(f, "{word:?}"),
            Self::Text(text) => write!(f, "the text {text:?}"),
            Self::Comparator(_) => f.write_str("a comparator"),
            Self::Open => f.write_str("\"(\""),
            Self::Close => f.write_str("\")\""),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars();
    loop {
        let consumed = &text[..text.len() - rest.as_str().len()];
        let position = consumed.chars().count() + 1;
        let Some(first) = rest.next() else { return Ok(tokens) };
        let token = match first {
            _ if first.is_whitespace() => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            '=' => Token::Comparator(Comparator::Equal),
            '<' if next_is(&mut rest, '>') => Token::Comparator(Comparator::NotEqual),
            '<' if next_is(&mut rest, '=') => Token::Comparator(Comparator::LessOrEqual),
            '<' => Token::Comparator(Comparator::Less),
            '>' if next_is(&mut rest, '=') => Token::Comparator(Comparator::GreaterOrEqual),
            '>' => Token::Comparator(Comparator::Greater),
            '\'' => Token::Text(
                quoted(&mut rest)
                    .ok_or_else(|| format!("the text that starts at character {position} does not end"))?,
            ),
            '"' => return Err(format!("character {position} is a double quote; texts are in single quotes")),
            _ => {
                let mut word = String::from(first);
                while let Some(character) = rest.clone().next().filter(|next| is_word(*next)) {
                    word.push(character);
                    rest.next();
                }
                Token::Word(word)
            }
        };
        tokens.push((position, token));
    }
}

fn is_word(character: char) -> bool {
    !character.is_whitespace() && !"()=<>'\"".contains(character)
}

fn next_is(rest: &mut Chars<'_>, expected: char) -> bool {
    let matches = rest.clone().next() == Some(expected);
    if matches {
        rest.next();
    }
    matches
}

/// Returns the rest of a text after its opening quote, or `None` if it does not end.
fn quoted(rest: &mut Chars<'_>) -> Option<String> {
    let mut text = String::new();
    loop {
        match rest.next()? {
            '\'' => return Some(text),
            '\\' => text.push(rest.next()?),
            character => text.push(character),
        }
    }
}

fn unexpected(expected: &str, found: Option<(usize, Token)>) -> String {
    match found {
        Some((position, token)) => format!("expected {expected} at character {position}, found {token}"),
        None => format!("expected {expected} at the end"),
    }
}

struct Parser {
    tokens: Peekable<vec::IntoIter<(usize, Token)>>,
}

impl Parser {
    fn new(text: &str) -> Result<Self, String> {
        Ok(Self { tokens: tokens(text)?.into_iter().peekable() })
    }

    fn next(&mut self) -> Option<(usize, Token)> {
        self.tokens.next()
    }

    fn next_is_word(&mut self, keyword: &str) -> bool {
        self.tokens.next_if(|(_, token)| matches!(token, Token::Word(word) if word == keyword)).is_some()
    }

    fn end(&mut self) -> Result<(), String> {
        match self.next() {
            None => Ok(()),
            found => Err(unexpected("nothing more", found)),
        }
    }

    fn or(&mut self, depth: usize) -> Result<Filter, String> {
        let mut left = self.and(depth)?;
        while self.next_is_word("OR") {
            left = Filter::Or(Box::new(left), Box::new(self.and(depth)?));
        }
        Ok(left)
    }

    fn and(&mut self, depth: usize) -> Result<Filter, String> {
        let mut left = self.not(depth)?;
        while self.next_is_word("AND") {
            left = Filter::And(Box::new(left), Box::new(self.not(depth)?));
        }
        Ok(left)
    }

    fn not(&mut self, depth: usize) -> Result<Filter, String> {
        if depth > MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} deep"));
        }
        if self.next_is_word("NOT") {
            return Ok(Filter::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.tokens.next_if(|(_, token)| matches!(token, Token::Open)).is_some() {
            let inner = self.or(depth + 1)?;
            return match self.next() {
                Some((_, Token::Close)) => Ok(inner),
                found => Err(unexpected("\")\"", found)),
            };
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Filter, String> {
        let operand = self.operand()?;
        let (position, comparator) = match self.next() {
            Some((position, Token::Comparator(comparator))) => (position, comparator),
            found => return Err(unexpected("a comparator (= <> < > <= >=)", found)),
        };
        let value = self.value(&operand)?;
        let ordered = matches!(value, Literal::Number(_));
        if !ordered && !matches!(comparator, Comparator::Equal | Comparator::NotEqual) {
            return Err(format!(
                "only = and <> compare texts and booleans, not the comparator at character {position}"
            ));
        }
        Ok(Filter::Compare { operand, comparator, value })
    }

    fn operand(&mut self) -> Result<Operand, String> {
        let (position, word) = match self.next() {
            Some((position, Token::Word(word))) => (position, word),
            found => return Err(unexpected("an operand", found)),
        };
        if let Some(key) = word.strip_prefix("gameSessionProperties.") {
            return match key {
                "" => Err(format!("the property at character {position} has no key")),
                _ if key.contains('.') => {
                    Err(format!("the property key {key:?} at character {position} cannot be searched: it has a dot"))
                }
                _ => Ok(Operand::Property(key.to_owned())),
            };
        }
        Ok(match word.as_str() {
            "gameSessionId" => Operand::GameSessionId,
            "gameSessionName" => Operand::GameSessionName,
            "maximumSessions" => Operand::MaximumSessions,
            "creationTimeMillis" => Operand::CreationTimeMillis,
            "playerSessionCount" => Operand::PlayerSessionCount,
            "hasAvailablePlayerSessions" => Operand::HasAvailablePlayerSessions,
            _ => return Err(format!("{word:?} at character {position} is not an operand")),
        })
    }

    /// Parses a value of the operand's kind.
    fn value(&mut self, operand: &Operand) -> Result<Literal, String> {
        let (expected, found) = match operand {
            Operand::GameSessionId | Operand::GameSessionName | Operand::Property(_) => match self.next() {
                Some((_, Token::Text(text))) => return Ok(Literal::Text(text)),
                found => ("a text in single quotes", found),
            },
            Operand::MaximumSessions | Operand::CreationTimeMillis | Operand::PlayerSessionCount => match self.next() {
                Some((position, Token::Word(word))) => match word.parse() {
                    Ok(number) => return Ok(Literal::Number(number)),
                    Err(_) => ("an integer", Some((position, Token::Word(word)))),
                },
                found => ("an integer", found),
            },
            Operand::HasAvailablePlayerSessions => match self.next() {
                Some((_, Token::Word(word))) if word == "true" => return Ok(Literal::Flag(true)),
                Some((_, Token::Word(word))) if word == "false" => return Ok(Literal::Flag(false)),
                found => ("true or false", found),
            },
        };
        Err(unexpected(expected, found))
    }
}
