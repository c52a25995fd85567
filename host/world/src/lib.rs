//! The world of people, places and events: a fold of the journal, in columns.
