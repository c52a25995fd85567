//! The built-in set, for a city that has set none of its own.

use super::{Known, questions};

/// Code, Chinese, English, group, shown to everybody, lead unit, hours from filing to answer, words (see [`Known::words`]).
type Line = (&'static str, &'static str, &'static str, &'static str, bool, &'static str, i64, &'static str);

/// Where a report mostly lies at the home of whoever makes it, or is about a quarrel, its place is nobody else's business.
const SET: [Line; 29] = [
    ("noise", "噪声扰民", "Noise", "环境", false, "公安局", 72, "噪音,!广场舞,夜间施工噪声"),
    ("illegal-parking", "违法停车", "Illegal parking", "交通", true, "交通管理局", 24, "!乱停车,占用消防通道停车"),
    ("road-damage", "道路破损", "Road damage", "市政", true, "城市管理局", 120, "!路面坑洼,!道路塌陷,!pothole"),
    (
        "street-light",
        "路灯与信号灯",
        "Street and signal lights",
        "市政",
        true,
        "城市管理局",
        72,
        "!路灯不亮,!红绿灯故障,street light",
    ),
    ("drainage", "排水与积水", "Drainage and flooding", "市政", true, "城市管理局", 48, "井盖,!下水道堵塞,内涝"),
    ("water-supply", "供水", "Water supply", "公用", true, "城市管理局", 24, "!停水,水压低,自来水"),
    ("power-supply", "供电", "Power supply", "公用", true, "供电公司", 24, "!停电,电压不稳"),
    (
        "gas-heating",
        "燃气与供暖",
        "Gas and heating",
        "公用",
        true,
        "城市管理局",
        4,
        "!燃气泄漏,!煤气味,暖气不热,!gas leak",
    ),
    ("waste", "垃圾与保洁", "Waste and cleaning", "环境", true, "城市管理局", 48, "垃圾堆积,垃圾清运"),
    ("graffiti", "乱涂乱贴", "Graffiti and bills", "环境", true, "城市管理局", 72, "!小广告,!牛皮癣,graffiti"),
    ("street-vending", "占道经营", "Street vending", "市政", true, "城市管理局", 48, "流动摊贩,摆摊"),
    ("illegal-building", "违法建设", "Illegal building", "住建", true, "城市管理局", 360, "!违章建筑,!私搭乱建,违建"),
    ("construction-site", "工地施工", "Construction sites", "住建", true, "城乡建设局", 120, "工地扬尘,渣土车"),
    ("air-pollution", "大气与异味", "Air pollution and smells", "环境", true, "生态环境局", 120, "油烟,异味,焚烧"),
    ("river", "河道水体", "Rivers and lakes", "环境", true, "水利局", 120, "!黑臭水体,河道污染"),
    ("green-space", "绿化与公园", "Green space and parks", "市政", true, "城市管理局", 120, "树木倒伏,修剪树枝,绿化带"),
    ("housing", "住房质量", "Housing quality", "住建", false, "住房保障和房产管理局", 360, "房屋漏水,墙体开裂,交房"),
    (
        "property-service",
        "物业服务",
        "Property service",
        "住建",
        false,
        "住房保障和房产管理局",
        240,
        "物业费,业委会,物业公司",
    ),
    ("elevator", "电梯", "Lifts", "住建", true, "市场监督管理局", 24, "!电梯困人,!电梯故障,elevator"),
    ("fire-hazard", "消防隐患", "Fire hazards", "安全", true, "消防救援支队", 24, "消防通道,!飞线充电,灭火器"),
    ("public-transport", "公共交通", "Public transport", "交通", true, "交通运输局", 120, "公交,地铁,出租车,bus"),
    ("traffic", "交通秩序", "Traffic order", "交通", true, "交通管理局", 72, "拥堵,闯红灯,逆行"),
    ("education", "教育", "Education", "民生", false, "教育局", 240, "学校,补课,幼儿园,入学"),
    ("health", "医疗卫生", "Health", "民生", false, "卫生健康委员会", 240, "医院,医保报销,疫苗"),
    ("labour", "劳动保障", "Labour", "民生", false, "人力资源和社会保障局", 240, "!拖欠工资,!欠薪,劳动合同"),
    ("welfare", "民政与社保", "Welfare", "民生", false, "民政局", 240, "低保,养老金,社保卡"),
    ("consumer", "消费维权", "Consumer rights", "民生", false, "市场监督管理局", 240, "退款,假冒伪劣,!预付卡"),
    ("neighbour", "邻里纠纷", "Neighbours' disputes", "纠纷", false, "司法局", 240, "楼上漏水,邻居纠纷"),
    ("other", "其他", "Other", "其他", false, "数据局", 240, ""),
];

/// Questions of the built-in set.
const QUESTIONS: [(&str, &str); 2] = [
    (
        "street-light",
        "lamp | singlevaluelist | optional | 哪一种 | Which kind | street=路灯/Street lamp, signal=信号灯/Signal\n\
         fault | multivaluelist | optional | 怎么了 | What is wrong | dark=不亮/Dark, flickers=闪烁/Flickers, leans=歪斜/Leans, wire=电线外露/Bare wire",
    ),
    (
        "drainage",
        "water | singlevaluelist | optional | 水有多深 | How deep the water is | none=没有积水/None, ankle=到脚踝/To the ankle, knee=到膝盖/To the knee",
    ),
];

pub(super) fn all() -> impl Iterator<Item = Known> {
    SET.into_iter().map(|(code, zh, en, group, open, lead, hours, words)| {
        let asked = QUESTIONS.iter().find(|q| q.0 == code).map_or("", |q| q.1);
        Known {
            code: code.into(),
            version: 0,
            zh: zh.into(),
            en: en.into(),
            group: group.into(),
            parent: None,
            lead: Some(lead.into()),
            hours: Some(hours),
            open,
            notice: None,
            words: words.into(),
            questions: questions::parse(asked).unwrap_or_default(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_set_is_the_deployments_and_its_questions_read() {
        let data = include_str!("../../../../data/categories/events.toml");
        let codes: Vec<&str> =
            data.lines().filter_map(|l| l.strip_prefix("code = \"")).filter_map(|l| l.strip_suffix('"')).collect();
        assert_eq!(all().map(|k| k.code).collect::<Vec<_>>(), codes);
        for (code, asked) in QUESTIONS {
            assert_eq!(all().find(|k| k.code == code).unwrap().questions, questions::parse(asked).unwrap());
            assert!(!questions::parse(asked).unwrap().is_empty());
        }
    }

    #[test]
    fn what_is_said_of_quarrels_and_homes_is_shown_to_nobody_else() {
        for code in ["neighbour", "labour", "welfare", "health", "noise"] {
            assert!(all().any(|k| k.code == code && !k.open), "{code}");
        }
    }
}
