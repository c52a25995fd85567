//! Groups: below each other, beside each other, one at a time, folded away.

use super::sample::{Part, Say, part, section};
use crate::shape::{Layout, NodeKind, Section};

pub(super) fn parts(s: Say) -> Vec<Part> {
    let piece = |key: &str, zh: &str, en: &str| {
        section(key, s.t(zh, en), vec![part("p", NodeKind::Paragraph(s.t("这一节的内容。", "What is in this part.")))])
    };
    let three = || vec![piece("a", "受理", "Received"), piece("b", "办理", "Handled"), piece("c", "反馈", "Answered")];
    let helped = Section {
        title: s.t("带说明的一节", "A part with help"),
        help: Some(s.t("数据每分钟更新一次。", "The data is renewed every minute.")),
        empty: Some(s.t("今天没有新增。", "Nothing new today.")),
        live: true,
    };
    vec![
        part("columns", NodeKind::Group(Layout::Columns)).with(three()),
        part("tabs", NodeKind::Group(Layout::Tabs)).with(vec![
            piece("d", "基本情况", "Basics"),
            piece("e", "办理记录", "Records"),
            piece("f", "相关材料", "Material"),
        ]),
        part("fold", NodeKind::Group(Layout::Fold))
            .with(vec![piece("g", "历史版本", "Earlier versions"), piece("h", "操作日志", "Log")]),
        part("stack", NodeKind::Group(Layout::Stack)).with(vec![part("helped", NodeKind::Section(helped))]),
    ]
}
