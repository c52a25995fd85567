//! What the charter refuses in a declaration.
