//! Computes: machines that are registered to a fleet, and the tokens their game servers connect with.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{Fleet, FleetStatus, ProcessId, ProcessStatus, State, quota};
use crate::{
    ServiceError,
    gamelift::{
        exceptions::{conflict, invalid_request, not_found},
        types::{ComputeNameOrArn, FleetIdOrArn},
    },
};
use serde::{Deserialize, Serialize};

/// How long a token lasts. AWS does not document it; its own sample code says 15 minutes.
const TOKEN_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// How many tokens of a compute are good at the same time (inferred). One more ends the oldest.
const MAX_TOKENS: usize = 100;

/// A machine that was registered to a fleet.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::gamelift) struct Compute {
    pub(in crate::gamelift) name: String,
    pub(in crate::gamelift) arn: String,
    pub(in crate::gamelift) fleet_id: String,
    pub(in crate::gamelift) fleet_arn: String,
    pub(in crate::gamelift) location: String,
    pub(in crate::gamelift) ip_address: String,
    pub(in crate::gamelift) dns_name: Option<String>,
    /// Where the TLS certificate of its game servers is; only they look at it.
    pub(in crate::gamelift) certificate_path: Option<String>,
    pub(in crate::gamelift) creation_time: Timestamp,
}

/// What game servers of a compute connect with, each as often as it likes.
#[derive(Serialize, Deserialize)]
pub(in crate::gamelift) struct AuthToken {
    fleet_id: String,
    compute_name: String,
    pub(in crate::gamelift) value: String,
    pub(in crate::gamelift) expires: Timestamp,
}

/// Without the secret.
impl fmt::Debug for AuthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthToken").field("compute", &self.compute_name).finish_non_exhaustive()
    }
}

/// What `RegisterCompute` says of a machine.
pub(in crate::gamelift) struct Registration {
    pub(in crate::gamelift) name: String,
    pub(in crate::gamelift) location: String,
    pub(in crate::gamelift) ip_address: String,
    pub(in crate::gamelift) dns_name: Option<String>,
    pub(in crate::gamelift) certificate_path: Option<String>,
}

impl State {
    /// Registers a machine to an ACTIVE fleet. The fleet has one of that name: `ConflictException`
    /// (inferred). `RegisterCompute` has no exception for a fleet's status (that it is an invalid
    /// request is inferred).
    pub(in crate::gamelift) fn register_compute(
        &mut self,
        fleet: &Fleet,
        registration: Registration,
    ) -> Result<Arc<Compute>, ServiceError> {
        if fleet.status != FleetStatus::Active {
            return Err(invalid_request(format!("Fleet {} is {}, not ACTIVE.", fleet.id, fleet.status.name())));
        }
        if self.find_compute(&fleet.id, &registration.name).is_some() {
            return Err(conflict(format!(
                "Compute {} is registered to fleet {} already.",
                registration.name, fleet.id
            )));
        }
        quota("computes", self.computes.len())?;
        tracing::info!(compute = registration.name, fleet = fleet.id, "compute registered");
        Ok(self.insert_compute(fleet, registration))
    }

    pub(super) fn insert_compute(&mut self, fleet: &Fleet, registration: Registration) -> Arc<Compute> {
        let Registration { name, location, ip_address, dns_name, certificate_path } = registration;
        if ip_address.parse::<IpAddr>().is_err() {
            tracing::warn!(ip_address, "the compute's IP address is none; SDKs may refuse it");
        }
        let compute = Arc::new(Compute {
            arn: self.arn("compute", &name),
            name,
            fleet_id: fleet.id.clone(),
            fleet_arn: fleet.arn.clone(),
            location,
            ip_address,
            dns_name,
            certificate_path,
            creation_time: self.now,
        });
        self.computes.push(Arc::clone(&compute));
        compute
    }

    /// The fleet's compute with this name or ARN.
    pub(in crate::gamelift) fn compute(
        &self,
        fleet: &Fleet,
        ComputeNameOrArn(id): &ComputeNameOrArn,
    ) -> Result<&Arc<Compute>, ServiceError> {
        self.find_compute(&fleet.id, id).ok_or_else(|| not_found("Compute", id))
    }

    pub(super) fn find_compute(&self, fleet_id: &str, id: &str) -> Option<&Arc<Compute>> {
        self.computes.iter().find(|compute| compute.fleet_id == fleet_id && (compute.name == id || compute.arn == id))
    }

    /// Removes a machine: it can host no more game sessions. Those it hosts go on; its other
    /// processes are asked to end, and nobody connects from it any more (inferred).
    pub(in crate::gamelift) fn deregister_compute(&mut self, compute: &Compute) {
        tracing::info!(compute = compute.name, fleet = compute.fleet_id, "compute deregistered");
        self.computes.retain(|known| known.fleet_id != compute.fleet_id || known.name != compute.name);
        self.tokens.retain(|token| token.fleet_id != compute.fleet_id || token.compute_name != compute.name);
        let idle: Vec<ProcessId> = self
            .processes
            .iter()
            .filter(|(_, process)| {
                process.compute.fleet_id == compute.fleet_id
                    && process.compute.name == compute.name
                    && !matches!(process.status, ProcessStatus::Hosting { .. } | ProcessStatus::Ending)
            })
            .map(|(id, _)| id.clone())
            .collect();
        for process in idle {
            self.ask_to_end(&process, "its compute was deregistered");
        }
    }

    /// A new token for the compute's game servers. Earlier ones stay good.
    pub(in crate::gamelift) fn auth_token(&mut self, compute: &Compute) -> &AuthToken {
        let now = self.now;
        self.tokens.retain(|token| token.expires > now);
        // In the order they were made.
        let own = self
            .tokens
            .iter()
            .enumerate()
            .filter(|(_, token)| token.fleet_id == compute.fleet_id && token.compute_name == compute.name);
        let own: Vec<_> = own.map(|(index, _)| index).collect();
        if own.len() >= MAX_TOKENS {
            self.tokens.remove(own[0]);
        }
        self.tokens.push(AuthToken {
            fleet_id: compute.fleet_id.clone(),
            compute_name: compute.name.clone(),
            value: uuid::Uuid::new_v4().to_string(),
            expires: crate::clock::after(now, TOKEN_LIFETIME),
        });
        &self.tokens[self.tokens.len() - 1]
    }

    /// Whether a game server of this compute may connect with this token. `fleet` is an id or an
    /// ARN: the server SDKs pass either.
    pub(in crate::gamelift) fn check_token(&self, fleet: &str, compute: &str, token: &str) -> bool {
        let Some(fleet) = self.find_fleet(&FleetIdOrArn(fleet.to_owned())) else { return false };
        self.tokens.iter().any(|known| {
            known.value == token
                && known.fleet_id == fleet.id
                && known.compute_name == compute
                && known.expires > self.now
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    #[test]
    fn a_token_is_good_for_its_compute_until_it_expires() {
        let mut state = State::new(&Settings::default(), Timestamp::UNIX_EPOCH);
        let compute = Arc::clone(&state.computes[0]);
        let good = |state: &State, token: &str| state.check_token(&compute.fleet_id, &compute.name, token);
        let token = state.auth_token(&compute).value.clone();
        assert!(good(&state, &token));
        assert!(state.check_token(&compute.fleet_arn, &compute.name, &token), "some SDKs name the fleet by its ARN");
        assert!(!good(&state, "other"));
        assert!(!state.check_token(&compute.fleet_id, "other", &token));
        assert!(!state.check_token("fleet-0", &compute.name, &token));

        state.run_until(crate::clock::after(state.now, TOKEN_LIFETIME - Duration::from_secs(1)));
        let second = state.auth_token(&compute).value.clone();
        assert!(good(&state, &token) && good(&state, &second), "a new token does not replace the last one");
        state.run_until(crate::clock::after(state.now, Duration::from_secs(1)));
        assert!(!good(&state, &token) && good(&state, &second));

        state.deregister_compute(&compute);
        assert!(!good(&state, &second));
    }

    #[test]
    fn every_token_is_a_new_one_and_only_so_many_are_good() {
        let mut state = State::new(&Settings::default(), Timestamp::UNIX_EPOCH);
        let compute = Arc::clone(&state.computes[0]);
        let tokens: Vec<_> = (0..=MAX_TOKENS).map(|_| state.auth_token(&compute).value.clone()).collect();
        assert_ne!(tokens[0], tokens[1]);
        let good = |token: &String| state.check_token(&compute.fleet_id, &compute.name, token);
        assert!(!good(&tokens[0]), "the oldest one makes room");
        assert!(tokens[1..].iter().all(good));
        assert_eq!(state.tokens.len(), MAX_TOKENS);
    }
}
