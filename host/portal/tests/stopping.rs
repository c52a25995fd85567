//! What a client sees of a server that stops. Alone in this program: a port that was given up may at once belong to
//! another test of the same process, and would answer.
#![allow(clippy::unwrap_used)]

mod support;

use changzhi_portal::PortalOptions;
use std::io::{Read, Write};
use std::net::TcpStream;
use support::Host;

#[test]
fn a_stopped_server_ends_idle_connections_and_accepts_no_new_one() {
    let host = Host::start(PortalOptions::default());
    let addr = host.addr;
    let mut idle = TcpStream::connect(addr).unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    host.stop();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).unwrap();
    assert!(String::from_utf8_lossy(&rest).contains("content-length"), "the answer was whole, then the end");
    assert!(TcpStream::connect(addr).is_err(), "still listens");
}
