//! The outside: JSON API, OpenAPI, health, metrics, and the pages.
