//! What buttons and panels on walls send. By HTTP (the portal's `hook`) or over MQTT ([`Mqtt`]) it comes to one [`door`], which asks the
//! gate for the same proof and gives the same command.
//!
//! ```text
//! POST /hook/button ─────────────────────┐
//! broker ──► adapter: topic, signature ──┴─► door::check ──► gate ──► plugin command: press-button, button-alive
//!    ▲          │  PUBACK only when it is durable                         │
//!    └──────────┴───────────── PREFIX/SITE/DEVICE/ack ◄──────────────────┘
//! ```
//!
//! Invariants of the MQTT side (docs/mqtt.md):
//! 1. A press is acknowledged to the broker when it is in the journal, or when it never will be: whoever is killed in between gets it again.
//! 2. The signature is the number of the message: however often it is delivered, it is one press.
//! 3. Whatever proves itself rings. What else it says and does not read is left out, counted and logged; it is never a reason not to ring.
//! 4. A message the broker kept (retained) never rings: it would ring again at every start.
//! 5. The adapter ends by nobody but the host. Whatever comes, it is counted under a word of a closed list; no text from outside is logged
//!    but the topic, cut.
//! 6. A secret of a device is in no message. The broker's password is in no log, no error and no page.

mod adapter;
mod broker;
pub mod door;
mod line;
mod message;
mod taken;

pub use adapter::Mqtt;
pub use broker::{Broker, BrokerError, BrokerOptions};
pub use line::{Line, Link, Look, Refused};
