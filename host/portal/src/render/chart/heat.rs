//! Heat: the table itself, each figure on a ground of its share of the greatest. The figure is always written on it.

use super::Figure;
use crate::render::plain;
use maud::{Markup, html};

pub(super) fn paint(fig: &Figure<'_, '_>, x: &str) -> Markup {
    let most = fig.values().fold(0.0_f64, f64::max);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 7")]
    let ground = |y: f64| if most > 0.0 { ((y / most).clamp(0.0, 1.0) * 7.0).round() as u8 } else { 0 };
    html! {
        div.scroll tabindex="0" role="group" aria-label=(fig.p.say("view-chart-table")) { table.heat {
            thead { tr { th scope="col" { (x) } @for x in &fig.xs { th scope="col" { (x) } } } }
            tbody { @for (label, s) in &fig.series { tr {
                th scope="row" { (label) }
                @for i in 0..fig.xs.len() {
                    @match fig.at(s, i) {
                        Some(y) => td class={"h" (ground(y))} { (plain::decimal(y)) },
                        None => td { "–" },
                    }
                }
            } } }
        } }
    }
}
