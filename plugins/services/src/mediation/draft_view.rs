//! The mediator's desk for terms: the clause bank on one side, the text on the other.

use super::case::{Case, opened};
use super::clauses::{CLAUSES, text};
use super::dispute::Terms;
use super::draft_terms;
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct Drafting {
    #[field(entity = events)]
    pub dispute: EntityId,
    /// Clauses chosen so far, split by spaces.
    #[field(max_len = 200)]
    pub clauses: Option<String>,
    #[field(name = "from-side", code)]
    pub from_side: Option<String>,
    #[field(name = "to-side", code)]
    pub to_side: Option<String>,
}

fn named(side: &str, locale: &str) -> String {
    let at = super::case::SIDES.iter().position(|s| *s == side).unwrap_or(0);
    if locale.starts_with("en") {
        format!("Party {}", side.to_uppercase())
    } else {
        let name = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"].get(at).copied().unwrap_or("甲");
        format!("{name}方")
    }
}

#[view(name = "drafting", label = "open-drafting", roles = ["mediator"])]
pub fn drafting(ctx: &Context, about: Drafting) -> Result<Page, Refusal> {
    let case = Case::of(about.dispute)?;
    case.mediating(ctx)?;
    let chosen = about.clauses.unwrap_or_default();
    let codes: Vec<&str> = chosen.split_whitespace().collect();
    let (from, to) = (about.from_side.unwrap_or_else(|| "b".into()), about.to_side.unwrap_or_else(|| "a".into()));
    let mut bank = Section::new("clause-bank").help("clause-bank-help");
    for (code, zh, en) in CLAUSES {
        let words = if ctx.locale.starts_with("en") { en } else { zh };
        let with: Vec<&str> = if codes.contains(&code) {
            codes.iter().copied().filter(|c| *c != code).collect()
        } else {
            codes.iter().copied().chain([code]).collect()
        };
        let label = if codes.contains(&code) { "clause-out" } else { "clause-in" };
        let action = Action::open(label, "drafting").with("dispute", about.dispute).with("clauses", with.join(" "));
        bank = bank
            .add(Paragraph::new(Text::plain(
                words.replace("{a}", &named(&from, &ctx.locale)).replace("{b}", &named(&to, &ctx.locale)),
            )))
            .add(action.with("from-side", from.as_str()).with("to-side", to.as_str()));
    }
    let before = match case.terms {
        Some(terms) => opened(terms, Terms::TEXT)?,
        None => None,
    };
    let made = text(&codes, &ctx.locale, (&named(&from, &ctx.locale), &named(&to, &ctx.locale)));
    let value = if made.is_empty() { before.unwrap_or_default() } else { made };
    let form = Form::of::<draft_terms>()
        .without("text")
        .with("dispute", about.dispute)
        .input(Input::new("text", "long-text", "text").required().hint("blanks-help").value(value));
    Ok(Page::new("open-drafting")
        .add(Section::new("text").add(form))
        .add(bank)
        .add(Action::open("back-to-dispute", "dispute").with("dispute", about.dispute)))
}
