//! What everybody may see of the city's matters, and how other systems file and follow them: the data behind Open311.
//!
//! These views ask for no role. They hold no words of a resident, no contact, no account; a matter of a category that is not `open`
//! is in no list, and by its number (which only its reporter was told) it shows how it stands and not where it lies.

mod changes;
mod file;
mod requests;
mod services;
mod update;

pub(crate) use changes::open_changes;
pub(crate) use file::open_request;
pub(crate) use requests::open_requests;
pub(crate) use services::{open_service, open_services};
pub(crate) use update::{Update, add_words, addition, open_update, own_updates, section as updates};
