//! XLSX: numbers as numbers, times as times, texts as texts, whatever they begin with.

use super::Sheet;
use crate::render::Plain;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, XlsxError};

/// A cell of a sheet holds no more.
const CHARS_MAX: usize = 32_767;
const NAME_MAX: usize = 31;

pub(super) fn write(sheet: &Sheet) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.set_name(name(&sheet.title))?;
    let bold = Format::new().set_bold();
    let time = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let day = Format::new().set_num_format("yyyy-mm-dd");
    for (c, head) in (0_u16..).zip(&sheet.head) {
        page.write_string_with_format(0, c, cut(head), &bold)?;
    }
    page.set_freeze_panes(1, 0)?;
    let mut r = 1_u32;
    for row in &sheet.rows {
        for (c, cell) in (0_u16..).zip(row) {
            match cell {
                Plain::Empty => {}
                Plain::Words(s) => {
                    page.write_string(r, c, cut(s))?;
                }
                Plain::Number(n) => {
                    page.write_number(r, c, *n)?;
                }
                // Seconds are as fine as a sheet shows; before 1900 there are no sheets.
                Plain::Time(t) => match ExcelDateTime::from_timestamp(t.div_euclid(1_000_000)) {
                    Ok(at) => {
                        page.write_datetime_with_format(r, c, &at, &time)?;
                    }
                    Err(_) => {
                        page.write_number(r, c, *t as f64)?;
                    }
                },
                Plain::Day(t) => match ExcelDateTime::from_timestamp(t.div_euclid(1_000_000)) {
                    Ok(at) => {
                        page.write_datetime_with_format(r, c, &at, &day)?;
                    }
                    Err(_) => {
                        page.write_number(r, c, *t as f64)?;
                    }
                },
            }
        }
        r += 1;
    }
    if let Some(said) = &sheet.cut {
        page.write_string_with_format(r, 0, cut(said), &bold)?;
    }
    page.autofit();
    book.save_to_buffer()
}

fn cut(s: &str) -> String {
    s.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).take(CHARS_MAX).collect()
}

/// As sheets may be named.
fn name(title: &str) -> String {
    let kept: String = title.chars().filter(|c| !c.is_control() && !"[]:*?/\\'".contains(*c)).take(NAME_MAX).collect();
    let kept = kept.trim();
    if kept.is_empty() { "Sheet1".to_owned() } else { kept.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader, Xlsx};

    #[test]
    fn another_program_reads_the_sheet_as_it_was_meant() {
        let evil = "=cmd|' /C calc'!A0";
        let sheet = Sheet {
            title: "a/b:c*[清单]".into(),
            head: vec!["名称".into(), "n".into(), "t".into()],
            rows: vec![
                vec![Plain::Words(evil.into()), Plain::Number(-2.5), Plain::Time(1_767_225_600_000_000)],
                vec![Plain::Words("x".repeat(40_000)), Plain::Empty, Plain::Time(i64::MIN)],
            ],
            cut: Some("more".into()),
        };
        let bytes = write(&sheet).unwrap();
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["abc清单"]);
        let range = book.worksheet_range("abc清单").unwrap();
        assert_eq!(range.get((1, 0)), Some(&Data::String(evil.into())));
        assert_eq!(range.get((1, 1)), Some(&Data::Float(-2.5)));
        assert!(matches!(range.get((1, 2)), Some(Data::DateTime(_))));
        assert_eq!(range.get((3, 0)), Some(&Data::String("more".into())));
        assert!(book.worksheet_formula("abc清单").unwrap().used_cells().next().is_none(), "no formula at all");
    }
}
