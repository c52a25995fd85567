//! Figures and details.

use super::sample::{DAY, HOUR, NOW, Part, Say, at, line, opens, part, section, series};
use crate::shape::{Cell, Due, NodeKind, Place, Stat, Text};

fn stat(key: &str, label: Text, value: Cell, delta: Option<Cell>, level: Option<u8>) -> Part {
    part(key, NodeKind::Stat(Stat { label, value, delta, level }))
}

pub(super) fn parts(s: Say) -> Vec<Part> {
    let trend = [41.0, 38.0, 52.0, 47.0, 60.0, 58.0, 66.0];
    let days = |ys: &[f64]| ys.iter().enumerate().map(|(i, y)| (format!("{}", i + 1), *y)).collect();
    let due = |left: i64| Cell::Due(Due { at: NOW, limit: NOW + left });
    let place =
        Place {
            id: Some(4), at: Some(at(115.8921, 28.6765)), label: s.t("西湖区朝阳洲街道", "Chaoyangzhou, Xihu")
        };
    let cells = vec![
        ("文字", "Text", s.c("路灯不亮", "Street light out")),
        ("整数", "Whole number", Cell::Int(1_284_503)),
        ("小数", "Number", Cell::Num(12.75)),
        ("是否", "Yes or no", Cell::Flag(true)),
        ("时间", "Time", Cell::Time(NOW - 3 * HOUR)),
        ("日期", "Date", Cell::Date(NOW)),
        ("时长", "Duration", Cell::Duration(93_784)),
        ("代码", "Code", s.c("市政设施", "Street works")),
        ("状态", "State", Cell::Status(s.s("办理中", "under way"))),
        ("级别一", "Level 1", Cell::Level(1)),
        ("级别二", "Level 2", Cell::Level(2)),
        ("级别三", "Level 3", Cell::Level(3)),
        ("级别四", "Level 4", Cell::Level(4)),
        ("期限正常", "In time", due(5 * DAY)),
        ("期限临近", "Due soon", due(4 * HOUR)),
        ("超期", "Overdue", due(-2 * DAY)),
        ("地点", "Place", Cell::Place(place)),
        ("人员（脱敏）", "Person, masked", Cell::Person(1_024)),
        ("金额", "Money", Cell::Money(12_800.5)),
        ("比例", "Share", Cell::Percent(0.956)),
        ("标签", "Tags", Cell::Tags(vec![s.s("消防通道", "fire exit"), s.s("重复反映", "reported again")])),
        ("空", "Nothing", Cell::None),
    ];
    let lines =
        cells.into_iter().enumerate().map(|(i, (zh, en, cell))| line(&format!("l{i}"), s.t(zh, en), cell)).collect();
    vec![
        stat("open", s.t("待办", "Open"), Cell::Int(128), Some(s.c("较昨日 +12", "12 more than yesterday")), None)
            .with(vec![series("t", s.t("七日", "7 days"), days(&trend)), opens("o", s.t("待办", "Open"))]),
        stat("over", s.t("超期", "Overdue"), Cell::Int(3), None, Some(1)),
        stat("soon", s.t("临期", "Due soon"), Cell::Int(17), None, Some(2)),
        stat("rate", s.t("按期办结率", "Closed in time"), Cell::Percent(0.962), Some(s.c("本月", "this month")), None),
        stat("time", s.t("平均办理时长", "Mean time to close"), Cell::Duration(151_200), None, None),
        section(
            "detail",
            s.t("明细：每种值", "Details: every kind of value"),
            vec![part("d", NodeKind::Detail).with(lines)],
        ),
    ]
}
