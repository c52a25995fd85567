//! Telling a word that says something from one that only says "forwarded".
//!
//! The formulas of courtesy and of passing on are taken out; when one of passing on was there, nothing says that something was done,
//! and hardly anything is left (the name of a unit), nothing was said. Wrong the careful way round: what is not recognised counts.

/// Passing on.
const FORWARDED: [&str; 22] = [
    "已转交",
    "已转办",
    "已转派",
    "已转至",
    "已转给",
    "已转",
    "转交",
    "转办",
    "转派",
    "交办",
    "已派发",
    "已分派",
    "已移交",
    "移交",
    "已反馈给",
    "has been forwarded",
    "was forwarded",
    "forwarded",
    "passed on",
    "referred",
    "transferred",
    "sent on",
];

/// Courtesy, and the words around it.
const AROUND: [&str; 40] = [
    "尊敬的",
    "市民朋友",
    "市民",
    "网友",
    "您好",
    "你好",
    "您反映的",
    "您反馈的",
    "您的",
    "问题",
    "诉求",
    "来件",
    "工单",
    "事项",
    "我们",
    "我单位",
    "相关部门",
    "相关单位",
    "责任单位",
    "有关部门",
    "职能部门",
    "处理",
    "办理",
    "核实",
    "跟进",
    "请耐心等待",
    "请您耐心等待",
    "感谢您的",
    "感谢",
    "支持",
    "理解",
    "关注",
    "将尽快",
    "尽快",
    "dear resident",
    "thank you",
    "your report",
    "please wait",
    "the responsible",
    "department",
];

/// Something was done or found.
const DONE: [&str; 30] = [
    "修复", "修好", "更换", "清理", "清运", "完成", "解决", "整改", "拆除", "恢复", "安装", "赔偿", "退款", "到场",
    "现场", "查明", "约定", "预计", "将于", "fixed", "repaired", "replaced", "cleaned", "removed", "solved",
    "refunded", "on site", "found", "will be", "by the",
];

/// Characters that may be left: the name of a unit.
const LEFT: usize = 16;

/// True when the words say no more than that the matter was passed on.
pub(crate) fn only_forwarded(words: &str) -> bool {
    let mut rest = words.to_lowercase();
    if DONE.iter().any(|done| rest.contains(done)) {
        return false;
    }
    let before = rest.len();
    for formula in FORWARDED {
        rest = rest.replace(formula, "");
    }
    if rest.len() == before {
        return false;
    }
    for formula in AROUND {
        rest = rest.replace(formula, "");
    }
    rest.chars().filter(|c| c.is_alphanumeric()).count() <= LEFT
}

#[cfg(test)]
mod tests {
    use super::only_forwarded;

    #[test]
    fn a_word_that_only_passes_on_is_told_from_one_that_says_something() {
        for empty in [
            "已转办",
            "您好，您反映的问题已转交城市管理局处理，请耐心等待。",
            "尊敬的市民：您的诉求已转相关部门办理，感谢您的支持！",
            "Forwarded.",
            "Dear resident, your report has been forwarded to the responsible department. Thank you.",
        ] {
            assert!(only_forwarded(empty), "{empty}");
        }
        for said in [
            "",
            "灯泡已更换",
            "已转交城市管理局，城管局今天更换了灯泡。",
            "已转交电力公司，预计周五前恢复照明。",
            "施工队明天上午到场。",
            "Forwarded to the grid company; the lamp was replaced on Tuesday.",
            "该路段由建设单位管养，我们已与其约定本周内修复路面并清理碎石。",
        ] {
            assert!(!only_forwarded(said), "{said}");
        }
    }
}
