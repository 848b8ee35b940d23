//! `liftgate doctor`: what is wrong with this machine's set-up and with the world that runs here, or with the AWS that
//! the environment names, and how to mend it.
//!
//! - [`Doctor`]: what to look at; `examine` looks;
//! - `ports`: who answers at the two ports, by `ask`; `programs`: what else the guides use;
//! - [`Finding`]: what was found; [`text`]: how the terminal shows it.

mod ask;
mod examine;
mod finding;
mod ports;
mod programs;
mod show;

pub use self::{
    examine::Doctor,
    finding::{Finding, has_failed},
    show::text,
};
