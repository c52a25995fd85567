//! Risk prevention.
