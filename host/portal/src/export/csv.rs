//! CSV as sheets read it: UTF-8 with its mark, lines ended by CR LF (RFC 4180), and no cell a sheet would take for a formula.

use super::Sheet;
use crate::render::Plain;

/// What a sheet may take for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

pub(super) fn write(sheet: &Sheet, time: impl Fn(i64) -> String, day: impl Fn(i64) -> String) -> Vec<u8> {
    let mut out = String::from("\u{feff}");
    line(&mut out, sheet.head.iter().map(|h| words(h)));
    for row in &sheet.rows {
        line(
            &mut out,
            row.iter().map(|cell| match cell {
                Plain::Empty => String::new(),
                Plain::Words(s) => words(s),
                // A number is no formula, whatever its sign.
                Plain::Number(n) => n.to_string(),
                Plain::Time(t) => time(*t),
                Plain::Day(t) => day(*t),
            }),
        );
    }
    if let Some(cut) = &sheet.cut {
        line(&mut out, std::iter::once(words(cut)));
    }
    out.into_bytes()
}

fn line(out: &mut String, cells: impl Iterator<Item = String>) {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(&cell);
    }
    out.push_str("\r\n");
}

/// Quoted where it must be; a text that looks like a formula begins with an apostrophe.
fn words(s: &str) -> String {
    let formula = s.starts_with(FORMULA);
    if !formula && !s.contains([',', '"', '\n', '\r']) {
        return s.to_owned();
    }
    format!("\"{}{}\"", if formula { "'" } else { "" }, s.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_never_breaks_its_line() {
        let evil = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "a\"b", "a,b", "a\r\nb", "好"];
        let sheet = Sheet {
            title: String::new(),
            head: vec!["=h".into()],
            rows: evil.iter().map(|s| vec![Plain::Words((*s).into()), Plain::Number(-1.5)]).collect(),
            cut: Some("=more".into()),
        };
        let text = String::from_utf8(write(&sheet, |_| String::new(), |_| String::new())).unwrap();
        let mut read = ::csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.strip_prefix('\u{feff}').unwrap().as_bytes());
        let rows: Vec<Vec<String>> = read.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(rows.len(), evil.len() + 2);
        for (row, sent) in rows.iter().skip(1).zip(evil) {
            let bare = row[0].strip_prefix('\'').unwrap_or(&row[0]);
            assert_eq!(bare, sent);
            assert!(!row[0].starts_with(FORMULA), "{row:?}");
            assert_eq!(row[1], "-1.5");
        }
        assert_eq!((rows[0][0].as_str(), rows.last().unwrap()[0].as_str()), ("'=h", "'=more"));
    }
}
