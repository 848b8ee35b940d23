//! Recognises unknown names that resemble a known one.

/// Names in other backends' clients, folded, with Liftgate's name for the same. `uuid` is the stock Unreal client's
/// word.
const OTHER_WORDS: [(&str, &str); 8] = [
    // From the well-known course template, and from GameLift.
    ("playerid", "uuid"),
    ("playerids", "uuids"),
    // From AWS's plugin for Unreal.
    ("gamesessionarn", "GameSessionId"),
    ("regiontolatencymapping", "latencies_ms"),
    // From GameLift.
    ("gamesessionname", "session_name"),
    ("maximumplayersessioncount", "num_connections"),
    // A game session has one location, a stream a list.
    ("locations", "location"),
    ("location", "locations"),
];

/// How a name resembles a known one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Near {
    /// It differs in case and separators only.
    Spelling,
    /// It is another word for the same.
    Word,
}

/// The name among `known` that the unknown `name` stands for.
pub(crate) fn meant<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<(&'a str, Near)> {
    let folded = fold(name);
    let mut other_word = None;
    for known in known {
        if fold(known) == folded {
            return Some((known, Near::Spelling));
        }
        if OTHER_WORDS.contains(&(folded.as_str(), known)) {
            other_word = Some((known, Near::Word));
        }
    }
    other_word
}

/// `name` without case and separators.
pub(crate) fn fold(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("gameSessionId", Some(("GameSessionId", Near::Spelling)))]
    #[case("game_session_id", Some(("GameSessionId", Near::Spelling)))]
    #[case("GAME-SESSION ID", Some(("GameSessionId", Near::Spelling)))]
    #[case("Uuid", Some(("uuid", Near::Spelling)))]
    #[case("uu\u{200b}id", Some(("uuid", Near::Spelling)))]
    #[case("playerId", Some(("uuid", Near::Word)))]
    #[case("player_ids", None)]
    #[case("uid", None)]
    #[case("", None)]
    #[case("__", None)]
    fn a_name_stands_for_a_known_one(#[case] name: &str, #[case] expected: Option<(&str, Near)>) {
        assert_eq!(meant(name, ["GameSessionId", "uuid"]), expected);
    }
}
