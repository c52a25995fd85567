//! The plugin runtime: wasm components, grants, limits, lanes, breaker, hot swap.
