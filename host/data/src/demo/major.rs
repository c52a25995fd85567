//! Two major events of the demo city: one approved for next week, with a gap that was accepted, and one that was held, stood down and
//! reviewed. Who does what is said by sign-in, because nobody approves their own plan.

/// A post and how many of which kind it asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MajorPost {
    pub name: &'static str,
    pub spot: &'static str,
    pub task: &'static str,
    pub need: i64,
    pub sort: &'static str,
    pub equipment: &'static str,
}

/// A stretch of an event, in minutes from its beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MajorShift {
    pub name: &'static str,
    pub from: i64,
    pub to: i64,
    /// Post by its place in the list, and a sign-in.
    pub people: &'static [(usize, &'static str)],
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MajorEvent {
    pub key: &'static str,
    pub title: &'static str,
    pub sort: &'static str,
    /// By code.
    pub place: &'static str,
    /// Minutes from now until it begins, and how long it is.
    pub begins: i64,
    pub minutes: i64,
    pub crowd: i64,
    pub commander: &'static str,
    pub deputy: &'static str,
    pub phones: &'static str,
    pub briefing: &'static str,
    pub hazards: &'static [(&'static str, &'static str)],
    pub posts: &'static [MajorPost],
    pub shifts: &'static [MajorShift],
    /// Why its gaps are accepted; empty: it has none.
    pub accepted: &'static str,
    /// What its review found; empty: it is to come.
    pub findings: &'static str,
    pub lesson: &'static str,
}

/// Who writes plans, and who approves them, by sign-in.
pub const PLANNER: &str = "duty";
pub const APPROVER: &str = "official";

const DAY: i64 = 24 * 60;
const HOUR: i64 = 60;

const FAIR: MajorEvent = MajorEvent {
    key: "fair",
    title: "新春灯会",
    sort: "festival",
    place: "360102",
    begins: 7 * DAY,
    minutes: 4 * HOUR,
    crowd: 8_000,
    commander: "duty",
    deputy: "operator",
    phones: "现场指挥部 0791-88880001\n医疗点 0791-88880002",
    briefing: "18:00 前到岗并签到。入口只进不出，出口只出不进；人流密集时听指挥部口令分批放行。\n发现老人、孩子走失，带到医疗点旁的服务台。",
    hazards: &[
        ("入口人流拥挤", "北门分批放行，单向通行；超过八千人暂停入场"),
        ("灯组短路起火", "每组灯旁两具灭火器，电工全程值守"),
        ("突降大雨", "提前三小时研判，取消则由指挥部统一发布"),
    ],
    posts: &[
        MajorPost {
            name: "北门入口",
            spot: "检票口外",
            task: "分批放行，维持单向通行",
            need: 1,
            sort: "guard",
            equipment: "对讲机、反光背心",
        },
        MajorPost {
            name: "南门出口",
            spot: "广场一侧",
            task: "保持出口畅通，只出不进",
            need: 1,
            sort: "guard",
            equipment: "对讲机、反光背心",
        },
        MajorPost {
            name: "医疗点",
            spot: "服务台旁",
            task: "现场救护",
            need: 1,
            sort: "medical",
            equipment: "急救箱、AED",
        },
        MajorPost {
            name: "灯区巡查",
            spot: "主灯区",
            task: "巡查火情与拥挤",
            need: 1,
            sort: "police",
            equipment: "对讲机",
        },
    ],
    shifts: &[
        MajorShift {
            name: "前半场",
            from: 0,
            to: 2 * HOUR,
            people: &[(0, "guard-1"), (1, "guard-2"), (2, "medical-1"), (3, "police-1")],
        },
        MajorShift {
            name: "后半场",
            from: 2 * HOUR,
            to: 4 * HOUR,
            people: &[(0, "guard-3"), (2, "medical-2"), (3, "police-2")],
        },
    ],
    accepted: "后半场南门出口由辖区派出所临时增派一人",
    findings: "",
    lesson: "",
};

const GAMES: MajorEvent = MajorEvent {
    key: "games",
    title: "社区运动会",
    sort: "match",
    place: "360103",
    begins: -3 * HOUR,
    minutes: 4 * HOUR,
    crowd: 600,
    commander: "duty",
    deputy: "operator",
    phones: "现场指挥部 0791-88880003",
    briefing: "比赛开始前半小时到岗。跑道内不留观众；有人受伤先报医疗点。",
    hazards: &[("运动员受伤", "医疗组在终点待命")],
    posts: &[
        MajorPost {
            name: "入口",
            spot: "操场东门",
            task: "引导入场，保持通道",
            need: 1,
            sort: "guard",
            equipment: "反光背心",
        },
        MajorPost {
            name: "终点医疗点",
            spot: "终点线旁",
            task: "现场救护",
            need: 1,
            sort: "medical",
            equipment: "急救箱",
        },
    ],
    shifts: &[MajorShift { name: "全场", from: 0, to: 4 * HOUR, people: &[(0, "guard-2"), (1, "medical-2")] }],
    accepted: "",
    findings: "总体平稳，提前结束。入口标识不够醒目。",
    lesson: "操场东门加设临时指示牌",
};

/// The events; the accounts they name are among [`super::accounts`], and can be sent ([`super::responders`]).
pub fn majors() -> [MajorEvent; 2] {
    [FAIR, GAMES]
}
