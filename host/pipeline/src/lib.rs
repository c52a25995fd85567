//! One flow of data: command, plugin, check, journal, world, feed.
