//! The network that an address belongs to: what one person can have at once.
//!
//! An IPv4 address is one network: behind it is a home, a school, or the many customers of a mobile carrier. A `/24`
//! would put 256 of these together.
//!
//! Of IPv6, a home gets 56 bits, or 64. So a network has 56: with 64, whoever has 56 would have 256 networks. Some get
//! 48. They have 256 networks, as somebody with 256 IPv4 addresses has.

use std::net::{IpAddr, Ipv6Addr};

/// How many bits of an IPv6 address are those of the network.
const BITS: u32 = 56;

/// The network of an address; `None` for a text that is no address.
pub(crate) fn of(address: &str) -> Option<IpAddr> {
    let address: IpAddr = address.parse().ok()?;
    Some(match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - BITS))).into(),
        address @ IpAddr::V4(_) => address,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_what_a_home_gets() {
        let of = |address| of(address).map(|address| address.to_string());
        assert_eq!(of("2001:db8:1:2ff:3:4:5:6").as_deref(), Some("2001:db8:1:200::"));
        assert_ne!(of("2001:db8:1:2ff::1"), of("2001:db8:1:300::1"));
        assert_eq!(of("::ffff:203.0.113.17").as_deref(), Some("203.0.113.17"));
        assert_ne!(of("203.0.113.17"), of("203.0.113.18"));
        assert_eq!((of("203.0.113.17").as_deref(), of("a name"), of("")), (Some("203.0.113.17"), None, None));
    }
}
