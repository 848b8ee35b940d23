//! The capabilities on the AWS SDK's client. Its endpoint is the API's own address ([`crate::clients::connections`]).
//!
//! The SDK encodes the connection's id, which may hold `=`, in the path and once more in the signature.

use aws_sdk_apigatewaymanagement::{
    Client,
    operation::{delete_connection::DeleteConnectionError, post_to_connection::PostToConnectionError},
    primitives::Blob,
};
use shared::Error;

use crate::{
    connections::api::{DeleteConnection, PostToConnection, Posted},
    upstream::{failure, operation::Operation},
};

impl PostToConnection for Client {
    async fn post(&self, connection: &str, text: &str) -> Result<Posted, Error> {
        let call = self.post_to_connection().connection_id(connection).data(Blob::new(text));
        match call.send().await {
            Ok(_) => Ok(Posted::Sent),
            Err(error) if error.as_service_error().is_some_and(PostToConnectionError::is_gone_exception) => {
                Ok(Posted::Gone)
            }
            Err(error) => Err(failure::error(Operation::PostToConnection, error)),
        }
    }
}

impl DeleteConnection for Client {
    async fn close(&self, connection: &str) -> Result<(), Error> {
        match self.delete_connection().connection_id(connection).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(DeleteConnectionError::is_gone_exception) => Ok(()),
            Err(error) => Err(failure::error(Operation::DeleteConnection, error)),
        }
    }
}

#[cfg(test)]
mod tests;
