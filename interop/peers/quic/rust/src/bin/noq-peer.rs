//! The peer with noq: what iroh's endpoints are made of, without iroh.
use noq as quic;

include!("../peer.rs");

/// What iroh's endpoints announce.
fn more(transport: &mut quic::TransportConfig) {
    transport.max_concurrent_multipath_paths(13);
    transport.send_observed_address_reports(true);
    transport.receive_observed_address_reports(true);
}
