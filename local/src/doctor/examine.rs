//! The examination.

use std::net::{IpAddr, SocketAddr};

use aws::clients;
use health::{Health, HealthConfig};
use shared::clock::Clock;
use store::Store;
use tokio::task::spawn_blocking;

use crate::doctor::{finding::Finding, ports, programs};

/// What to look at.
#[derive(Clone, Copy, Debug)]
pub struct Doctor {
    /// The address of the local world.
    pub host: IpAddr,
    /// The port of its HTTP API.
    pub port: u16,
    /// The port of its emulator.
    pub emulator_port: u16,
    /// Whether to look at the AWS that the environment names, and not at the local world.
    pub aws: bool,
}

impl Doctor {
    /// Looks at all of it: the set-up first, then the checks of `/health`.
    pub async fn examine(self) -> Vec<Finding> {
        if self.aws {
            return of_environment().await;
        }
        let programs = spawn_blocking(programs::all);
        let (gateway, checks) = ports::gateway(SocketAddr::new(self.host, self.port)).await;
        let emulator = ports::emulator(SocketAddr::new(self.host, self.emulator_port), checks.is_some()).await;
        let mut findings = vec![gateway, emulator];
        findings.extend(programs.await.unwrap_or_default());
        findings.extend(checks.unwrap_or_default());
        findings
    }
}

/// The checks of `/health` with the variables and the credentials of this process.
async fn of_environment() -> Vec<Finding> {
    let health = match clients::settings().await {
        Ok(aws) => {
            let aws = clients::without_retries(&aws);
            let (gamelift, streams) = (clients::gamelift(&aws), clients::streams(&aws));
            Health::new(gamelift, streams, Store::from_env(&aws), HealthConfig::from_env(), Clock::system())
        }
        Err(error) => Health::without_aws(error),
    };
    let (report, _) = health.report().await;
    report.checks.iter().map(Finding::from).collect()
}
