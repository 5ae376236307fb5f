//! The peer with quinn.
use quinn as quic;

include!("../peer.rs");

fn more(_: &mut quic::TransportConfig) {}

