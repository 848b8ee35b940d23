//! What is said where AWS does not answer a look, or refuses it.

use shared::{Code, Error};

use crate::report::{Check, Status};

/// A look at a service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    service: &'static str,
    /// What its actions begin with in a policy.
    prefix: &'static str,
    /// The variable with another address for it, if that is set.
    endpoint: Option<&'static str>,
    /// How bad a refusal is. DEGRADED for calls that no route of players makes: their roles need them not.
    denied: Status,
    /// How bad a failure is.
    failed: Status,
}

impl Look {
    pub(crate) const fn gamelift(endpoint: Option<&'static str>) -> Self {
        Self::of("Amazon GameLift", "gamelift", endpoint)
    }

    pub(crate) const fn streams(endpoint: Option<&'static str>) -> Self {
        Self::of("GameLift Streams", "gameliftstreams", endpoint)
    }

    pub(crate) const fn dynamodb(endpoint: Option<&'static str>) -> Self {
        Self::of("Amazon DynamoDB", "dynamodb", endpoint)
    }

    const fn of(service: &'static str, prefix: &'static str, endpoint: Option<&'static str>) -> Self {
        Self { service, prefix, endpoint, denied: Status::Unhealthy, failed: Status::Unhealthy }
    }

    /// The same for a call that no route of players makes.
    pub(crate) const fn of_health_alone(self) -> Self {
        Self { denied: Status::Degraded, ..self }
    }

    /// The same where a failure is so bad.
    pub(crate) const fn with_weight(self, status: Status) -> Self {
        Self { denied: status, failed: status, ..self }
    }

    /// Adds the finding that a look failed.
    pub(crate) fn failed(self, check: &mut Check, error: &Error) {
        let Self { service, prefix, endpoint, denied, failed } = self;
        let operation = error.upstream().map_or("a call", |upstream| upstream.operation);
        let (status, sentence) = match error.code() {
            Code::BackendNotPermitted => (
                denied,
                format!(
                    "The function health may not look: allow {prefix}:{operation} in the policy of its role, and look at the roles of the other functions, which may lack the same."
                ),
            ),
            Code::RateLimited => (
                failed.min(Status::Degraded),
                format!(
                    "{service} throttles {operation} of this account now, so nothing is known. Players may have to wait; ask again in half a minute."
                ),
            ),
            Code::CredentialsExpired => (
                failed,
                format!("The credentials for {service} have expired. Renew those that the functions run with."),
            ),
            Code::UpstreamUnavailable => (failed, self.no_answer()),
            Code::UpstreamError => (
                failed,
                format!(
                    "{service} failed to answer {operation}. Ask again in half a minute; if it stays so, look at the AWS Health Dashboard."
                ),
            ),
            _ => (
                failed,
                format!(
                    "{operation} was not sent, or {service} refused it. Check AWS_REGION, the credentials{}; the log of the function health has the reason.",
                    endpoint.map(|name| format!(", the address in {name}")).unwrap_or_default(),
                ),
            ),
        };
        check.find(status, sentence);
        check.because(error);
    }

    fn no_answer(self) -> String {
        let Self { service, endpoint, .. } = self;
        match endpoint {
            Some(name) if self.prefix != "dynamodb" => format!(
                "Nothing answers for {service} at the address in {name}. Start the emulator there, with cargo run -p gamelift-emulator in a clone of Liftgate, or correct the address."
            ),
            Some(name) => format!(
                "Nothing answers for {service} at the address in {name}. Start it there, or correct the address."
            ),
            None => format!(
                "{service} does not answer. Look at the AWS Health Dashboard, at the Region in AWS_REGION, and at the network of the functions."
            ),
        }
    }
}
