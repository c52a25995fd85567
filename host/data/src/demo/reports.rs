//! Reports and disputes of the generated city, spread over four hundred days.

use super::deployment::Deployment;
use super::places::Place;
use super::rng::Rng;
use super::{Command, Options};
use changzhi_model::{Micros, Value as Model};
use serde_json::Map;
use sha2::{Digest, Sha256};

/// Category, what people write, whose it is, how often.
const KINDS: [(&str, &str, &str, usize); 29] = [
    ("noise", "夜里施工和音响声音很大，影响休息", "city-management", 12),
    ("illegal-parking", "车辆停在消防通道和人行道上", "traffic-police", 10),
    ("road-damage", "路面有坑，骑车容易摔倒", "construction", 8),
    ("street-light", "路灯不亮，晚上走路不安全", "city-management", 6),
    ("drainage", "下雨就积水，下水道堵了", "water-gas", 8),
    ("water-supply", "水压低，高层用不上水", "water-gas", 4),
    ("power-supply", "经常停电，请检修线路", "power", 4),
    ("gas-heating", "燃气表读数不对", "water-gas", 2),
    ("waste", "垃圾几天没有清运", "city-management", 9),
    ("graffiti", "楼道贴满小广告", "city-management", 3),
    ("street-vending", "流动摊点占了整条人行道", "city-management", 5),
    ("illegal-building", "楼顶加盖了一层", "planning", 4),
    ("construction-site", "工地没有围挡，扬尘大", "construction", 5),
    ("air-pollution", "油烟直接排到居民窗口", "ecology", 5),
    ("river", "河水发黑有异味", "water", 4),
    ("green-space", "树枝压到电线，需要修剪", "parks", 4),
    ("housing", "新房墙面渗水，开发商不修", "housing", 6),
    ("property-service", "物业收费不公开", "housing", 8),
    ("elevator", "电梯经常停在半层", "market", 4),
    ("fire-hazard", "楼道里给电动车充电", "fire-rescue", 6),
    ("public-transport", "公交车间隔太长", "transport", 4),
    ("traffic", "路口没有斑马线，孩子过马路危险", "traffic-police", 4),
    ("education", "放学时校门口太拥挤", "education", 4),
    ("health", "社区医院缺常用药", "health", 3),
    ("labour", "工程结束后工资没有结清", "labour", 5),
    ("welfare", "补贴没有按时到账", "civil-affairs", 3),
    ("consumer", "预付卡商家关门不退钱", "market", 4),
    ("neighbour", "楼上漏水，双方谈不拢", "justice", 5),
    ("other", "希望增加晾晒的地方", "data", 2),
];
/// What is mediated rather than repaired.
const DISPUTES: [&str; 5] = ["neighbour", "labour", "property-service", "consumer", "housing"];
const CHANNELS: [&str; 6] = ["phone", "web", "app", "wechat", "counter", "grid-worker"];
const DAYS: f64 = 400.0;

pub(super) fn generate(deployment: &Deployment, places: &[Place], options: &Options) -> Vec<Command> {
    let mut rng = Rng::new(options.seed, 2);
    let grids: Vec<&Place> = places.iter().filter(|p| p.kind == "grid").collect();
    let weighted: Vec<usize> = KINDS.iter().enumerate().flat_map(|(i, k)| std::iter::repeat_n(i, k.3)).collect();
    let disputes: Vec<usize> =
        (0..KINDS.len()).filter(|i| KINDS.get(*i).is_some_and(|k| DISPUTES.contains(&k.0))).collect();
    let total = options.reports + options.disputes;
    let mut ages: Vec<f64> = (0..total).map(|_| rng.unit() * DAYS).collect();
    ages.sort_by(|a, b| b.total_cmp(a));
    let mut commands = Vec::with_capacity(total);
    for (n, age) in ages.into_iter().enumerate() {
        // Disputes are spread evenly among the reports.
        let dispute = total > 0 && (n * options.disputes) / total != ((n + 1) * options.disputes) / total;
        let among = if dispute { &disputes } else { &weighted };
        let kind = rng.pick(among).and_then(|i| KINDS.get(*i));
        let (Some((category, text, agency, _)), Some(grid)) = (kind, rng.pick(&grids)) else { break };
        let created = Micros(options.now.0 - (age * Micros::DAY as f64) as i64 - Micros::SECOND);
        let channel = if dispute { "counter" } else { rng.pick(&CHANNELS).copied().unwrap_or("web") };
        let state = state(age, &mut rng);
        let mut body = Map::new();
        let mut put = |name: &str, value: serde_json::Value| drop(body.insert(name.into(), value));
        put("source", "demo".into());
        put("title", format!("{}：{text}", grid.name).into());
        put("body", format!("{}附近，{text}，已经有{}天，请尽快处理。", grid.name, 1 + rng.below(20)).into());
        put("category", (*category).into());
        put("created", Model::Time(created).to_json());
        put("channel", channel.into());
        put("state", state.into());
        if let Some(agency) = deployment.agencies.iter().find(|a| a.code == *agency) {
            put("agency", agency.zh.clone().into());
        }
        if let Some(rect) = grid.extent {
            put("position", Model::Point(rect.point(&mut rng)).to_json());
        }
        if matches!(state, "answered" | "closed") {
            let days = rng.between(0.5, 9.0).min(age);
            put("answered", Model::Time(Micros(created.0 + (days * Micros::DAY as f64) as i64)).to_json());
            put("reply", "已到现场核实并处理，请您再看一看；如未解决，请点“未解决”。".into());
        }
        let reference = format!("demo:{:05}", n + 1);
        let digest = hex::encode(Sha256::digest(serde_json::Value::Object(body.clone()).to_string().as_bytes()));
        body.insert("reference".into(), reference.clone().into());
        body.insert("digest".into(), digest.get(..32).unwrap_or_default().into());
        commands.push(Command {
            plugin: "services",
            command: "import-report",
            body,
            places: vec![("place", grid.code.clone())],
            request: format!("demo:{}:{reference}", options.seed),
        });
    }
    commands
}

/// Older reports are mostly done.
fn state(age: f64, rng: &mut Rng) -> &'static str {
    let luck = rng.unit() * 30.0;
    match age - luck {
        late if late > 10.0 => "closed",
        late if late > 0.0 => "answered",
        late if late > -8.0 => "handling",
        late if late > -14.0 => "assigned",
        late if late > -20.0 => "accepted",
        _ => "submitted",
    }
}
