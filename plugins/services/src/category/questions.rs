//! The questions of a category, one a line: `code | type | required or optional | Chinese | English | key=Chinese/English, …`.

use changzhi_sdk::prelude::Text;

/// Questions of one category at most.
const QUESTIONS_MAX: usize = 40;
const VALUES_MAX: usize = 100;

/// The types of Open311.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Datatype {
    String,
    Number,
    Datetime,
    Text,
    One,
    Several,
}

impl Datatype {
    const ALL: [(Datatype, &str); 6] = [
        (Datatype::String, "string"),
        (Datatype::Number, "number"),
        (Datatype::Datetime, "datetime"),
        (Datatype::Text, "text"),
        (Datatype::One, "singlevaluelist"),
        (Datatype::Several, "multivaluelist"),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(d, _)| *d == self).map_or("string", |(_, name)| *name)
    }

    fn is_list(self) -> bool {
        matches!(self, Datatype::One | Datatype::Several)
    }
}

/// One answer that may be chosen.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Choice {
    pub(crate) key: String,
    pub(crate) zh: String,
    pub(crate) en: String,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Question {
    pub(crate) code: String,
    pub(crate) datatype: Datatype,
    pub(crate) required: bool,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) values: Vec<Choice>,
}

impl Question {
    pub(crate) fn name(&self, locale: &str) -> &str {
        if locale.starts_with("en") { &self.en } else { &self.zh }
    }

    /// Why this is no answer to it, if it is none.
    pub(crate) fn wrong(&self, answer: &str) -> bool {
        match self.datatype {
            Datatype::Number => answer.parse::<f64>().map_or(true, |n| !n.is_finite()),
            Datatype::One | Datatype::Several => !self.values.iter().any(|v| v.key == answer),
            _ => answer.chars().count() > 1_000,
        }
    }
}

pub(crate) fn is_code(code: &str) -> bool {
    (1..=48).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

/// The questions, or what is wrong with which line.
pub(crate) fn parse(text: &str) -> Result<Vec<Question>, Text> {
    let mut out: Vec<Question> = Vec::new();
    for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let wrong = |key: &str| Text::key(key).with("line", i64::try_from(n + 1).unwrap_or(i64::MAX));
        let question = one(line).map_err(&wrong)?;
        if out.len() == QUESTIONS_MAX || out.iter().any(|q| q.code == question.code) {
            return Err(wrong("question-twice"));
        }
        out.push(question);
    }
    Ok(out)
}

fn one(line: &str) -> Result<Question, &'static str> {
    let mut parts = line.split('|').map(str::trim);
    let mut next = || parts.next().filter(|p| !p.is_empty()).ok_or("question-parts");
    let (code, datatype, required, zh, en) = (next()?, next()?, next()?, next()?, next()?);
    if !is_code(code) {
        return Err("question-code");
    }
    let datatype = Datatype::ALL.iter().find(|(_, name)| *name == datatype).ok_or("question-type")?.0;
    let required = match required {
        "required" => true,
        "optional" => false,
        _ => return Err("question-required"),
    };
    let mut values = Vec::new();
    for choice in parts.next().unwrap_or("").split([',', '，']).map(str::trim).filter(|c| !c.is_empty()) {
        let (key, names) = choice.split_once('=').ok_or("question-values")?;
        let (zh, en) = names.split_once('/').unwrap_or((names, names));
        let (key, zh, en) = (key.trim(), zh.trim(), en.trim());
        if !is_code(key) || zh.is_empty() || en.is_empty() || values.len() == VALUES_MAX {
            return Err("question-values");
        }
        values.push(Choice { key: key.into(), zh: zh.into(), en: en.into() });
    }
    if parts.next().is_some() || datatype.is_list() == values.is_empty() {
        return Err("question-values");
    }
    Ok(Question { code: code.into(), datatype, required, zh: zh.into(), en: en.into(), values })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_question_and_a_wrong_one_is_named_by_its_number() {
        let good =
            "deep | number | required | 多深 | How deep\n\nkind|singlevaluelist|optional|种类|Kind|a=甲/A, b=乙/B";
        let questions = parse(good).unwrap();
        assert_eq!(questions.len(), 2);
        assert!(questions[0].required && questions[0].wrong("deep") && !questions[0].wrong("1.5"));
        assert!(questions[1].wrong("c") && !questions[1].wrong("b"));
        for bad in [
            "deep | number | required | 多深",
            "Deep | number | required | 多深 | x",
            "a | size | required | 多深 | x",
            "a | number | maybe | 多深 | x",
            "a | singlevaluelist | optional | 多深 | x",
            "a | number | optional | 多深 | x | a=b/c",
        ] {
            let Err(Text::Msg(why)) = parse(&format!("\n{bad}")) else { panic!("{bad}") };
            assert_eq!(why.args.len(), 1, "{bad}");
        }
        assert!(parse("a | text | optional | 问 | q\na | text | optional | 问 | q").is_err());
    }
}
