//! Whose connections are.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Whose a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Peer {
    /// An address, or in IPv6 the network that one user has.
    Address(IpAddr),
    /// This machine's own, by a connection's number: a proxy's connections are others'.
    Connection(u64),
}

impl Peer {
    pub fn of(address: SocketAddr) -> Self {
        Self::Address(match address.ip().to_canonical() {
            IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
            ip => ip,
        })
    }
}
