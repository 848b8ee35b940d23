//! Computes: machines registered to a fleet, and the tokens with which their game servers connect.

use std::{net::IpAddr, sync::Arc, time::Duration};

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{conflict, invalid_request, not_found},
    gamelift::FleetStatus,
};

use crate::{
    resources::{
        compute::{AuthToken, Compute, Registration, TokenUse},
        fleet::Fleet,
        server_process::{ProcessId, ProcessStatus},
    },
    state::{quota::quota, whole::State},
    types::{ComputeNameOrArn, FleetIdOrArn},
};

/// How long a token is valid. AWS does not document it; AWS's sample code says 15 minutes.
const TOKEN_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// How long the same token is handed out. AWS's agent says that AWS repeats a token until it has less than 15 minutes
/// left. AWS's tokens are therefore valid for longer; for how long is unknown.
const TOKEN_IS_SHARED: Duration = Duration::from_secs(60);

/// The most valid tokens of a compute (inferred). One more invalidates the oldest.
const MAX_TOKENS: usize = 100;

impl State {
    /// Registers a compute to an ACTIVE fleet. A name that the fleet has already is a `ConflictException` (inferred).
    /// `RegisterCompute` has no exception for the fleet's status; the invalid request is inferred.
    pub(crate) fn register_compute(
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

    pub(crate) fn insert_compute(&mut self, fleet: &Fleet, registration: Registration) -> Arc<Compute> {
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

    /// Returns the fleet's compute with this name or ARN.
    pub(crate) fn compute(
        &self,
        fleet: &Fleet,
        ComputeNameOrArn(id): &ComputeNameOrArn,
    ) -> Result<&Arc<Compute>, ServiceError> {
        self.find_compute(&fleet.id, id).ok_or_else(|| not_found("Compute", id))
    }

    pub(crate) fn find_compute(&self, fleet_id: &str, id: &str) -> Option<&Arc<Compute>> {
        self.computes.iter().find(|compute| compute.fleet_id == fleet_id && (compute.name == id || compute.arn == id))
    }

    /// Removes a compute. It gets no more game sessions, and the game sessions on it continue. Its other processes are
    /// asked to end, and no process can connect from it any more (inferred).
    pub(crate) fn deregister_compute(&mut self, compute: &Compute) {
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
            if self.processes[&process].is_connected() {
                self.ask_to_end(&process, "its compute was deregistered");
            } else {
                // It cannot be asked, and could not connect again.
                drop(self.end_process(&process, "its compute was deregistered while it had no connection"));
            }
        }
    }

    /// Returns a token for the compute's game servers: the last one while it is shared, then a new one. Earlier tokens
    /// stay valid.
    pub(crate) fn auth_token(&mut self, compute: &Compute, made_for: TokenUse) -> &AuthToken {
        let now = self.now;
        self.tokens.retain(|token| token.expires > now);
        let is_own = |token: &AuthToken| token.fleet_id == compute.fleet_id && token.compute_name == compute.name;
        let is_shared = |token: &AuthToken| {
            made_for != TokenUse::Refresh
                && token.made_for == made_for
                && now < emulator_core::clock::after(token.made, TOKEN_IS_SHARED)
        };
        if let Some(index) = self.tokens.iter().rposition(|token| is_own(token) && is_shared(token)) {
            return &self.tokens[index];
        }
        // The tokens are in the order in which they were made.
        if self.tokens.iter().filter(|token| is_own(token)).count() >= MAX_TOKENS
            && let Some(oldest) = self.tokens.iter().position(is_own)
        {
            self.tokens.remove(oldest);
        }
        self.tokens.push(AuthToken {
            fleet_id: compute.fleet_id.clone(),
            compute_name: compute.name.clone(),
            made_for,
            value: uuid::Uuid::new_v4().to_string(),
            made: now,
            expires: emulator_core::clock::after(now, TOKEN_LIFETIME),
        });
        &self.tokens[self.tokens.len() - 1]
    }

    /// Whether the token was made for built-in sample game servers.
    pub(crate) fn is_sample_servers(&self, token: Option<&String>) -> bool {
        let known = token.and_then(|token| self.tokens.iter().find(|known| known.value == *token));
        known.is_some_and(|token| token.made_for == TokenUse::SampleServer)
    }

    /// Whether a game server of this compute may connect with this token. `fleet` is an id or an ARN: the server SDKs
    /// send either.
    pub(crate) fn check_token(&self, fleet: &str, compute: &str, token: &str) -> bool {
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
    use emulator_core::settings::Settings;
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_token_is_good_for_its_compute_until_it_expires() {
        let mut state = State::new(&Settings::default(), Timestamp::UNIX_EPOCH);
        let compute = Arc::clone(&state.computes[0]);
        let good = |state: &State, token: &str| state.check_token(&compute.fleet_id, &compute.name, token);
        let token = state.auth_token(&compute, TokenUse::Anybody).value.clone();
        assert!(good(&state, &token));
        assert!(state.check_token(&compute.fleet_arn, &compute.name, &token), "some SDKs name the fleet by its ARN");
        assert!(!good(&state, "other"));
        assert!(!state.check_token(&compute.fleet_id, "other", &token));
        assert!(!state.check_token("fleet-0", &compute.name, &token));

        state.run_until(emulator_core::clock::after(state.now, TOKEN_LIFETIME - Duration::from_secs(1)));
        let second = state.auth_token(&compute, TokenUse::Anybody).value.clone();
        assert!(good(&state, &token) && good(&state, &second), "a new token does not replace the last one");
        state.run_until(emulator_core::clock::after(state.now, Duration::from_secs(1)));
        assert!(!good(&state, &token) && good(&state, &second));

        state.deregister_compute(&compute);
        assert!(!good(&state, &second));
    }

    #[test]
    fn a_token_is_handed_out_again_in_its_first_minute() {
        let mut state = State::new(&Settings::default(), Timestamp::UNIX_EPOCH);
        let compute = Arc::clone(&state.computes[0]);
        let pass = |state: &mut State, seconds| {
            state.run_until(emulator_core::clock::after(state.now, Duration::from_secs(seconds)));
        };
        let token = |state: &mut State, made_for| {
            let token = state.auth_token(&compute, made_for);
            (token.value.clone(), token.expires)
        };
        let first = token(&mut state, TokenUse::Anybody);
        let refresh = token(&mut state, TokenUse::Refresh);
        assert_ne!(token(&mut state, TokenUse::Refresh), refresh, "of one process only");
        pass(&mut state, 59);
        assert_eq!(token(&mut state, TokenUse::Anybody), first);
        pass(&mut state, 1);
        let second = token(&mut state, TokenUse::Anybody);
        assert_ne!(second.0, first.0);
        assert_eq!(second.1, emulator_core::clock::after(state.now, TOKEN_LIFETIME));
        let samples = token(&mut state, TokenUse::SampleServer);
        assert_eq!(token(&mut state, TokenUse::Anybody), second, "each use has its own");
        assert!(state.is_sample_servers(Some(&samples.0)) && !state.is_sample_servers(Some(&second.0)));
    }

    #[test]
    fn only_so_many_tokens_are_good() {
        let mut state = State::new(&Settings::default(), Timestamp::UNIX_EPOCH);
        let compute = Arc::clone(&state.computes[0]);
        let made = (0..=MAX_TOKENS).map(|_| state.auth_token(&compute, TokenUse::Refresh).value.clone());
        let tokens: Vec<_> = made.collect();
        let good = |token: &String| state.check_token(&compute.fleet_id, &compute.name, token);
        assert!(!good(&tokens[0]), "the oldest one makes room");
        assert!(tokens[1..].iter().all(good));
        assert_eq!(state.tokens.len(), MAX_TOKENS);
    }
}
