//! Settings from file and environment, each documented, each checked.
