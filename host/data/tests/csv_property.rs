//! The CSV reader against what was written, and against any bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_data::{Progress, ReadOptions, read};
use proptest::prelude::*;
use std::ops::ControlFlow;

/// Naive writer: every cell quoted, quotes doubled. Reading it back must give the cells.
fn written(table: &[Vec<String>], width: usize, newline: &str) -> String {
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let header = (0..width).map(|i| format!("c{i}")).collect::<Vec<_>>().join(",");
    let lines = table.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(","));
    std::iter::once(header).chain(lines).map(|line| line + newline).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, fork: false, ..ProptestConfig::default() })]

    #[test]
    fn what_was_written_is_read_back_with_its_lines_and_raw_input(
        width in 1_usize..5,
        seed in prop::collection::vec(prop::collection::vec("[a\",;\n\r 井盖]{0,12}", 5), 0..30),
        crlf in any::<bool>(),
    ) {
        let table: Vec<Vec<String>> = seed.into_iter().map(|row| row.into_iter().take(width).collect()).collect();
        let newline = if crlf { "\r\n" } else { "\n" };
        let text = written(&table, width, newline);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, &text).unwrap();
        let mut got = Vec::new();
        read(&path, &ReadOptions::default(), &Progress::default(), &mut |row| {
            got.push(row);
            ControlFlow::Continue(())
        })
        .unwrap();
        prop_assert_eq!(got.len(), table.len());
        let mut line = 2;
        for (row, cells) in got.iter().zip(&table) {
            prop_assert!(row.problem().is_none(), "{:?}", row);
            for (i, cell) in cells.iter().enumerate() {
                prop_assert_eq!(row.get(&format!("c{i}")), Some(cell.as_str()));
            }
            prop_assert_eq!(row.line, line);
            let raw = cells.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect::<Vec<_>>().join(",");
            prop_assert_eq!(&row.raw, &raw);
            line += 1 + raw.matches('\n').count() as u64;
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let dir = tempfile::tempdir().unwrap();
        for name in ["t.csv", "t.json", "t.xlsx"] {
            let path = dir.path().join(name);
            std::fs::write(&path, &bytes).unwrap();
            let mut rows = 0_usize;
            let _ = read(&path, &ReadOptions::default(), &Progress::default(), &mut |_| {
                rows += 1;
                ControlFlow::Continue(())
            });
            prop_assert!(rows <= bytes.len());
        }
    }
}
