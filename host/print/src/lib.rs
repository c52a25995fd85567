//! Pages for paper: what is printed, and the way to the program that sets it as PDF.
//!
//! Flow: whoever has a page makes a [`Paper`] of it (texts and nothing else: no markup, no source, no addresses to fetch);
//! [`Press`] hands it as JSON to `changzhi-typeset` and takes the PDF from its other end. That program is built apart (`typeset/`)
//! and run anew for every paper: a compiler of 180 packages has no place in the host, cannot be stopped from within, and need not
//! see anything but one page. It gets no environment, a bounded time, and is killed at its end.
//!
//! Invariants: a text is data at every step, so nothing in it can become an instruction of the typesetter. The same paper with the
//! same fonts is the same bytes: no clock, no random numbers, the date is the paper's own. What is beyond [`limits`] is refused with
//! its number, never cut silently.
//!
//! Price: a process and a look through the fonts for each paper, some tenths of a second; one paper is set at a time, eight wait.

mod fault;
pub mod limits;
mod paper;
#[cfg(feature = "press")]
mod press;
mod text;

pub use fault::Fault;
pub use paper::{Block, Column, Figure, Lang, Leaf, Line, Mark, Moment, Paper, Run, Signer, Stamp, Step, Tone};
#[cfg(feature = "press")]
pub use press::{Press, PressError};
