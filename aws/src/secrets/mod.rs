//! The texts of secrets: the capability (`api`), AWS Secrets Manager (`secrets_manager`), and a secret in memory for the
//! local world and for tests (`in_memory`).

pub(crate) mod api;
pub(crate) mod in_memory;
pub(crate) mod secrets_manager;

pub use self::{
    api::{Reading, Secrets, Stage, current},
    in_memory::{InMemory, Versions},
    secrets_manager::SecretsManager,
};
