//! What is in the place of `webrtc` in a build without that feature: no offer is answered by a peer.

use std::{net::IpAddr, sync::Weak};

use super::Streams;

pub(crate) struct Peers;

#[derive(Clone, Copy)]
pub(crate) enum Farewell {
    CutOff,
    Terminated,
    Idle,
}

#[expect(clippy::unused_self, reason = "the same functions as with the feature")]
impl Peers {
    pub(crate) fn new(_: Weak<Streams>, _: IpAddr) -> Self {
        Self
    }

    pub(crate) fn anew(&self) -> Self {
        Self
    }

    pub(crate) fn answer(&mut self, _: &str, _: &str) -> Option<String> {
        None
    }

    pub(crate) fn remove(&mut self, _: &str, _: Farewell) {}

    pub(crate) fn count(&self) -> usize {
        0
    }
}
