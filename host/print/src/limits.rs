//! How much is printed in one piece. Checked before anything is laid out, so that the time it takes is bounded too.

use crate::fault::Fault;
use crate::paper::{Block, Paper};

/// Bytes of a paper as JSON.
pub const BYTES: usize = 8 << 20;
/// Blocks and what they consist of: lines, rows, steps.
pub const PARTS: u64 = 20_000;
/// Cells of all tables.
pub const CELLS: u64 = 40_000;
/// Columns of one table.
pub const COLUMNS: u64 = 32;
/// Letters of all texts.
pub const LETTERS: u64 = 1_000_000;
/// Pages of the PDF.
pub const PAGES: u64 = 300;
/// Bytes of the PDF.
pub const PDF: usize = 64 << 20;

impl Paper {
    /// Whether this can be printed in one piece.
    ///
    /// # Errors
    /// [`Fault::Beyond`] with the first number that is too large.
    pub fn check(&self) -> Result<(), Fault> {
        let mut letters = 0u64;
        self.each_text(&mut |text| letters += text.chars().count() as u64);
        let (mut parts, mut cells, mut columns) = (0u64, 0u64, 0u64);
        for block in &self.blocks {
            parts += 1 + block.parts();
            if let Block::Table { columns: head, rows } = block {
                cells += rows.iter().map(|row| row.len() as u64).sum::<u64>();
                columns = columns.max(head.len() as u64).max(rows.iter().map(|r| r.len() as u64).max().unwrap_or(0));
            }
        }
        let all = [
            ("letters", letters, LETTERS),
            ("parts", parts, PARTS),
            ("cells", cells, CELLS),
            ("columns", columns, COLUMNS),
        ];
        match all.into_iter().find(|(_, count, limit)| count > limit) {
            Some((what, count, limit)) => Err(Fault::Beyond { what: what.to_owned(), count, limit }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::{Column, Run};

    #[test]
    fn a_paper_beyond_a_limit_is_refused_with_its_number() {
        let mut paper = Paper::new("t");
        paper.blocks = vec![Block::Prose { runs: vec![Run::plain("字".repeat(LETTERS as usize))] }];
        let told = paper.check().unwrap_err();
        // Title and foot are letters too.
        assert_eq!(told, Fault::Beyond { what: "letters".into(), count: LETTERS + 10, limit: LETTERS });
        paper.blocks = vec![Block::Small { text: String::new() }; PARTS as usize + 1];
        assert!(paper.check().unwrap_err().to_string().starts_with("20001 parts"));
        let column = Column { label: "c".into(), numeric: false };
        paper.blocks = vec![Block::Table { columns: vec![column; 33], rows: Vec::new() }];
        assert!(paper.check().unwrap_err().to_string().starts_with("33 columns"));
        paper.blocks = vec![Block::Table { columns: Vec::new(), rows: vec![vec![String::new(); 30]; 2_000] }];
        assert!(paper.check().unwrap_err().to_string().starts_with("60000 cells"));
        paper.blocks.clear();
        assert_eq!(paper.check(), Ok(()));
    }
}
