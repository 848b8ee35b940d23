//! The findings as lines of a terminal.

use std::fmt::Write as _;

use health::Status;

use crate::doctor::finding::Finding;

const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
const RED: &str = "\u{1b}[31m";
const PLAIN: &str = "\u{1b}[0m";

/// A line for each finding, with its causes below it.
pub fn text(findings: &[Finding], with_colours: bool) -> String {
    let width = findings.iter().map(|finding| finding.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for finding in findings {
        let (word, colour) = match finding.status {
            Status::Ok => ("ok", GREEN),
            Status::Degraded => ("WARN", YELLOW),
            Status::Unhealthy => ("FAIL", RED),
        };
        let (colour, plain) = if with_colours { (colour, PLAIN) } else { ("", "") };
        let (name, detail) = (safe(&finding.name), safe(&finding.detail));
        writeln!(text, "{colour}{word:<4}{plain}  {name:<width$}  {detail}").expect("a String takes every write");
        for cause in &finding.causes {
            writeln!(text, "{:1$}{2}", "", width + 8, safe(cause)).expect("a String takes every write");
        }
    }
    text
}

/// A text in one line, without signs that a terminal obeys. It may be AWS's, or another program's.
fn safe(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> Vec<Finding> {
        let mut fleets = Finding::new("fleets", Status::Unhealthy, "There is none.");
        fleets.causes.push("Entry 1\nis fleet-1.".to_owned());
        vec![
            Finding::new("port 3000", Status::Ok, "Free."),
            Finding::new("sam", Status::Degraded, "Not found."),
            fleets,
        ]
    }

    #[test]
    fn each_finding_is_a_line_and_its_causes_stand_below() {
        let text = text(&findings(), false);
        let wanted = "ok    port 3000  Free.\nWARN  sam        Not found.\nFAIL  fleets     There is none.\n                 Entry 1 is fleet-1.\n";
        assert_eq!(text, wanted);
    }

    #[test]
    fn colours_are_there_only_if_asked_for() {
        assert!(!text(&findings(), false).contains('\u{1b}'));
        let coloured = text(&findings(), true);
        assert!(coloured.contains("\u{1b}[31mFAIL\u{1b}[0m") && coloured.contains("\u{1b}[32mok"), "{coloured:?}");
    }
}
