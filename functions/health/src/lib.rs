//! `GET /health`: whether all that players need works, and how to mend what does not.
//!
//! # Who reads it
//!
//! A developer, and a monitor. Nobody needs a token, so the answer has no value of a setting, no ARN and no text of AWS:
//! it names settings by their variables, and their entries by number. What else is known goes into the log, and into the
//! terminal of `liftgate doctor`.
//!
//! # What it costs
//!
//! All checks run at once, each with a time-out, and a report is kept for half a minute. Calls that come meanwhile share
//! it. So an instance makes one call of each kind for each thing that is configured in that time. No call is repeated:
//! a throttled one is a finding.
//!
//! # What counts
//!
//! UNHEALTHY is what keeps players from something that is configured. DEGRADED is all else that should be mended: a fleet
//! that others stand in for, a store without which the routes go on. What is not configured is OK, and says what that
//! costs.

mod checks;
mod config;
mod kept;
mod report;

use std::{sync::Arc, time::Duration};

use aws::{
    gamelift::{DescribeGameServerGroup, DescribeGameSessionQueues, DescribeMatchmakingConfigurations, Fleets},
    streams::GetStreamGroup,
};
use shared::{Answer, Call, Error, Route, RouteId, clock::Clock};
use store::Store;

use crate::{checks::all::Looks, kept::Kept};

pub use self::{
    config::HealthConfig,
    report::{Check, KEPT, Report, Status},
};

/// The route with what it looks at.
#[derive(Debug)]
pub struct Health<G, S> {
    looks: Looks<G, S>,
    kept: Kept,
}

impl<G, S> Health<G, S> {
    /// The route on these clients, which should try a call once. The clock tells how old a report is.
    pub fn new(gamelift: G, streams: S, store: Option<Store>, config: HealthConfig, clock: Clock) -> Self {
        Self { looks: Looks { config, aws: Some((gamelift, streams)), store }, kept: Kept::new(clock) }
    }

    /// The route where not even the clients can be made. Its one check is that of the configuration.
    pub fn without_aws(error: Error) -> Self {
        let config = HealthConfig::unusable(error);
        Self { looks: Looks { config, aws: None, store: None }, kept: Kept::new(Clock::system()) }
    }
}

impl<G, S> Health<G, S>
where
    G: Fleets + DescribeGameSessionQueues + DescribeMatchmakingConfigurations + DescribeGameServerGroup,
    S: GetStreamGroup,
{
    /// The report, which is at most [`KEPT`] old, and its age.
    pub async fn report(&self) -> (Arc<Report>, Duration) {
        self.kept.get(|| self.looks.run()).await
    }
}

impl<G, S> Route for Health<G, S>
where
    G: Fleets + DescribeGameSessionQueues + DescribeMatchmakingConfigurations + DescribeGameServerGroup + 'static,
    S: GetStreamGroup + 'static,
{
    const ID: RouteId = RouteId::Health;
    const BUDGET: Duration = Duration::from_secs(8);

    async fn call(&self, _: Call) -> Result<Answer, Error> {
        let (report, age) = self.report().await;
        Ok(report.answer(age))
    }
}
