//! Conversations, papers, files, plans.

use super::sample::{DAY, HOUR, MINUTE, NOW, Part, Say, call, command, field, input, other, part, section, text};
use crate::shape::{Form, Input, NodeKind, Step, Style, Value};

pub(super) fn parts(s: Say) -> Vec<Part> {
    let message = |key: &str, by: (&str, &str), words: (&str, &str), ago: i64, more: Vec<(&'static str, Value)>| {
        let mut attributes = vec![("by", text(&s.s(by.0, by.1))), ("at", Value::Time(NOW - ago * MINUTE))];
        attributes.extend(more);
        other(key, "message", s.t(words.0, words.1), attributes)
    };
    let compose = part(
        "compose",
        NodeKind::Form(Form {
            submit: call("nothing", vec![("thread", Value::Entity(6))]),
            label: s.t("发送", "Send"),
            offline: false,
        }),
    )
    .with(vec![field(Input {
        required: true,
        max_len: 500,
        ..input("text", "long-text", s.t("消息", "Message"))
    })]);
    let signs = |key: &str, zh: &str, en: &str, state: &str, at: Option<i64>| {
        part(key, NodeKind::Step(Step { label: s.t(zh, en), state: state.to_owned(), at }))
    };
    let file = |key: &str, kind: &str, zh: &str, en: &str, bytes: i64| {
        other(
            key,
            "file",
            s.t(zh, en),
            vec![
                ("kind", text(kind)),
                ("bytes", Value::Int(bytes)),
                ("at", Value::Time(NOW - HOUR)),
                ("open", text("nothing")),
            ],
        )
    };
    let mark = |key: &str, sort: &str, zh: &str, en: &str, x: f64| {
        other(key, "plan-mark", s.t(zh, en), vec![("sort", text(sort)), ("x", Value::Num(x)), ("y", Value::Num(50.0))])
    };
    let member = |account: u64, zh: &str, en: &str| {
        other(&account.to_string(), "member", s.t(zh, en), vec![("account", Value::Entity(account))])
    };
    vec![
        section(
            "talk",
            s.t("沟通", "Conversation"),
            vec![
                other("t", "conversation", s.t("调解沟通", "Mediation talk"), vec![("visibility", text("all"))]).with(
                    vec![
                        message(
                            "1",
                            ("甲方", "Party A"),
                            ("水是从楼上漏下来的，墙面已经起皮。", "The water came from above; the wall peels."),
                            120,
                            vec![],
                        ),
                        message(
                            "2",
                            ("乙方", "Party B"),
                            ("我已请物业检查管道，结果出来就答复。", "I asked the caretaker to check the pipes."),
                            90,
                            vec![],
                        ),
                        message(
                            "3",
                            ("调解员", "Mediator"),
                            (
                                "好的。我们约明天下午三点一起看现场。",
                                "Good. Let us look at it together tomorrow at three.",
                            ),
                            60,
                            vec![("own", Value::Flag(true))],
                        ),
                        message(
                            "4",
                            ("调解员", "Mediator"),
                            ("内部备注：准备一份评估机构名单。", "Note: bring a list of assessors."),
                            50,
                            vec![("own", Value::Flag(true)), ("private", Value::Flag(true))],
                        ),
                        compose,
                    ],
                ),
            ],
        ),
        section(
            "room",
            s.t("线上会谈", "Online room"),
            vec![
                other(
                    "r",
                    "room",
                    s.t("请使用上面的文字沟通。", "Please use the talk in text above."),
                    vec![
                        ("room", Value::Entity(6)),
                        ("speaker", Value::Entity(12)),
                        ("until", Value::Time(NOW + 3 * MINUTE)),
                    ],
                )
                .with(vec![
                    member(11, "调解员", "Mediator"),
                    member(12, "甲方", "Party A"),
                    member(13, "乙方", "Party B"),
                ]),
            ],
        ),
        section(
            "when",
            s.t("日程", "Appointment"),
            vec![other(
                "a",
                "appointment",
                s.t("调解会议", "Mediation session"),
                vec![
                    ("at", Value::Time(NOW + DAY)),
                    ("uid", text("sample-1")),
                    ("minutes", Value::Int(120)),
                    ("place", text("305")),
                ],
            )],
        ),
        section(
            "paper",
            s.t("文书", "Paper"),
            vec![
                other(
                    "d",
                    "document",
                    s.t("人民调解协议书", "Mediation agreement"),
                    vec![
                        ("state", text("signing")),
                        ("version", Value::Int(3)),
                        ("pages", Value::Int(2)),
                        ("at", Value::Time(NOW - DAY)),
                        ("hash", text("9f2c 41aa 07e3 b6d8")),
                    ],
                )
                .with(vec![
                    signs("a", "甲方", "Party A", "done", Some(NOW - HOUR)),
                    signs("b", "乙方", "Party B", "current", None),
                    signs("m", "调解员", "Mediator", "open", None),
                    command("remind", s.t("提醒签署", "Remind to sign"), Style::Primary),
                ]),
            ],
        ),
        section(
            "files",
            s.t("材料", "Files"),
            vec![other("f", "media", s.t("现场材料", "Material from the scene"), vec![("max", Value::Int(9))]).with(
                vec![
                    file("1", "image", "天花板水渍.jpg", "ceiling.jpg", 482_113),
                    file("2", "audio", "情况说明.m4a", "statement.m4a", 1_200_431),
                    file("3", "file", "物业检查单.pdf", "caretaker.pdf", 98_020),
                ],
            )],
        ),
        section(
            "plan",
            s.t("平面图", "Plan"),
            vec![other("p", "plan", s.t("3 楼平面图", "Plan of floor 3"), vec![]).with(vec![
                mark("1", "entrance", "北门", "North gate", 12.0),
                mark("2", "assembly", "操场", "Sports ground", 95.0),
            ])],
        ),
    ]
}
