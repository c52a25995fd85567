//! The dictionaries: English by word, pinyin and Chinese by substring.
//!
//! English words match whole words (`face` is not in `surface`), in `snake_case`, `kebab-case` and `camelCase`. Pinyin is looked
//! for with all separators removed. A dictionary cannot know every name: the rules on types need none, and hold anyway.

use std::collections::BTreeSet;

const JUDGE: &[&str] = &[
    "score",
    "scores",
    "scoring",
    "scored",
    "risk",
    "risks",
    "risky",
    "rank",
    "ranks",
    "ranking",
    "rating",
    "ratings",
    "level",
    "levels",
    "grade",
    "grades",
    "tier",
    "credit",
    "creditworthiness",
    "watchlist",
    "blacklist",
    "redlist",
    "blocklist",
    "danger",
    "dangerous",
    "dangerousness",
    "threat",
    "suspicion",
    "suspect",
    "suspects",
    "trustworthiness",
    "points",
    "demerit",
    "demerits",
    "propensity",
    "key-person",
    "troublemaker",
    "severity",
    "stability",
];
const JUDGE_PAIRS: &[&str] =
    &["watchlist", "blacklist", "keyperson", "redlist", "blocklist", "socialcredit", "trustscore"];
const JUDGE_ASIAN: &[&str] = &[
    "fengxian",
    "pingfen",
    "dafen",
    "jifen",
    "paiming",
    "dengji",
    "fenji",
    "xinyong",
    "biaoqian",
    "heimingdan",
    "hongmingdan",
    "zhongdianren",
    "guanzhumingdan",
    "weixian",
    "jibie",
    "xianyi",
    "风险",
    "评分",
    "打分",
    "积分",
    "得分",
    "分值",
    "排名",
    "等级",
    "分级",
    "级别",
    "信用",
    "标签",
    "黑名单",
    "红名单",
    "重点人",
    "关注名单",
    "关注对象",
    "危险",
    "嫌疑",
    "管控",
    "布控",
    "不稳定",
];
const BIOMETRIC: &[&str] = &[
    "face",
    "faces",
    "facial",
    "faceprint",
    "gait",
    "embedding",
    "embeddings",
    "plate",
    "plates",
    "biometric",
    "biometrics",
    "fingerprint",
    "fingerprints",
    "iris",
    "voiceprint",
    "reid",
    "trackid",
    "tracklet",
    "faceid",
    "numberplate",
    "licenseplate",
];
const BIOMETRIC_ASIAN: &[&str] = &[
    "trackid",
    "reidentification",
    "faceid",
    "personreid",
    "renlian",
    "butai",
    "zhiwen",
    "chepai",
    "guiji",
    "hongmo",
    "shengwen",
    "tezhengxiangliang",
    "人脸",
    "面部",
    "步态",
    "指纹",
    "虹膜",
    "声纹",
    "车牌",
    "轨迹",
    "特征向量",
    "生物特征",
    "重识别",
];
const CIRCLE: &[&str] = &["circle", "circles", "camera", "cameras", "cctv", "surveillance"];
const CIRCLE_ASIAN: &[&str] = &["shexiang", "jiankong", "shipinquan", "摄像", "监控", "视频圈"];
const DWELLING: &[&str] = &[
    "dwelling",
    "dwellings",
    "home",
    "homes",
    "household",
    "households",
    "flat",
    "apartment",
    "residence",
    "person",
    "resident",
];
const DWELLING_ASIAN: &[&str] = &["zhuzhai", "zhuhu", "jumin", "住宅", "住户", "居民", "住址", "家庭", "个人"];
const COMPLAIN: &[&str] = &[
    "complaint",
    "complaints",
    "complained",
    "complainer",
    "complainant",
    "complainants",
    "petition",
    "petitions",
    "petitioned",
    "petitioner",
    "petitioners",
    "petitioning",
];
const COMPLAIN_ASIAN: &[&str] =
    &["tousu", "xinfang", "shangfang", "jubao", "投诉", "信访", "上访", "举报", "缠访", "闹访"];
const TRIAGE: &[&str] = &["triage", "factor", "factors", "prioritise", "prioritize"];
const TRIAGE_ASIAN: &[&str] = &["fenzhen", "yinsu", "分诊", "因素", "研判"];
const PROTECTED: &[&str] = &[
    "age",
    "ages",
    "birthday",
    "birthdate",
    "sex",
    "gender",
    "ethnicity",
    "ethnic",
    "race",
    "nationality",
    "religion",
    "religious",
    "political",
    "party-member",
    "health",
    "illness",
    "disease",
    "psychiatric",
    "disability",
    "disabled",
    "hukou",
    "income",
    "salary",
    "poverty",
    "orientation",
];
const PROTECTED_ASIAN: &[&str] = &[
    "householdregistration",
    "politicalopinion",
    "dateofbirth",
    "nianling",
    "xingbie",
    "minzu",
    "zongjiao",
    "zhengzhi",
    "jiankang",
    "canji",
    "huji",
    "hukou",
    "shouru",
    "年龄",
    "出生",
    "性别",
    "民族",
    "宗教",
    "政治",
    "党员",
    "健康",
    "疾病",
    "精神病",
    "残疾",
    "户籍",
    "户口",
    "收入",
    "低保",
];
const PERSON: &[&str] = &[
    "person",
    "persons",
    "people",
    "resident",
    "residents",
    "citizen",
    "citizens",
    "individual",
    "individuals",
    "petitioner",
    "human",
];
const PERSON_ASIAN: &[&str] = &["renyuan", "jumin", "geren", "dangshiren", "人员", "居民", "个人", "当事人", "公民"];

fn words(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut word = String::new();
    let mut before_lower = false;
    for c in text.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && before_lower) {
            words.insert(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before_lower = c.is_lowercase();
    }
    words.insert(word);
    words
}

fn has(texts: &[&str], english: &[&str], other: &[&str]) -> bool {
    texts.iter().any(|text| {
        let words = words(text);
        let joined: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        english.iter().any(|w| words.contains(*w)) || other.iter().any(|w| joined.contains(w))
    })
}

pub(super) fn judges(texts: &[&str]) -> bool {
    // `label` is what every declaration has: only as the name of a thing is it a judgement.
    let named = texts
        .first()
        .is_some_and(|name| words(name).iter().any(|w| w == "label" || w == "labels" || w == "tag" || w == "tags"));
    named || has(texts, JUDGE, JUDGE_PAIRS) || has(texts, &[], JUDGE_ASIAN)
}

pub(super) fn biometric(texts: &[&str]) -> bool {
    has(texts, BIOMETRIC, BIOMETRIC_ASIAN)
}

pub(super) fn circles(texts: &[&str]) -> bool {
    has(texts, CIRCLE, CIRCLE_ASIAN)
}

pub(super) fn dwelling(texts: &[&str]) -> bool {
    has(texts, DWELLING, DWELLING_ASIAN)
}

pub(super) fn anchors(texts: &[&str]) -> bool {
    has(
        texts,
        &["anchor", "target", "subject", "around", "center", "centre", "focus", "person", "resident"],
        &["mubiao", "duixiang", "目标", "对象"],
    )
}

pub(super) fn complains(texts: &[&str]) -> bool {
    has(texts, COMPLAIN, COMPLAIN_ASIAN)
}

pub(super) fn triages(texts: &[&str]) -> bool {
    has(texts, TRIAGE, TRIAGE_ASIAN)
}

pub(super) fn protected(texts: &[&str]) -> bool {
    has(texts, PROTECTED, PROTECTED_ASIAN)
}

pub(super) fn of_person(texts: &[&str]) -> bool {
    has(texts, PERSON, PERSON_ASIAN)
}
