//! What the reporter says of how it went: outcome and manner, 1 to 5, and words. Once, after closing, by the reporter alone.
//!
//! It is about a matter: counted by category and by unit, where there are five or more, and never by a person; whoever handled it is
//! not in it. The words are sealed under a key of their own, and are read by whoever checks, for a purpose.

use crate::report::Report;
use changzhi_sdk::prelude::*;
use std::collections::BTreeMap;

/// Fewer than this are not shown: who said it would be known.
const LEAST: u64 = 5;

#[derive(Facet)]
#[facet(name = "services.rating", on = events, label = "rating")]
pub struct Rating {
    /// `MATTER`: one matter is rated once.
    #[field(unique, internal, max_len = 24)]
    pub reference: String,
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(code, options = ["rated-1", "rated-2", "rated-3", "rated-4", "rated-5"], label = "rated-outcome")]
    pub outcome: String,
    #[field(code, options = ["rated-1", "rated-2", "rated-3", "rated-4", "rated-5"], label = "rated-manner")]
    pub manner: String,
    #[field(code, max_len = 128)]
    pub agency: String,
    #[field(long_text, personal, max_len = 4000, label = "rated-words")]
    pub words: Option<String>,
}

#[derive(Body)]
pub struct Rate {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(code, name = "rated-outcome", options = ["rated-5", "rated-4", "rated-3", "rated-2", "rated-1"])]
    pub rated_outcome: String,
    #[field(code, name = "rated-manner", options = ["rated-5", "rated-4", "rated-3", "rated-2", "rated-1"])]
    pub rated_manner: String,
    #[field(long_text, personal, max_len = 4000, name = "rated-words")]
    pub rated_words: Option<String>,
}

/// The reporter rates a closed matter; a second time is refused.
#[command(label = "rate", roles = ["reporter"])]
pub fn rate(ctx: &Context, body: Rate) -> Result<Changes, Refusal> {
    let (state, category, within) = get(body.matter, (core_fields::STATE, core_fields::CATEGORY, core_fields::WITHIN))?;
    if state.as_deref() != Some("closed") {
        return Err(Refusal::conflict("rate-when-closed"));
    }
    if is_rated(body.matter)? {
        return Err(Refusal::conflict("rated-already"));
    }
    let agency = get(body.matter, Report::AGENCY)?.unwrap_or_else(|| "–".into());
    let mut changes = Changes::new();
    let new = New::of("rating", ctx.now).category(category.unwrap_or_default()).within(within);
    let rating = changes.create(new);
    changes.put(
        rating,
        Rating {
            reference: body.matter.to_string(),
            matter: body.matter,
            outcome: body.rated_outcome,
            manner: body.rated_manner,
            agency,
            words: body.rated_words,
        },
    );
    changes.answer("matter", body.matter);
    Ok(changes)
}

/// Whether its reporter has said how it went.
pub(crate) fn is_rated(matter: EntityId) -> Result<bool, Refusal> {
    Ok(find(Rating::REFERENCE, matter.to_string())?.is_some())
}

/// The words of a rating, for whoever checks and a purpose.
pub(crate) fn words(matter: EntityId) -> Result<Option<String>, Refusal> {
    match find(Rating::REFERENCE, matter.to_string())? {
        Some(rating) => Ok(reveal(rating, Rating::WORDS)?),
        None => Ok(None),
    }
}

/// Number of ratings, and the sums of both.
#[derive(Default)]
struct Sum {
    count: u64,
    outcome: u64,
    manner: u64,
}

type Sums = BTreeMap<String, Sum>;

/// `rated-1` to `rated-5`.
fn points(code: &str) -> u64 {
    code.strip_prefix("rated-").and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn summed(by: impl Fn(Tally) -> Tally) -> Result<Sums, Refusal> {
    let mut sums = Sums::new();
    for cell in by(Tally::kind("rating")).by(Rating::OUTCOME).run()?.rows() {
        let sum = sums.entry(cell.key(0).to_owned()).or_default();
        sum.count += cell.count;
        sum.outcome += cell.count * points(cell.key(1));
    }
    for cell in by(Tally::kind("rating")).by(Rating::MANNER).run()?.rows() {
        sums.entry(cell.key(0).to_owned()).or_default().manner += cell.count * points(cell.key(1));
    }
    Ok(sums)
}

fn table(key: &str, sums: &Sums, name: impl Fn(&str) -> Cell) -> Table {
    let table = Table::new()
        .key(key)
        .col("of", if key == "by-category" { "category" } else { "agency" })
        .num_col("count", "count")
        .num_col("outcome", "rated-outcome")
        .num_col("manner", "rated-manner");
    // Of what is left out nothing is said, not even how much it is.
    sums.iter().filter(|(_, sum)| sum.count >= LEAST).fold(table, |table, (of, sum)| {
        let mean = |n: u64| Cell::from((n as f64 * 10.0 / sum.count as f64).round() / 10.0);
        table.plain_row(of, [name(of), sum.count.into(), mean(sum.outcome), mean(sum.manner)])
    })
}

/// Means by category and by unit.
#[view(label = "satisfaction", listed, roles = ["operator", "admin", "verifier", "official"])]
pub fn satisfaction(_ctx: &Context) -> Result<Page, Refusal> {
    let categories = summed(|t| t.by(core_fields::CATEGORY))?;
    let units = summed(|t| t.by(Rating::AGENCY))?;
    let by_category = table("by-category", &categories, |code| Cell::code(format!("category-{code}")));
    let by_unit = table("by-unit", &units, |unit| unit.into());
    Ok(Page::new("satisfaction")
        .add(Notice::new(Tone::Info, "satisfaction-help"))
        .add(Section::new("by-category").empty("too-few-ratings").add(by_category))
        .add(Section::new("by-unit").empty("too-few-ratings").add(by_unit)))
}
