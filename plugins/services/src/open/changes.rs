//! How matters moved on, as everybody may see it: each step that led somewhere, with its time and without words.

use super::requests::{Which, of_list};
use crate::report::Report;
use crate::track_view::INNER;
use changzhi_sdk::prelude::*;
use changzhi_sdk::story;

/// Steps of one answer at most.
const ROWS: usize = 1_000;

#[derive(Body)]
pub struct Moved {
    pub from: Micros,
    pub to: Micros,
    #[field(entity = places)]
    pub place: Option<EntityId>,
}

/// Steps between two times of the matters that changed last, by matter, the oldest step first. A step has a number of its own within its
/// matter, which is for ever: a matter's history is only added to.
#[view(label = "open-changes")]
pub fn open_changes(_ctx: &Context, moved: Moved) -> Result<Page, Refusal> {
    let which = Which {
        ids: None,
        services: None,
        from: None,
        to: None,
        status: None,
        changed: Some(true),
        place: moved.place,
        page: None,
        size: Some(1_000),
    };
    let mut table = Table::new()
        .key("changes")
        .col("id", "code")
        .col("number", "version")
        .col("state", "state")
        .col("at", "created");
    let mut rows = 0;
    for matter in of_list(&which)? {
        let code = get(matter, Report::CODE)?.unwrap_or_default();
        let (state, at) = get(matter, (core_fields::STATE, core_fields::AT))?;
        let mut steps: Vec<(i64, Micros, String)> = Vec::new();
        for (number, step) in (1..).zip(story(matter)?) {
            let led = step.source != step.target && !INNER.contains(&step.event.as_str());
            if led && (moved.from..=moved.to).contains(&step.at) {
                steps.push((number, step.at, step.target));
            }
        }
        // A matter from before there were rules has no history: that it was filed, and how it stands.
        if let Some(at) = at.filter(|at| {
            steps.is_empty() && (moved.from..=moved.to).contains(at) && story(matter).is_ok_and(|s| s.is_empty())
        }) {
            steps.push((1, at, state.unwrap_or_default()));
        }
        for (number, at, state) in steps {
            let row = format!("{code}-{number}");
            let cells = [code.as_str().into(), number.into(), Cell::status(format!("state-{state}")), at.into()];
            table = table.plain_row(&row, cells);
            rows += 1;
        }
        if rows >= ROWS {
            break;
        }
    }
    Ok(Page::new("open-changes").add(table))
}
