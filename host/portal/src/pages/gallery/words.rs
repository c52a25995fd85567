//! Paragraphs and notices.

use super::sample::{Part, Say, command, opens, part, section};
use crate::shape::{NodeKind, Notice, Style, Text, Tone};

fn notice(key: &str, tone: Tone, text: Text) -> Part {
    part(key, NodeKind::Notice(Notice { tone, text }))
}

pub(super) fn parts(s: Say) -> Vec<Part> {
    let long = s.t(
        "12345 热线转来：枫林小区 3 栋 2 单元楼道堆放电动车和纸箱，影响消防通道。\n居民希望本周内清理，并在楼下增设充电桩。",
        "From the 12345 line: e-bikes and boxes stand in the stairwell of Maple Court 3-2 and block the fire exit.\nResidents ask to have it cleared this week and to have chargers outside.",
    );
    vec![
        section(
            "p",
            s.t("段落", "Paragraphs"),
            vec![
                part("long", NodeKind::Paragraph(long)),
                part("short", NodeKind::Paragraph(s.t("已转属地街道办理。", "Passed on to the sub-district."))),
            ],
        ),
        section(
            "n",
            s.t("提示", "Notices"),
            vec![
                notice(
                    "info",
                    Tone::Info,
                    s.t("少于 5 件的数字不单独显示。", "Counts below 5 are not shown one by one."),
                ),
                notice("good", Tone::Good, s.t("调解协议已由双方签署。", "Both parties have signed the agreement.")),
                notice(
                    "warning",
                    Tone::Warning,
                    s.t("距离办结时限还有 4 小时。", "Four hours are left until it is due."),
                )
                .with(vec![
                    command("extend", s.t("申请延期", "Ask for more time"), Style::Plain),
                    opens("why", s.t("时限如何计算", "How the limit is counted")),
                ]),
                notice(
                    "danger",
                    Tone::Danger,
                    s.t(
                        "数据已有 20 分钟没有更新，请以电话核实为准。",
                        "The data is 20 minutes old: check by telephone.",
                    ),
                ),
            ],
        ),
    ]
}
