//! The host binary: wires the crates up and holds no logic.

fn main() {}
