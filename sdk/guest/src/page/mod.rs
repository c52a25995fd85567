//! Pages as data. Each builder keeps its part of the flat pre-order list and counts its own children, so that a count can
//! never be wrong; which node may hold which is said by the types.

mod appointment;
mod board;
mod cell;
mod data;
mod duty;
mod element;
mod form;
mod frame;
mod map;
mod media;
mod part;
mod room;
mod story;

pub use appointment::Appointment;
pub use board::{Board, Card, CheckItem, Checklist, Lane};
pub use cell::{Cell, Due, Place};
pub use data::{Chart, Detail, Series, Stat, Table};
pub use duty::{Alarm, Alarms, Sos, Video, VideoMode};
pub use element::Element;
pub use form::{Action, Form, FormStep, Input, Style, When};
pub use frame::{Notice, Page, Paragraph, Section, Tone, columns, fold, stack, tabs};
pub use map::{Area, Branch, Layer, Track, TrackOf, Tree, WorldMap};
pub use media::{Conversation, Document, DocumentState, File, FileKind, Media, Message, SitePlan};
pub use part::{Pending, To};
pub use room::OnlineRoom;
pub use story::{Progress, Timeline};
