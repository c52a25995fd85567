//! Indicators as versioned definitions (一体考评, requirements §2.6), and the definitions that are refused.

use changzhi_sdk::prelude::*;

/// One version of a definition. Versions are never changed: a new definition is a new version.
#[derive(Facet)]
#[facet(name = "decision.indicator", on = events, label = "indicator")]
pub struct Indicator {
    /// `CODE@VERSION`
    #[field(unique, max_len = 80)]
    pub key: String,
    #[field(code, max_len = 64)]
    pub code: String,
    #[field(min = 1)]
    pub version: i64,
    #[field(max_len = 120)]
    pub title: String,
    #[field(long_text)]
    pub why: String,
    #[field(code)]
    pub counts: String,
    #[field(code)]
    pub among: String,
    #[field(code)]
    pub direction: String,
    #[field(name = "min-n", min = 1)]
    pub min_n: i64,
    pub interval: bool,
}

#[derive(Body, Clone)]
pub struct Definition {
    #[field(code, max_len = 64)]
    pub code: String,
    #[field(max_len = 120)]
    pub title: String,
    #[field(long_text, max_len = 4000)]
    pub why: String,
    /// What is counted.
    #[field(code, options = ["accepted-on-time", "answered-on-time", "closed-verified", "solved", "reopened", "hand-offs", "button-tests", "hazards-rechecked", "reports", "disputes", "petitions", "forms"])]
    pub counts: String,
    /// Among what: nothing is a bare count.
    #[field(code, options = ["nothing", "matters", "answered-matters", "closed-matters", "buttons", "hazards"])]
    pub among: String,
    #[field(code, options = ["more-is-better", "fewer-is-better", "no-direction"])]
    pub direction: String,
    #[field(name = "min-n", min = 1)]
    pub min_n: i64,
    pub interval: bool,
}

/// What people file, which must be free to be much or little.
const FILED: [&str; 3] = ["reports", "disputes", "petitions"];
const ENOUGH: i64 = 30;

/// Why a definition is refused: every reason at once.
pub(crate) fn lint(d: &Definition) -> Vec<Problem> {
    let mut problems = Vec::new();
    let filed = FILED.contains(&d.counts.as_str());
    if filed && d.direction == "fewer-is-better" {
        problems.push(Problem::of("direction", "fewer-reports-refused"));
    }
    if (filed || d.counts == "forms") && d.direction == "more-is-better" {
        problems.push(Problem::of("direction", "more-counts-refused"));
    }
    if d.among == "nothing" && d.direction != "no-direction" {
        problems.push(Problem::of("among", "bare-count-refused"));
    }
    if d.min_n < ENOUGH && !d.interval {
        problems.push(Problem::of("min-n", "small-n-refused"));
    }
    if d.why.trim().is_empty() {
        problems.push(Problem::of("why", "why-needed"));
    }
    problems
}

#[command(label = "define-indicator", roles = ["official", "admin"])]
pub fn define_indicator(ctx: &Context, body: Definition) -> Result<Changes, Refusal> {
    Refusal::problems(lint(&body))?;
    let versions = Query::kind("indicator")
        .field(Indicator::VERSION)
        .filter(Indicator::CODE.is(body.code.clone()))
        .descending(Indicator::VERSION)
        .limit(1)
        .run()?;
    let version = versions.column(Indicator::VERSION)?.get(0).unwrap_or(0) + 1;
    let mut changes = Changes::new();
    let id = changes.create(New::of("indicator", ctx.now).within(ctx.place));
    changes.put(
        id,
        Indicator {
            key: format!("{}@{version}", body.code),
            code: body.code,
            version,
            title: body.title,
            why: body.why,
            counts: body.counts,
            among: body.among,
            direction: body.direction,
            min_n: body.min_n,
            interval: body.interval,
        },
    );
    changes.answer("indicator", id).answer("version", version);
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(counts: &str, among: &str, direction: &str) -> Definition {
        Definition {
            code: "x".into(),
            title: "x".into(),
            why: "因为".into(),
            counts: counts.into(),
            among: among.into(),
            direction: direction.into(),
            min_n: 30,
            interval: false,
        }
    }

    fn fields(d: &Definition) -> Vec<String> {
        lint(d).into_iter().map(|p| p.field).collect()
    }

    #[test]
    fn fewer_reports_is_never_better_and_more_is_never_rewarded() {
        for filed in FILED {
            for direction in ["fewer-is-better", "more-is-better"] {
                assert_eq!(fields(&definition(filed, "matters", direction)), ["direction"], "{filed} {direction}");
            }
            assert!(lint(&definition(filed, "nothing", "no-direction")).is_empty());
        }
    }

    #[test]
    fn a_fair_share_passes_and_a_small_sample_needs_its_interval() {
        let good = definition("closed-verified", "closed-matters", "more-is-better");
        assert!(lint(&good).is_empty());
        assert_eq!(fields(&Definition { min_n: 29, ..good.clone() }), ["min-n"]);
        assert!(lint(&Definition { min_n: 29, interval: true, ..good.clone() }).is_empty());
        assert_eq!(fields(&Definition { among: "nothing".into(), ..good }), ["among"]);
    }
}
