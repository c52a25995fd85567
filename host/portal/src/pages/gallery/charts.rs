//! Every shape of chart.

use super::sample::{Part, Say, other, part, section, series};
use crate::shape::{Chart, NodeKind, Text, Value};

fn chart(key: &str, shape: &str, x: Text, unit: Text, under: Vec<Part>) -> Part {
    part(key, NodeKind::Chart(Chart { shape: shape.to_owned(), x, unit })).with(under)
}

fn wave(from: usize, n: usize) -> Vec<(String, f64)> {
    (0..n).map(|i| (format!("{:02}", i + 1), 40.0 + ((i * 7 + from * 5) % 19) as f64 * 3.0 + i as f64)).collect()
}

pub(super) fn parts(s: Say) -> Vec<Part> {
    let month = || s.t("月份", "Month");
    let count = || s.t("件", "matters");
    let hot = || s.t("热线", "Hotline");
    let grid = || s.t("网格上报", "Grid workers");
    let named =
        |names: &[(&str, &str)], ys: &[f64]| names.iter().zip(ys).map(|((zh, en), y)| (s.s(zh, en), *y)).collect();
    let kinds = [
        ("市政设施", "Street works"),
        ("环境卫生", "Cleanliness"),
        ("消防安全隐患", "Fire hazards"),
        ("邻里纠纷调解", "Neighbours' disputes"),
        ("噪声", "Noise"),
    ];
    let limit =
        other("limit", "limit", s.t("上限", "Upper limit"), vec![("y", Value::Num(95.0)), ("level", Value::Int(2))]);
    vec![
        section(
            "line",
            s.t("折线与限值", "Lines with a limit"),
            vec![chart(
                "c",
                "line",
                month(),
                count(),
                vec![series("a", hot(), wave(1, 12)), series("b", grid(), wave(3, 12)), limit],
            )],
        ),
        section(
            "bar",
            s.t("柱", "Bars"),
            vec![chart(
                "c",
                "bar",
                month(),
                count(),
                vec![
                    series("a", hot(), wave(2, 6)),
                    series("b", grid(), wave(4, 6)),
                    series("c", s.t("巡查", "Patrols"), wave(5, 6)),
                ],
            )],
        ),
        section(
            "lying",
            s.t("长名称的柱", "Bars with long names"),
            vec![chart(
                "c",
                "bar",
                s.t("类别", "Category"),
                count(),
                vec![series("a", hot(), named(&kinds, &[321.0, 204.0, 97.0, 64.0, 12.0]))],
            )],
        ),
        section(
            "area",
            s.t("面积", "Area"),
            vec![chart("c", "area", month(), count(), vec![series("a", hot(), wave(6, 24))])],
        ),
        section(
            "pie",
            s.t("饼", "Pie"),
            vec![chart(
                "c",
                "pie",
                s.t("类别", "Category"),
                count(),
                vec![series("a", hot(), named(&kinds, &[321.0, 204.0, 97.0, 64.0, 12.0]))],
            )],
        ),
        section(
            "gauge",
            s.t("仪表", "Gauge"),
            vec![chart(
                "c",
                "gauge",
                month(),
                s.t("%", "%"),
                vec![
                    series("a", s.t("满意率", "Satisfied"), vec![("1".into(), 86.5)]),
                    other("l", "limit", s.t("目标", "Target"), vec![("y", Value::Num(90.0)), ("level", Value::Int(3))]),
                ],
            )],
        ),
        section(
            "scatter",
            s.t("散点", "Scatter"),
            vec![chart(
                "c",
                "scatter",
                s.t("距离（公里）", "Distance, km"),
                s.t("分钟", "minutes"),
                vec![series(
                    "a",
                    s.t("到场用时", "Time to arrive"),
                    (0..40)
                        .map(|i| {
                            (format!("{:.1}", i as f64 * 0.3 + 0.4), 4.0 + ((i * 13) % 11) as f64 + i as f64 * 0.4)
                        })
                        .collect(),
                )],
            )],
        ),
        section(
            "heat",
            s.t("热力表", "Heat"),
            vec![chart(
                "c",
                "heat",
                s.t("星期", "Weekday"),
                count(),
                vec![
                    series("a", s.t("上午", "Morning"), wave(1, 7)),
                    series("b", s.t("下午", "Afternoon"), wave(2, 7)),
                    series("c", s.t("夜间", "Night"), wave(6, 7)),
                ],
            )],
        ),
        section(
            "spark",
            s.t("迷你图", "Spark"),
            vec![chart("c", "spark", month(), count(), vec![series("a", hot(), wave(3, 14))])],
        ),
    ]
}
