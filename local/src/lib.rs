//! Liftgate's local world: the gateway on one port, the emulated GameLift on another, and the very
//! functions that run on AWS in between, all in one process.
//!
//! - [`World`]: starts and stops it, for the binary and the tests;
//! - [`gateway`]: turns HTTP requests into API Gateway events and answers back;
//! - [`functions`]: the functions, called with events as Lambda would; [`events`]: GameLift's events to `record_event`;
//!   [`schedule`]: `reconcile`, each minute;
//! - [`Players`]: who the players are; `issuer`: tokens to try; `steam`: an emulated Steam;
//! - [`Offers`]: what players can do there;
//! - [`doctor`]: what is wrong with the set-up;
//! - `pages`: web pages that show a stream, and a match forming.
//!
//! Only `bench` is built on this one. What is public beside [`World`] is so for the tests, which run the same code with
//! clocks, stores and lost events of their own: a test that delivered events in its own way would prove nothing.

pub mod doctor;
pub mod events;
pub mod functions;
pub mod gateway;
pub mod issuer;
mod offers;
mod pages;
mod players;
pub mod schedule;
mod steam;
mod world;

pub use crate::{
    offers::{Configuration, Offers},
    players::Players,
    world::{Options, StartError, World},
};
