//! The log that acknowledges: segments, group commit, hash chain, power-cut proof.
