//! The charts of a report.

use crate::{
    charts::line_chart::{Line, LineChart},
    simulation::{
        quantiles::Quantiles,
        report::Report,
        timeline::{Interval, IntervalAttribute},
    },
};

/// A chart and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// The name of its file, such as `wait.svg`.
    pub file_name: String,
    /// An SVG document.
    pub svg: String,
}

impl Report {
    /// Charts of waits and quality by time: `wait.svg`, `latency.svg`, and one for each attribute that is a number, such
    /// as `quality-skill.svg`. Without a match there are none.
    #[must_use]
    pub fn charts(&self) -> Vec<Chart> {
        let mut charts = Vec::new();
        if self.matches > 0 {
            charts.push(chart("wait.svg".to_owned(), &self.wait()));
        }
        if self.latency.is_some() {
            charts.push(chart("latency.svg".to_owned(), &self.latencies()));
        }
        for (place, numbers) in self.numbers.iter().enumerate() {
            let is_plain = |next: char| next.is_ascii_alphanumeric() || next == '_';
            let is_taken = self.numbers[..place].iter().any(|other| other.name.eq_ignore_ascii_case(&numbers.name));
            let name = if numbers.name.chars().all(is_plain) && !is_taken {
                format!("quality-{}.svg", numbers.name)
            } else {
                format!("quality-{}-{place}.svg", numbers.name.replace(|next| !is_plain(next), "-"))
            };
            charts.push(chart(name, &self.quality(&numbers.name)));
        }
        charts
    }

    fn wait(&self) -> LineChart {
        let line =
            |name, of: fn(&Quantiles) -> f64| self.line(name, |interval| Some(of(interval.wait_seconds.as_ref()?)));
        LineChart {
            title: "Wait by the time when a ticket came".to_owned(),
            unit: "seconds",
            lines: vec![line("p50", |wait| wait.p50), line("p90", |wait| wait.p90), line("p99", |wait| wait.p99)],
        }
    }

    fn latencies(&self) -> LineChart {
        LineChart {
            title: "Latency by the time of the match".to_owned(),
            unit: "milliseconds",
            lines: vec![self.line("average of the players", |interval| interval.latency_ms)],
        }
    }

    fn quality(&self, name: &str) -> LineChart {
        let line = |label, of: fn(&IntervalAttribute) -> f64| {
            self.line(label, |interval| interval.attributes.iter().find(|attribute| attribute.name == name).map(of))
        };
        LineChart {
            title: format!("Differences of {name} by the time of the match"),
            unit: "average difference",
            lines: vec![
                line("in a team", |attribute| attribute.within_team),
                line("between the teams", |attribute| attribute.between_teams),
            ],
        }
    }

    fn line(&self, name: &'static str, of: impl Fn(&Interval) -> Option<f64>) -> Line {
        let points = self.over_time.iter().filter_map(|interval| Some((interval.from_seconds, of(interval)?)));
        Line { name, points: points.collect() }
    }
}

fn chart(file_name: String, chart: &LineChart) -> Chart {
    Chart { file_name, svg: chart.svg() }
}
