//! Durations in the grammar of faults: `200ms`, `1.5s`, `2m`.

use std::time::Duration;

/// Reads a duration.
///
/// # Errors
/// The text is not a duration; the message shows the form.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        _ => return Err(format!("{text:?} is no duration; write 200ms, 1.5s or 2m")),
    };
    number
        .parse()
        .ok()
        .and_then(|number: f64| Duration::try_from_secs_f64(number * seconds).ok())
        .ok_or_else(|| format!("{text:?} is no duration"))
}

/// Writes a duration in a form that [`parse_duration`] reads.
pub(crate) fn write_duration(duration: Duration) -> String {
    if duration.subsec_millis() == 0 {
        format!("{}s", duration.as_secs())
    } else {
        format!("{}ms", duration.as_millis())
    }
}
