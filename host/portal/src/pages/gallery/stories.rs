//! Timelines, progress, trees.

use super::sample::{DAY, HOUR, NOW, Part, Say, call, line, other, part, section, text};
use crate::shape::{Branch, Cell, Moment, NodeKind, Step, Text, Value};

fn moment(key: &str, at: i64, actor: Text, text: Text, level: Option<u8>) -> Part {
    part(key, NodeKind::Moment(Moment { at, actor, text, level }))
}

fn step(key: &str, label: Text, state: &str, at: Option<i64>) -> Part {
    part(key, NodeKind::Step(Step { label, state: state.to_owned(), at }))
}

fn branch(key: &str, label: Text, n: i64, under: Vec<Part>) -> Part {
    let open = Some(call("nothing", vec![("place", Value::Entity(3))]));
    part(key, NodeKind::Branch(Branch { label, value: Cell::Int(n), open })).with(under)
}

pub(super) fn parts(s: Say) -> Vec<Part> {
    let photo = other(
        "photo",
        "file",
        s.t("现场照片.jpg", "scene.jpg"),
        vec![
            ("kind", text("image")),
            ("bytes", Value::Int(482_113)),
            ("at", Value::Time(NOW - 5 * HOUR)),
            ("open", text("nothing")),
        ],
    );
    vec![
        section(
            "progress",
            s.t("进度", "Progress"),
            vec![part("p", NodeKind::Progress).with(vec![
                step("1", s.t("受理", "Received"), "done", Some(NOW - 2 * DAY)),
                step("2", s.t("派单", "Assigned"), "done", Some(NOW - DAY)),
                step("3", s.t("办理", "Handled"), "current", None).with(vec![line(
                    "due",
                    s.t("期限", "Due"),
                    Cell::Date(NOW + DAY),
                )]),
                step("4", s.t("核验", "Verified"), "open", None),
                step("5", s.t("回访", "Called back"), "open", None),
            ])],
        ),
        section(
            "timeline",
            s.t("经过", "What happened"),
            vec![part("t", NodeKind::Timeline).with(vec![
                    moment(
                        "1",
                        NOW - 2 * DAY,
                        s.t("居民", "Resident"),
                        s.t("反映楼道堆物。", "Reported a blocked stairwell."),
                        None,
                    ),
                    moment(
                        "2",
                        NOW - DAY,
                        s.t("指挥中心", "Centre"),
                        s.t("派给消防大队，同时抄送街道。", "Assigned to the fire brigade, the sub-district in copy."),
                        Some(2),
                    ),
                    moment(
                        "3",
                        NOW - 5 * HOUR,
                        s.t("消防大队", "Fire brigade"),
                        s.t("已到现场，正在清理。", "On site, clearing."),
                        None,
                    )
                    .with(vec![photo]),
                ])],
        ),
        section(
            "tree",
            s.t("层级", "Tree"),
            vec![part("r", NodeKind::Tree).with(vec![branch(
                "city",
                s.t("南昌市", "Nanchang"),
                1_284,
                vec![
                    branch(
                        "a",
                        s.t("西湖区", "Xihu"),
                        402,
                        vec![
                            branch("a1", s.t("朝阳洲街道", "Chaoyangzhou"), 96, vec![]),
                            branch("a2", s.t("系马桩街道", "Ximazhuang"), 71, vec![]),
                        ],
                    ),
                    branch("b", s.t("东湖区", "Donghu"), 377, vec![]),
                ],
            )])],
        ),
    ]
}
