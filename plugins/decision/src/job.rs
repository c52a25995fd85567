//! The monthly report as long work: one district a step, so that it can be stopped and goes on after a restart.

use crate::monthly_view::{Cells, cells, chosen};
use crate::suppress::{Shown, shown};
use changzhi_sdk::prelude::*;

/// One district's month. Written once; run again it is set to the counts of then.
#[derive(Facet)]
#[facet(name = "decision.month", on = events, label = "district-month")]
pub struct DistrictMonth {
    /// `MONTH@DISTRICT`
    #[field(unique, max_len = 40)]
    pub key: String,
    #[field(code)]
    pub month: String,
    #[field(entity = places)]
    pub district: EntityId,
    /// Matters; absent when fewer than five.
    pub matters: Option<i64>,
    #[field(name = "year-before")]
    pub year_before: Option<i64>,
    /// The kind most was reported of; absent when fewer than five.
    #[field(code)]
    pub most: Option<String>,
}

#[derive(Body)]
pub struct Of {
    #[field(max_len = 7)]
    pub month: Option<String>,
}

#[job(label = "monthly-report", roles = ["official", "admin"])]
pub fn monthly_report(ctx: &Context, of: Of, cursor: Option<Vec<u8>>) -> Result<Step, Refusal> {
    let month = chosen(of.month.as_deref(), ctx.now)?;
    let after = decode(cursor.as_deref()).ok_or_else(|| Refusal::other("cursor-form"))?;
    let districts = Query::kind("division")
        .field(core_fields::AT)
        .filter(core_fields::CATEGORY.is("district"))
        .after(EntityId(after.0))
        .limit(1)
        .run()?;
    let total = after.1 + districts.total();
    let Some(district) = districts.id(0) else {
        return Ok(Step::finished(after.1, Changes::none()));
    };
    let sums = Sums::of(&cells("district", month)?, district);
    let key = format!("{month}@{district}");
    let mut changes = Changes::new();
    let record = match find(DistrictMonth::KEY, key.clone())? {
        Some(known) => {
            changes.clear(known, DistrictMonth::MATTERS);
            changes.clear(known, DistrictMonth::YEAR_BEFORE);
            changes.clear(known, DistrictMonth::MOST);
            known
        }
        None => changes.create(New::of("district-month", month.begins()).within(district)),
    };
    changes.put(
        record,
        DistrictMonth {
            key,
            month: month.to_string(),
            district,
            matters: sums.matters,
            year_before: sums.before,
            most: sums.most,
        },
    );
    let done = after.1 + 1;
    Ok(if done < total {
        Step::next(done, total, encode(district.0, done), changes)
    } else {
        Step::finished(total, changes)
    })
}

/// Last district done and how many were.
fn encode(district: u64, done: u64) -> Vec<u8> {
    let mut out = district.to_le_bytes().to_vec();
    out.extend_from_slice(&done.to_le_bytes());
    out
}

fn decode(cursor: Option<&[u8]>) -> Option<(u64, u64)> {
    let Some(bytes) = cursor else { return Some((0, 0)) };
    let (district, done) = bytes.split_first_chunk::<8>()?;
    let done: [u8; 8] = done.try_into().ok()?;
    Some((u64::from_le_bytes(*district), u64::from_le_bytes(done)))
}

#[derive(PartialEq, Debug, Default)]
struct Sums {
    matters: Option<i64>,
    before: Option<i64>,
    most: Option<String>,
}

impl Sums {
    fn of(cells: &Cells, district: EntityId) -> Sums {
        let here = || cells.iter().filter(|((place, _), _)| *place == Some(district));
        let open = |n: u64| match shown(n) {
            Shown::Count(n) => i64::try_from(n).ok(),
            Shown::None => Some(0),
            Shown::Few => None,
        };
        let most = here().max_by(|a, b| a.1.0.cmp(&b.1.0).then_with(|| b.0.1.cmp(&a.0.1)));
        Sums {
            matters: open(here().map(|(_, n)| n.0).sum()),
            before: open(here().map(|(_, n)| n.1).sum()),
            most: most.filter(|(_, n)| matches!(shown(n.0), Shown::Count(_))).map(|((_, kind), _)| kind.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_read_back_and_a_foreign_one_is_refused() {
        assert_eq!(decode(None), Some((0, 0)));
        assert_eq!(decode(Some(&encode(77, 3))), Some((77, 3)));
        assert_eq!(decode(Some(b"short")), None);
    }

    #[test]
    fn a_districts_month_holds_its_own_counts_and_no_small_ones() {
        let (here, there) = (EntityId(1), EntityId(2));
        let mut cells = Cells::new();
        cells.insert((Some(here), "noise".into()), (6, 2));
        cells.insert((Some(here), "waste".into()), (6, 1));
        cells.insert((Some(there), "noise".into()), (4, 0));
        assert_eq!(Sums::of(&cells, here), Sums { matters: Some(12), before: None, most: Some("noise".into()) });
        assert_eq!(Sums::of(&cells, there), Sums { matters: None, before: Some(0), most: None });
    }
}
