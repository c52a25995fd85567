//! Decision support.
