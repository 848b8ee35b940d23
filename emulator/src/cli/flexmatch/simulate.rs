//! `gamelift-emulator flexmatch simulate`.

use std::{fs, path::Path, process::ExitCode, sync::Arc, time::Duration};

use emulator_gamelift::rule_set_choices;
use flexmatch::{RuleSet, Ticket};
use flexmatch_design::{Conditions, Crowd, CrowdSpec, Played, Progress, Report, example_tickets, simulate};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{
    flexmatch::{args::Simulate, error::FlexmatchError, files, print, results::Results},
    say::say,
};

/// Plays synthetic or example players, and prints what became of them.
pub(crate) fn run(arguments: &Simulate) -> Result<ExitCode, FlexmatchError> {
    let rules = arguments.open.rules();
    let conditions = Conditions {
        timeout: arguments.timeout,
        tick: arguments.tick.unwrap_or_else(|| rules.tick_milliseconds.duration()),
        additional_players: arguments.additional_players,
        seed: arguments.seed,
    };
    if conditions.tick.is_zero() || conditions.timeout.is_zero() {
        return Err(FlexmatchError::NoTime);
    }
    let body = files::read_rule_set(&arguments.rule_set)?;
    let refused = |problems| FlexmatchError::Refused { file: arguments.rule_set.clone(), problems };
    let rule_set = Arc::new(RuleSet::parse_with(&body, rule_set_choices(&rules)).map_err(refused)?);
    let players = Players::new(arguments, &rule_set)?;
    // A file that cannot be written is told before the work.
    if let Some(folder) = &arguments.svg {
        fs::create_dir_all(folder).map_err(|source| FlexmatchError::Write { file: folder.clone(), source })?;
    }
    let results = arguments.json.as_deref().map(Results::begin).transpose()?;
    let played = players.play(arguments, conditions, &rule_set)?;
    let report = Report::new(&rule_set, arguments.seed, &played);
    say(&mut std::io::stdout(), &print::text(&report));
    if let Some(results) = results {
        let json = serde_json::to_string_pretty(&report).expect("a report has names and numbers only");
        results.finish(&format!("{json}\n"))?;
    }
    if let Some(folder) = &arguments.svg {
        for chart in report.charts() {
            write(&folder.join(chart.file_name), &chart.svg)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Who comes.
enum Players {
    Synthetic(Crowd),
    Examples(Vec<Ticket>),
}

impl Players {
    fn new(arguments: &Simulate, rule_set: &RuleSet) -> Result<Self, FlexmatchError> {
        if let Some(file) = &arguments.players {
            let examples = files::read_players(file)?;
            return Ok(Self::Examples(example_tickets(&examples, arguments.arrivals, arguments.seed)));
        }
        let (rate, period) = arguments.arrivals.zip(arguments.period).expect("clap requires both without players");
        let (attributes, latencies) = (arguments.attributes.clone(), arguments.latencies.clone());
        let spec = CrowdSpec { rate, period, attributes, latencies, parties: arguments.parties.clone() };
        Ok(Self::Synthetic(Crowd::new(spec, rule_set)?))
    }

    /// When the last ticket comes, at the latest.
    fn last(&self, arguments: &Simulate) -> Duration {
        match self {
            Self::Synthetic(_) => arguments.period.unwrap_or_default(),
            Self::Examples(tickets) => tickets.last().map(|ticket| ticket.arrival).unwrap_or_default(),
        }
    }

    fn play(
        self,
        arguments: &Simulate,
        conditions: Conditions,
        rule_set: &Arc<RuleSet>,
    ) -> Result<Played, FlexmatchError> {
        let bar = progress_bar(self.last(arguments).saturating_add(arguments.timeout));
        let progress = |progress: Progress| {
            bar.set_position(progress.now.as_secs());
            bar.set_message(format!("{} matches, {} tickets wait", progress.matches, progress.waiting));
        };
        let played = match self {
            Self::Synthetic(crowd) => simulate(rule_set, crowd.tickets(arguments.seed), conditions, progress),
            Self::Examples(tickets) => simulate(rule_set, tickets.into_iter(), conditions, progress),
        };
        bar.finish_and_clear();
        Ok(played?)
    }
}

/// A bar of virtual time on standard error. Where that is no terminal, nothing is drawn.
fn progress_bar(end: Duration) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} s simulated, {msg} ({eta} left)");
    ProgressBar::new(end.as_secs()).with_style(style.expect("the template is right"))
}

fn write(file: &Path, text: &str) -> Result<(), FlexmatchError> {
    fs::write(file, text).map_err(|source| FlexmatchError::Write { file: file.to_owned(), source })
}
