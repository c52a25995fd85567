//! What the outbox asks of the city. It knows neither accounts nor plugins nor keys: whoever wires it up does.

use crate::{Channel, Letter, Trouble, Why};
use changzhi_model::{EntityId, Fact, Micros, Name, Receiver, Seq, Wish};

/// By which channels somebody may be reached, in their own order, and from when on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    pub channels: Vec<Channel>,
    /// The end of their quiet hours, for what is not urgent.
    pub not_before: Option<Micros>,
}

/// The city behind the outbox. Calls come from the desk's thread and from the workers'.
pub trait Host: Send + Sync + 'static {
    fn now(&self) -> Micros;

    /// How a wish may reach its one receiver. Nothing is opened for it: it is asked often.
    ///
    /// # Errors
    /// `Nobody` when there is no such receiver (any more).
    fn plan(&self, wish: &Wish, now: Micros) -> Result<Plan, Why>;

    /// The message, with address and sealed words opened: each is a look, in the access log before this returns. `plugin` is whoever
    /// asked, `about` the entity of the intent.
    ///
    /// # Errors
    /// `Later` when the journal cannot be read or written, `Never` when this channel cannot carry it.
    fn letter(&self, wish: &Wish, plugin: &Name, about: Option<EntityId>, channel: Channel) -> Result<Letter, Trouble>;

    /// The people behind a receiver who is a role, each with a channel. One person once.
    fn people(&self, receiver: &Receiver, about: Option<EntityId>, now: Micros) -> Vec<EntityId>;

    /// Journals facts as one transaction of the host; returns its place, durable or not.
    ///
    /// # Errors
    /// Nothing was written: it is tried again.
    fn journal(&self, facts: Vec<Fact>) -> Result<Seq, String>;
}
