//! The variables.

use shared::config::environment::variable;

use crate::{
    config::{HealthConfig, variable_of},
    report::{Check, Status},
};

pub(crate) fn check(config: &HealthConfig) -> Check {
    let mut check = Check::new("configuration");
    for error in &config.bad {
        let sentence = match variable_of(error) {
            Some(name) if variable(name).is_none() => {
                format!("{name} is not set, and is needed. docs/configuration.md says what it takes.")
            }
            Some(name) => format!(
                "{name} has a value that cannot be used, so the routes that read it fail. Correct it; docs/configuration.md says what it takes, and the log of the function health why this is none."
            ),
            None => "A setting cannot be used. The log of the function health says which.".to_owned(),
        };
        check.find(Status::Unhealthy, sentence);
        check.because(error);
    }
    check.or_fine("Every variable has a value that can be used.")
}
