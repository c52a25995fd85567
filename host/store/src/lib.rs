//! The embedded sled store behind the journal; all of it can be rebuilt.
