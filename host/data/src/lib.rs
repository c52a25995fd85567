//! Bringing data in: readers, mappings, import runs, the demo city.
