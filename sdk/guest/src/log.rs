//! Lines for the operator's log. Never personal data. Lines over the budget of the call are dropped.

use crate::bindings::changzhi::platform::log::Level;
use crate::host::write_log;

pub fn debug(line: &str) {
    write_log(Level::Debug, line);
}

pub fn info(line: &str) {
    write_log(Level::Info, line);
}

pub fn warn(line: &str) {
    write_log(Level::Warn, line);
}

pub fn error(line: &str) {
    write_log(Level::Error, line);
}
