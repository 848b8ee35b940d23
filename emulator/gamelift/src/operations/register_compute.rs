use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    resources::compute::Registration,
    state::whole::State,
    types::{ComputeName, DnsName, FleetIdOrArn, IpAddress, Location, REQUIRED, Text},
    views::compute::ComputeView,
};

/// Adds a compute to an Anywhere fleet (`RegisterCompute`).
pub(crate) struct RegisterCompute;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    fleet_id: Option<FleetIdOrArn>,
    #[garde(required, dive)]
    compute_name: Option<ComputeName>,
    #[garde(dive)]
    certificate_path: Option<Text>,
    #[garde(dive)]
    dns_name: Option<DnsName>,
    #[garde(dive)]
    ip_address: Option<IpAddress>,
    #[garde(dive)]
    location: Option<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    compute: ComputeView,
}

impl Operation for RegisterCompute {
    const NAME: &'static str = "RegisterCompute";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let id = input.fleet_id.expect(REQUIRED);
        // RegisterCompute has no NotFoundException; this exception is inferred.
        let fleet = state.find_fleet(&id).cloned();
        let fleet = fleet.ok_or_else(|| invalid_request(format!("Fleet {} does not exist.", id.0)))?;
        fleet.check_location(input.location.as_ref())?;
        let Some(Location(location)) = input.location else {
            return Err(invalid_request("A compute of an Anywhere fleet needs a Location."));
        };
        let Some(IpAddress(ip_address)) = input.ip_address else {
            return Err(invalid_request("A compute of an Anywhere fleet needs an IpAddress."));
        };
        let registration = Registration {
            name: input.compute_name.expect(REQUIRED).0,
            location,
            ip_address,
            dns_name: input.dns_name.map(|name| name.0),
            certificate_path: input.certificate_path.map(|path| path.0),
        };
        let compute = state.register_compute(&fleet, registration)?;
        Ok(Output { compute: ComputeView::of(&compute, state) })
    }
}
