//! Checking a body against its declaration.
