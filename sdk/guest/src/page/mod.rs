//! Pages as data. Each builder keeps its part of the flat pre-order list and counts its own children, so that a count can
//! never be wrong; which node may hold which is said by the types.

mod cell;
mod data;
mod element;
mod form;
mod frame;
mod story;

pub use cell::{Cell, Due, Place};
pub use data::{Branch, Chart, Detail, Layer, Series, Stat, Table, Tree, WorldMap};
pub use element::Element;
pub use form::{Action, Form, Input, Style};
pub use frame::{Notice, Page, Paragraph, Section, Tone, columns, fold, stack, tabs};
pub use story::{Progress, Timeline};
