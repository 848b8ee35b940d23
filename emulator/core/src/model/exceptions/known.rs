//! The exceptions that a fault can name, with the status of each.

use crate::model::{
    exceptions::{gamelift, kind::Exception, streams},
    operations,
    service::Service,
};

/// Returns `name` as a static text, if any service has such an exception.
pub(crate) fn known(name: &str) -> Option<&'static str> {
    [Service::GameLift, Service::Streams].iter().find_map(|service| exception(*service, name)).map(|known| known.name)
}

/// Returns the exception of this name, if the service has it.
pub fn exception(service: Service, name: &str) -> Option<Exception> {
    let exceptions = match service {
        Service::GameLift => gamelift::ALL,
        Service::Streams => streams::ALL,
    };
    exceptions.iter().find(|known| known.name == name).copied()
}

/// Whether the operation's service has the exception. The operation itself need not declare it: services return others
/// too.
pub(crate) fn fits(operation: &str, name: &str) -> bool {
    [Service::GameLift, Service::Streams]
        .iter()
        .any(|service| operations::has(*service, operation) && exception(*service, name).is_some())
}
