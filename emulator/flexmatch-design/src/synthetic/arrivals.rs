//! How many tickets come.

use std::str::FromStr;

/// Tickets by time, written `20/s`, `300/m` or `5000/h`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    per_second: f64,
}

impl Rate {
    /// Tickets in a second.
    #[must_use]
    pub const fn per_second(self) -> f64 {
        self.per_second
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no rate; write 20/s, 300/m or 5000/h");
        let (number, unit) = text.split_once('/').ok_or_else(wrong)?;
        let seconds = match unit.trim() {
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong()),
        };
        let number: f64 = number.trim().parse().map_err(|_| wrong())?;
        if !(number > 0.0 && number <= 1e6) {
            return Err(format!("{text:?} is out of bounds; give more than 0 and at most 1000000"));
        }
        Ok(Self { per_second: number / seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;

    #[test]
    fn rates_are_by_second_minute_or_hour() {
        let rate = |text: &str| text.parse::<Rate>().map(Rate::per_second);
        assert_eq!(rate("20/s"), Ok(20.0));
        assert_eq!(rate("300/m"), Ok(5.0));
        assert_eq!(rate("3600/h"), Ok(1.0));
        assert_eq!(rate("20"), Err("\"20\" is no rate; write 20/s, 300/m or 5000/h".to_owned()));
        assert_eq!(rate("20/d"), Err("\"20/d\" is no rate; write 20/s, 300/m or 5000/h".to_owned()));
        assert!(rate("0/s").unwrap_err().contains("out of bounds"));
        assert!(rate("NaN/s").unwrap_err().contains("out of bounds"));
    }
}
