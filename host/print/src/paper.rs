//! What is printed: a title and a row of blocks, all of it text.
//!
//! A paper is flat: what was nested on the page is said by the level of its headings and the depth of its leaves. The order of the
//! blocks is the order in which it is read.

use serde::{Deserialize, Serialize};

/// One page of the portal on any number of sheets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    pub title: String,
    pub lang: Lang,
    /// Whose paper it is: at the left of each sheet's head, and its author.
    pub agency: String,
    /// At the right of each sheet's head: who printed it, and when. Empty on a formal paper, which is the same for everybody.
    pub note: String,
    /// The foot of each sheet, with `{n}` and `{m}` for the number of the sheet and how many there are.
    pub foot: String,
    /// When it was made, for readers that show it. `None`: nothing is said, and nothing is made up.
    pub date: Option<Stamp>,
    /// An agreement, a decision: in serifs, its title in the middle, its paragraphs indented as is usual for such papers.
    pub formal: bool,
    pub blocks: Vec<Block>,
}

/// What hyphenation, quotes and spacing follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    Zh,
    En,
}

/// A time in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

/// One thing on a paper.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Block {
    /// Level 1 stands right under the title.
    Heading {
        level: u8,
        text: String,
    },
    Prose {
        runs: Vec<Run>,
    },
    Items {
        items: Vec<Vec<Run>>,
    },
    /// A remark in small letters.
    Small {
        text: String,
    },
    Notice {
        tone: Tone,
        label: String,
        runs: Vec<Run>,
    },
    Lines {
        lines: Vec<Line>,
    },
    Figures {
        figures: Vec<Figure>,
    },
    /// Each row has at most as many cells as there are columns. The head is repeated on each sheet.
    Table {
        columns: Vec<Column>,
        rows: Vec<Vec<String>>,
    },
    Steps {
        steps: Vec<Step>,
    },
    Moments {
        moments: Vec<Moment>,
    },
    Tree {
        leaves: Vec<Leaf>,
    },
    /// Something to be filled in by hand: a line, or boxes to tick.
    Field {
        label: String,
        hint: String,
        value: String,
        choices: Vec<String>,
        lines: u8,
    },
    /// Who signs: what was signed, or room to sign by hand.
    Signers {
        signers: Vec<Signer>,
    },
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    pub text: String,
    pub strong: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    Info,
    Good,
    Warning,
    Danger,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub label: String,
    pub value: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    pub label: String,
    pub value: String,
    /// What stands under it: a change, a level.
    pub note: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub label: String,
    /// Set to the right.
    pub numeric: bool,
}

/// How far something is; drawn, beside the word that says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    Done,
    Current,
    Open,
    Failed,
    /// Nothing is drawn: the word is enough.
    Other,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub mark: Mark,
    pub label: String,
    pub note: String,
    pub lines: Vec<Line>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    pub when: String,
    pub who: String,
    pub text: String,
    pub note: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    pub depth: u8,
    pub label: String,
    pub value: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    pub label: String,
    /// What was signed, and when; what is still open.
    pub note: String,
    /// Words before the lines to be written on by hand; none where it was signed already.
    pub by_hand: Vec<String>,
}

impl Run {
    pub fn plain(text: impl Into<String>) -> Run {
        Run { text: text.into(), strong: false }
    }

    pub fn strong(text: impl Into<String>) -> Run {
        Run { text: text.into(), strong: true }
    }
}

impl Paper {
    /// An empty paper in Chinese.
    pub fn new(title: impl Into<String>) -> Paper {
        Paper {
            title: title.into(),
            lang: Lang::Zh,
            agency: String::new(),
            note: String::new(),
            foot: "{n} / {m}".into(),
            date: None,
            formal: false,
            blocks: Vec::new(),
        }
    }

    /// Calls `see` for every text there is.
    pub fn each_text(&self, see: &mut dyn FnMut(&str)) {
        // The same walk serves both; the copy is of one paper.
        let mut copy = self.clone();
        copy.each_text_mut(&mut |text| see(text));
    }

    /// The same, to be changed.
    pub(crate) fn each_text_mut(&mut self, see: &mut dyn FnMut(&mut String)) {
        [&mut self.title, &mut self.agency, &mut self.note, &mut self.foot].into_iter().for_each(&mut *see);
        self.blocks.iter_mut().for_each(|block| block.each_text_mut(see));
    }
}

impl Block {
    /// How many things it consists of.
    pub(crate) fn parts(&self) -> u64 {
        let n = match self {
            Block::Heading { .. } | Block::Small { .. } => 0,
            Block::Prose { runs } | Block::Notice { runs, .. } => runs.len(),
            Block::Items { items } => items.iter().map(|i| 1 + i.len()).sum(),
            Block::Lines { lines } => lines.len(),
            Block::Figures { figures } => figures.len(),
            Block::Table { rows, .. } => rows.len(),
            Block::Steps { steps } => steps.iter().map(|s| 1 + s.lines.len()).sum(),
            Block::Moments { moments } => moments.len(),
            Block::Tree { leaves } => leaves.len(),
            Block::Field { choices, .. } => choices.len(),
            Block::Signers { signers } => signers.iter().map(|s| 1 + s.by_hand.len()).sum(),
        };
        n as u64
    }

    fn each_text_mut(&mut self, see: &mut dyn FnMut(&mut String)) {
        let lines = |lines: &mut [Line], see: &mut dyn FnMut(&mut String)| {
            lines.iter_mut().for_each(|l| [&mut l.label, &mut l.value].into_iter().for_each(&mut *see));
        };
        match self {
            Block::Heading { text, .. } | Block::Small { text } => see(text),
            Block::Prose { runs } => runs.iter_mut().for_each(|r| see(&mut r.text)),
            Block::Notice { label, runs, .. } => {
                see(label);
                runs.iter_mut().for_each(|r| see(&mut r.text));
            }
            Block::Items { items } => items.iter_mut().flatten().for_each(|r| see(&mut r.text)),
            Block::Lines { lines: all } => lines(all, see),
            Block::Figures { figures } => {
                figures
                    .iter_mut()
                    .for_each(|f| [&mut f.label, &mut f.value, &mut f.note].into_iter().for_each(&mut *see));
            }
            Block::Table { columns, rows } => {
                columns.iter_mut().for_each(|c| see(&mut c.label));
                rows.iter_mut().flatten().for_each(see);
            }
            Block::Steps { steps } => steps.iter_mut().for_each(|s| {
                [&mut s.label, &mut s.note].into_iter().for_each(&mut *see);
                lines(&mut s.lines, see);
            }),
            Block::Moments { moments } => moments.iter_mut().for_each(|m| {
                [&mut m.when, &mut m.who, &mut m.text, &mut m.note].into_iter().for_each(&mut *see);
            }),
            Block::Tree { leaves } => {
                leaves.iter_mut().for_each(|l| [&mut l.label, &mut l.value].into_iter().for_each(&mut *see));
            }
            Block::Field { label, hint, value, choices, .. } => {
                [label, hint, value].into_iter().chain(choices).for_each(see);
            }
            Block::Signers { signers } => signers.iter_mut().for_each(|s| {
                [&mut s.label, &mut s.note].into_iter().chain(&mut s.by_hand).for_each(&mut *see);
            }),
        }
    }
}
