//! The launch arguments that tell a streamed application which game session to connect to.

use shared::{Error, config::environment::variable};

const NAME: &str = "LIFTGATE_STREAM_CONNECT_ARGS";

/// The most launch arguments, and the most characters of one, that AWS takes (`StartStreamSession`).
pub(crate) const MAX_LAUNCH_ARGS: usize = 100;
const MAX_LENGTH: usize = 1024;

/// A value that fills in a part of a launch argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// The game server's IP address.
    IpAddress,
    /// The game server's port.
    Port,
    /// The game server's DNS name; its IP address where it has none.
    DnsName,
    /// The id by which the game server lets the player in.
    PlayerSessionId,
    /// The game session's id; in a FleetIQ group, its game server's id.
    GameSessionId,
    /// The player, with all but letters, digits and `-._~` percent-encoded.
    PlayerId,
}

impl Placeholder {
    /// Each placeholder with its name and the most characters of its value. The player id's length is the client's
    /// choice, so its 0 is not used.
    const ALL: [(&'static str, Self, usize); 6] = [
        ("IpAddress", Self::IpAddress, 45),
        ("Port", Self::Port, 5),
        ("DnsName", Self::DnsName, 253),
        ("PlayerSessionId", Self::PlayerSessionId, 128),
        ("GameSessionId", Self::GameSessionId, 256),
        ("PlayerId", Self::PlayerId, 0),
    ];

    fn longest(self) -> usize {
        Self::ALL.iter().find(|(_, known, _)| *known == self).map_or(0, |(.., longest)| *longest)
    }
}

/// `LIFTGATE_STREAM_CONNECT_ARGS`: launch arguments with placeholders, such as
/// `{IpAddress}:{Port}?PlayerSessionId={PlayerSessionId}`. Blanks separate the arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectArgs(Vec<Vec<Part>>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Value(Placeholder),
}

impl ConnectArgs {
    pub(crate) fn from_env() -> Result<Option<Self>, Error> {
        variable(NAME).map(|template| Self::parse(&template)).transpose()
    }

    /// Reads a template.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for an unknown placeholder, an unmatched brace, and more or longer arguments than AWS
    /// takes.
    pub fn parse(template: &str) -> Result<Self, Error> {
        let args = Self(template.split_whitespace().map(parts).collect::<Result<_, _>>()?);
        if args.0.is_empty() || args.0.len() > MAX_LAUNCH_ARGS || !args.fit("") {
            let why = format!(
                "makes no launch argument, more than {MAX_LAUNCH_ARGS}, or one that can get longer than {MAX_LENGTH} characters."
            );
            return Err(Error::bad_variable(NAME, why));
        }
        Ok(args)
    }

    /// The error when the variable is not set.
    pub(crate) fn missing() -> Error {
        let why = "is not set; say by which launch arguments a streamed application gets its game session, such as {IpAddress}:{Port}.";
        Error::bad_variable(NAME, why)
    }

    /// The number of launch arguments.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether every argument is short enough for AWS when `player_id`, already encoded, is filled in.
    pub fn fit(&self, player_id: &str) -> bool {
        let length = |part: &Part| match part {
            Part::Text(text) => text.chars().count(),
            Part::Value(Placeholder::PlayerId) => player_id.len(),
            Part::Value(placeholder) => placeholder.longest(),
        };
        self.0.iter().all(|arg| arg.iter().map(length).sum::<usize>() <= MAX_LENGTH)
    }

    /// The launch arguments, each placeholder replaced by its `value`.
    pub fn fill(&self, value: impl Fn(Placeholder) -> String) -> Vec<String> {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Value(placeholder) => value(*placeholder),
        };
        self.0.iter().map(|arg| arg.iter().map(part).collect()).collect()
    }
}

fn parts(word: &str) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    let mut rest = word;
    while let Some((text, behind)) = rest.split_once('{') {
        let (name, behind) = behind.split_once('}').ok_or_else(|| lone_brace(word))?;
        let known = Placeholder::ALL.iter().find(|(known, ..)| *known == name);
        let (_, placeholder, _) = known.ok_or_else(|| {
            let names = Placeholder::ALL.map(|(name, ..)| format!("{{{name}}}")).join(", ");
            Error::bad_variable(NAME, format!("has the placeholder {{{name}}}; there are {names}."))
        })?;
        parts.extend([Part::Text(text.to_owned()), Part::Value(*placeholder)]);
        rest = behind;
    }
    parts.push(Part::Text(rest.to_owned()));
    let has_brace = |part: &Part| matches!(part, Part::Text(text) if text.contains('}'));
    if parts.iter().any(has_brace) { Err(lone_brace(word)) } else { Ok(parts) }
}

fn lone_brace(word: &str) -> Error {
    Error::bad_variable(NAME, format!("has a brace without its other half in {word:?}."))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn an_argument_is_a_word_with_values_in_it() {
        let template = "{IpAddress}:{Port}?PlayerSessionId={PlayerSessionId} -game={GameSessionId}  -windowed";
        let args = ConnectArgs::parse(template).unwrap();
        assert_eq!(args.count(), 3);
        let filled = args.fill(|placeholder| match placeholder {
            Placeholder::IpAddress => "203.0.113.9".to_owned(),
            Placeholder::Port => "7777".to_owned(),
            Placeholder::PlayerSessionId => "psess-1 {Port}".to_owned(),
            _ => "a b".to_owned(),
        });
        assert_eq!(
            filled,
            ["203.0.113.9:7777?PlayerSessionId=psess-1 {Port}", "-game=a b", "-windowed"],
            "a value is no template, and makes no further argument"
        );
    }

    #[rstest]
    #[case::unknown("{IpAddress}:{port}", "{port}; there are {IpAddress}, {Port}")]
    #[case::no_end("{IpAddress", "\"{IpAddress\"")]
    #[case::no_beginning("{IpAddress}:Port}", "without its other half")]
    #[case::nothing("  ", "no launch argument")]
    #[case::too_long(&"x".repeat(1025), "longer than 1024")]
    #[case::too_many(&"x ".repeat(101), "more than 100")]
    fn a_bad_template_is_told_at_the_start(#[case] template: &str, #[case] why: &str) {
        let error = ConnectArgs::parse(template).unwrap_err();
        assert_eq!(error.code(), shared::Code::BackendMisconfigured);
        assert!(error.detail().contains(why), "{}", error.detail());
    }

    #[test]
    fn a_long_player_id_does_not_fit_every_template() {
        let args = ConnectArgs::parse("-player={PlayerId}").unwrap();
        assert!(args.fit(&"p".repeat(1016)) && !args.fit(&"p".repeat(1017)));
        assert!(ConnectArgs::parse("{IpAddress}:{Port}").unwrap().fit(&"p".repeat(3000)));
    }
}
