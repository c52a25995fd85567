//! The clause bank: pieces an agreement is put together from, in plain language. Built in; each has blanks in 【】 that somebody must fill.

/// Code, Chinese, English. Written for this project.
pub(super) const CLAUSES: [(&str, &str, &str); 10] = [
    (
        "pay-once",
        "{a}于【日期】前一次性向{b}支付人民币【金额】元，付款方式为【方式】。",
        "{a} pays {b} RMB 【amount】 in one sum by 【date】, by 【way of payment】.",
    ),
    (
        "pay-instalments",
        "{a}分【期数】期向{b}支付人民币共计【金额】元，每期金额和日期见履行计划。",
        "{a} pays {b} RMB 【amount】 in 【number】 instalments; sums and days are in the plan of performance.",
    ),
    (
        "repair",
        "{a}于【日期】前修复【物品或部位】，费用由【哪一方】承担，完成后双方到场查看。",
        "{a} repairs 【what】 by 【date】 at the cost of 【whom】; both sides look at it when it is done.",
    ),
    ("hand-over", "{a}于【日期】前向{b}交还【物品】。", "{a} hands 【what】 over to {b} by 【date】."),
    ("quiet", "{a}在每日【时段】不【行为】。", "{a} does not 【do what】 between 【hours】 each day."),
    (
        "way-kept-free",
        "{a}保持【通道】畅通，不堆放物品，不停放车辆。",
        "{a} keeps 【passage】 free of things and vehicles.",
    ),
    (
        "apology",
        "{a}就【事由】向{b}当面致歉，{b}接受。",
        "{a} apologises to {b} in person for 【what】, and {b} accepts.",
    ),
    (
        "late",
        "{a}逾期未履行的，自逾期之日起按【标准】支付违约金。",
        "If {a} is late, 【rate】 is due from that day on.",
    ),
    (
        "settled",
        "本协议履行完毕后，各方就本纠纷再无其他争议。",
        "Once this is performed, nothing of this dispute is open between the parties.",
    ),
    (
        "confirmation",
        "各方同意自协议生效之日起三十日内共同向人民法院申请司法确认。",
        "The parties ask the court together to confirm this within thirty days of its taking effect.",
    ),
];

/// The text of some clauses, in their order in the bank, numbered.
pub(super) fn text(codes: &[&str], locale: &str, sides: (&str, &str)) -> String {
    let english = locale.starts_with("en");
    let chosen = CLAUSES.iter().filter(|(code, ..)| codes.contains(code));
    let line = |(n, (_, zh, en)): (usize, &(&str, &str, &str))| {
        let text = if english { en } else { zh };
        format!("{}. {}", n + 1, text.replace("{a}", sides.0).replace("{b}", sides.1))
    };
    chosen.enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// A blank that nobody has filled; the first of them.
pub(super) fn blank(text: &str) -> Option<&str> {
    let from = text.find('【')?;
    let rest = text.get(from..)?;
    Some(rest.find('】').and_then(|to| rest.get(..to + '】'.len_utf8())).unwrap_or("【"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_numbered_in_the_order_of_the_bank_and_name_the_sides() {
        let made = text(&["settled", "pay-once"], "zh-CN", ("甲方", "乙方"));
        assert!(made.starts_with("1. 甲方于") && made.contains("\n2. 本协议"), "{made}");
        assert!(text(&["apology"], "en", ("A", "B")).starts_with("1. A apologises to B"));
    }

    #[test]
    fn a_blank_is_found_and_a_filled_text_has_none() {
        assert_eq!(blank("支付【金额】元，【日期】"), Some("【金额】"));
        assert_eq!(blank("支付 500 元"), None);
        assert_eq!(blank("半个【"), Some("【"));
    }

    #[test]
    fn every_clause_is_said_in_both_languages_once() {
        for (i, (code, zh, en)) in CLAUSES.iter().enumerate() {
            assert!(!zh.is_empty() && !en.is_empty(), "{code}");
            assert!(CLAUSES.iter().skip(i + 1).all(|c| c.0 != *code), "{code}");
        }
    }
}
