//! The replacement of the peers in a build without the feature `webrtc`: no peer answers an offer.

use std::net::IpAddr;

use super::news::{Farewell, Tell};

pub(crate) struct Peers;

#[expect(clippy::unused_self, reason = "the same functions as with the feature")]
impl Peers {
    pub(crate) fn new(_: Tell, _: IpAddr) -> Self {
        Self
    }

    pub(crate) fn emptied(&self) -> Self {
        Self
    }

    pub(crate) fn answer(&mut self, _: &str, _: &str) -> Option<String> {
        None
    }

    pub(crate) fn remove(&mut self, _: &str, _: Farewell) {}

    pub(crate) fn is_current(&self, _: &str, _: u64) -> bool {
        false
    }

    pub(crate) fn count(&self) -> usize {
        0
    }
}
