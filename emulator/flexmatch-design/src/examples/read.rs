//! Reads a file of examples.

use std::{collections::HashMap, time::Duration};

use flexmatch::Player;

use crate::{
    bounds::{LARGEST, MOST_PLAYERS},
    examples::{
        example::Example,
        line::{PlayerLine, TicketLine},
    },
};

/// The most players of a ticket (the API model).
const MOST_OF_TICKET: usize = 10;
/// The longest time until a ticket comes: a day.
const LATEST: f64 = 86_400.0;

/// Why a file of examples cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExamplesError {
    /// It has no ticket.
    #[error("there is no player in it: write one ticket a line, such as {EXAMPLE}")]
    Empty,
    /// It has too many players.
    #[error("line {line}: these are more than {MOST_PLAYERS} players; use fewer")]
    TooMany {
        /// The first line that is too much.
        line: usize,
    },
    /// A line is wrong.
    #[error("line {line}: {reason}; {remedy}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
        /// What would be right.
        remedy: String,
    },
}

/// A line as it should be.
const EXAMPLE: &str =
    r#"{"PlayerId": "ann", "PlayerAttributes": {"skill": {"N": 20}}, "LatencyInMs": {"us-west-2": 40}}"#;

/// Reads a ticket of each line that is not empty.
///
/// # Errors
/// The first line that is wrong, and why.
pub fn read_examples(text: &str) -> Result<Vec<Example>, ExamplesError> {
    let mut examples = Vec::new();
    let (mut tickets, mut players) = (HashMap::new(), HashMap::new());
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let wrong = |reason, remedy: &str| ExamplesError::Line { line, reason, remedy: remedy.to_owned() };
        let example = read_line(line, text).map_err(|(reason, remedy)| wrong(reason, &remedy))?;
        if let Some(other) = tickets.insert(example.ticket.clone(), line) {
            let reason = format!("the ticket {} stands in line {other} too", example.ticket);
            return Err(wrong(reason, "give each ticket an id of its own"));
        }
        for player in &example.players {
            if let Some(other) = players.insert(player.id.clone(), line) {
                let reason = format!("the player {} stands in line {other} too", player.id);
                return Err(wrong(reason, "name each player once: a player is in one ticket at a time"));
            }
        }
        if players.len() > MOST_PLAYERS {
            return Err(ExamplesError::TooMany { line });
        }
        examples.push(example);
    }
    if examples.is_empty() { Err(ExamplesError::Empty) } else { Ok(examples) }
}

/// A line's ticket, or what is wrong with it and what would be right.
fn read_line(line: usize, text: &str) -> Result<Example, (String, String)> {
    let ticket = TicketLine::read(text).map_err(|error| (error.to_string(), format!("write it as {EXAMPLE}")))?;
    if !(1..=MOST_OF_TICKET).contains(&ticket.players.len()) {
        let reason = format!("the ticket has {} players", ticket.players.len());
        return Err((reason, format!("give it 1 to {MOST_OF_TICKET}")));
    }
    let arrival = ticket.arrival_seconds;
    if let Some(arrival) = arrival.filter(|arrival| !(0.0..=LATEST).contains(arrival)) {
        return Err((format!("ArrivalSeconds is {arrival}"), format!("give 0 to {LATEST}")));
    }
    let mut attributes = ticket.players.iter().flat_map(|player| &player.player_attributes);
    if let Some((name, _)) = attributes.find(|(_, value)| !value.is_sound()) {
        return Err((format!("{name} has a number that is too large"), format!("give -{LARGEST} to {LARGEST}")));
    }
    let players = ticket.players.into_iter().enumerate();
    Ok(Example {
        line,
        ticket: ticket.ticket_id.unwrap_or_else(|| format!("ticket-{line}")),
        arrival: arrival.map(Duration::from_secs_f64),
        players: players.map(|(place, player)| player_of(player, &format!("player-{line}-{}", place + 1))).collect(),
    })
}

fn player_of(line: PlayerLine, id: &str) -> Player {
    Player {
        id: line.player_id.unwrap_or_else(|| id.to_owned()),
        attributes: line.player_attributes.into_iter().map(|(name, value)| (name, value.into())).collect(),
        latencies: line.latency_in_ms,
        team: None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use flexmatch::AttributeValue;

    use super::{MOST_PLAYERS, read_examples};

    fn error(text: &str) -> String {
        read_examples(text).unwrap_err().to_string()
    }

    #[test]
    fn a_line_is_a_player_or_a_party() {
        let text = r#"
            {"PlayerId": "ann", "PlayerAttributes": {"skill": {"N": 20}}, "LatencyInMs": {"us-west-2": 40}}

            {"TicketId": "party", "ArrivalSeconds": 2.5, "ConfigurationName": "duel",
        "#
        .replace("\"duel\",\n", "\"duel\", \"Players\": [{\"PlayerId\": \"bo\"}, {}]}\n");
        let examples = read_examples(&text).unwrap();
        assert_eq!((examples[0].line, examples[0].ticket.as_str(), examples[0].arrival), (2, "ticket-2", None));
        assert_eq!(examples[0].players[0].attributes["skill"], AttributeValue::Number(20.0));
        assert_eq!(examples[0].players[0].latencies["us-west-2"], 40);
        assert_eq!(examples[1].at(Duration::from_secs(7)).arrival, Duration::from_secs(7));
        assert_eq!((examples[1].ticket.as_str(), examples[1].arrival), ("party", Some(Duration::from_millis(2500))));
        let ids: Vec<_> = examples[1].players.iter().map(|player| player.id.as_str()).collect();
        assert_eq!(ids, ["bo", "player-4-2"]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        assert!(error("\n\n").starts_with("there is no player in it"), "{}", error(""));
        assert!(error("{}\n{").starts_with("line 2: EOF"), "{}", error("{}\n{"));
        assert!(error(r#"{"Skill": 5}"#).starts_with("line 1: unknown field `Skill`"));
        assert!(error(r#"{"PlayerAttributes": {"skill": 5}}"#).contains("write it as {\"PlayerId\""));
        assert!(error(r#"{"Players": []}"#).starts_with("line 1: the ticket has 0 players; give it 1 to 10"));
        assert!(error(r#"{"ArrivalSeconds": -1}"#).starts_with("line 1: ArrivalSeconds is -1; give 0 to 86400"));
        for value in [r#"{"N": -1e16}"#, r#"{"SDM": {"dune": 1e308}}"#] {
            let error = error(&format!(r#"{{"PlayerAttributes": {{"skill": {value}}}}}"#));
            assert!(error.starts_with("line 1: skill has a number that is too large; give -10"), "{error}");
        }
        let twice = "{\"PlayerId\": \"ann\"}\n{\"PlayerId\": \"ann\"}";
        assert!(error(twice).starts_with("line 2: the player ann stands in line 1 too"), "{}", error(twice));
        let twice = "{\"TicketId\": \"t\"}\n{\"TicketId\": \"t\"}";
        assert!(error(twice).starts_with("line 2: the ticket t stands in line 1 too"), "{}", error(twice));
        let ten = format!("{{\"Players\": [{}]}}\n", ["{}"; 10].join(", "));
        let many = ten.repeat(MOST_PLAYERS / 10 + 1);
        assert_eq!(error(&many), "line 20001: these are more than 200000 players; use fewer");
    }
}
