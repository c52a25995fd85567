//! The matter flow: which event leads from which state to which, for whom.
