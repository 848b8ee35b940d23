//! Looks up fleets, aliases and computes.

use aws_sdk_gamelift::{
    Client,
    types::{Compute, FleetAttributes},
};
use shared::Error;

use crate::{
    gamelift::attempts::{MAX_PAGES, patient},
    upstream::{
        failure::{self, incomplete},
        operation::Operation,
    },
};

/// Looks up the fleets and their locations.
pub trait Fleets: Send + Sync {
    /// The ids of the Region's fleets, in GameLift's order (`ListFleets`).
    fn list_fleets(&self) -> impl Future<Output = Result<Vec<String>, Error>> + Send;
    /// The attributes of these fleets; unknown fleets are left out (`DescribeFleetAttributes`).
    fn describe_fleets(&self, ids: &[String]) -> impl Future<Output = Result<Vec<FleetAttributes>, Error>> + Send;
    /// The id of the fleet that an alias stands for (`ResolveAlias`).
    fn resolve_alias(&self, alias: &str) -> impl Future<Output = Result<String, Error>> + Send;
    /// The computes of a fleet (`ListCompute`).
    fn list_compute(&self, fleet: &str) -> impl Future<Output = Result<Vec<Compute>, Error>> + Send;
}

impl Fleets for Client {
    async fn list_fleets(&self) -> Result<Vec<String>, Error> {
        let mut pages = patient(self).list_fleets().into_paginator().send();
        let mut ids = Vec::new();
        for _ in 0..MAX_PAGES {
            let Some(page) = pages.next().await else { break };
            let page = page.map_err(|error| failure::error(Operation::ListFleets, error))?;
            ids.extend(page.fleet_ids.unwrap_or_default());
        }
        Ok(ids)
    }

    async fn describe_fleets(&self, ids: &[String]) -> Result<Vec<FleetAttributes>, Error> {
        let call = patient(self).describe_fleet_attributes().set_fleet_ids(Some(ids.to_vec()));
        let output = call.send().await.map_err(|error| failure::error(Operation::DescribeFleetAttributes, error))?;
        Ok(output.fleet_attributes.unwrap_or_default())
    }

    async fn resolve_alias(&self, alias: &str) -> Result<String, Error> {
        let call = patient(self).resolve_alias().alias_id(alias);
        let output = call.send().await.map_err(|error| failure::error(Operation::ResolveAlias, error))?;
        output.fleet_id.ok_or_else(|| incomplete(Operation::ResolveAlias))
    }

    async fn list_compute(&self, fleet: &str) -> Result<Vec<Compute>, Error> {
        let mut pages = patient(self).list_compute().fleet_id(fleet).into_paginator().send();
        let mut computes = Vec::new();
        for _ in 0..MAX_PAGES {
            let Some(page) = pages.next().await else { break };
            let page = page.map_err(|error| failure::error(Operation::ListCompute, error))?;
            computes.extend(page.compute_list.unwrap_or_default());
        }
        Ok(computes)
    }
}
