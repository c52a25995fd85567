//! Answers to a category's questions: lines of `CODE=ANSWER`, checked against the version in force.
//!
//! A form asks the questions of every category, each shown under its own; its inputs are named `answers[CATEGORY.CODE]`, which the
//! host makes lines of. Programs send `CODE=ANSWER`. Answers to another category's questions are nobody's mistake and are left out.

use crate::category::{self, Datatype, Known};
use changzhi_sdk::prelude::*;

/// The lines that answer this category's questions, as `CODE=ANSWER`.
pub(crate) fn own(category: &str, answers: &str) -> Vec<(String, String)> {
    let line = |line: &str| {
        let (code, answer) = line.split_once('=')?;
        let code = match code.split_once('.') {
            Some((of, code)) if of == category => code,
            Some(_) => return None,
            None => code,
        };
        Some((code.trim().to_owned(), answer.trim().to_owned())).filter(|(_, a)| !a.is_empty())
    };
    answers.lines().filter_map(line).collect()
}

/// What is missing or wrong; `field` names the place of a question in the form.
pub(crate) fn wrong(known: &Known, given: &[(String, String)], field: impl Fn(&str) -> String) -> Vec<Problem> {
    let mut problems = Vec::new();
    for question in &known.questions {
        let mine: Vec<&str> = given.iter().filter(|(code, _)| *code == question.code).map(|(_, a)| a.trim()).collect();
        let field = field(&question.code);
        if question.required && mine.iter().all(|a| a.is_empty()) {
            problems.push(Problem::of(&field, Text::key("answer-needed").with("code", question.code.as_str())));
        } else if mine.len() > 1 && question.datatype != Datatype::Several {
            problems.push(Problem::of(&field, "answer-once"));
        } else if mine.iter().any(|a| !a.is_empty() && question.wrong(a)) {
            problems.push(Problem::of(&field, "answer-wrong"));
        }
    }
    for (code, _) in given {
        if !known.questions.iter().any(|q| q.code == *code) {
            problems.push(Problem::of(&field(code), "no-such-question"));
        }
    }
    problems
}

/// The words of a report with its answers under them, each with its question; `None`: nothing was said.
pub(crate) fn told(known: Option<&Known>, body: Option<String>, given: &[(String, String)]) -> Option<String> {
    let mut words = body.unwrap_or_default();
    for (at, (code, _)) in given.iter().enumerate() {
        // Several answers to one question stand together, where the first of them was given.
        if given.iter().take(at).any(|(earlier, _)| earlier == code) {
            continue;
        }
        let question = known.and_then(|k| k.questions.iter().find(|q| q.code == *code));
        let name = question.map_or(code.as_str(), |q| q.zh.as_str());
        let said = |answer: &str| {
            let choice = question.and_then(|q| q.values.iter().find(|v| v.key == answer));
            choice.map_or(answer, |v| v.zh.as_str()).to_owned()
        };
        let all: Vec<String> = given.iter().filter(|(of, _)| of == code).map(|(_, a)| said(a)).collect();
        if !words.is_empty() {
            words.push('\n');
        }
        words.push_str(&format!("{name}：{}", all.join("、")));
    }
    Some(words).filter(|w| !w.is_empty())
}

/// The questions of every category, each under its category: inputs of a form with an input `category`.
pub(crate) fn asked(ctx: &Context, mut form: Form) -> Result<Form, Refusal> {
    for known in category::all()?.into_iter().filter(|k| !k.questions.is_empty()) {
        let title = Text::key("when-category").with("name", known.name(&ctx.locale));
        let mut when = When::is(title, "category", &known.code);
        for question in &known.questions {
            let name = format!("answers[{}.{}]", known.code, question.code);
            let kind = match question.datatype {
                Datatype::Number => "num",
                Datatype::Text => "long-text",
                Datatype::Datetime => "time",
                Datatype::Several => "several",
                Datatype::String | Datatype::One => "text",
            };
            let mut input = Input::new(&name, kind, Text::plain(question.name(&ctx.locale)));
            if question.required {
                input = input.hint("answer-is-needed");
            }
            for choice in &question.values {
                let label = if ctx.locale.starts_with("en") { &choice.en } else { &choice.zh };
                input = input.option(choice.key.as_str(), Text::plain(label.as_str()));
            }
            when = when.input(input);
        }
        form = form.when(when);
    }
    Ok(form)
}

#[cfg(test)]
mod tests {
    use super::own;

    #[test]
    fn only_the_answers_of_the_own_category_count_and_empty_ones_are_none() {
        let lines =
            "street-light.lamp=street\ndrainage.water=knee\npole = 7\nroad.pole=8\nstreet-light.pole=\nnonsense";
        let own = own("street-light", lines);
        let own: Vec<_> = own.iter().map(|(c, a)| (c.as_str(), a.as_str())).collect();
        assert_eq!(own, [("lamp", "street"), ("pole", "7")]);
    }
}
