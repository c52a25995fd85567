//! Plans of the demo city's first hospital: two floors, drawn here.

mod drawing;

use drawing::Sheet;

/// The plan of one floor, as whoever looks after the place would put it in.
#[derive(Clone, PartialEq, Debug)]
pub struct FloorPlan {
    /// A place, by code.
    pub place: &'static str,
    pub floor: &'static str,
    /// A PNG.
    pub picture: Vec<u8>,
    pub words: &'static str,
    pub entrances: &'static str,
    pub assembly: &'static str,
    pub marks: &'static str,
    pub source: &'static str,
}

const HOSPITAL: &str = "demo-hospital-01";

/// The plans, drawn anew each time: the same pixels for ever.
///
/// # Errors
/// A picture cannot be encoded.
pub fn floor_plans() -> Result<Vec<FloorPlan>, image::ImageError> {
    Ok(vec![
        FloorPlan {
            place: HOSPITAL,
            floor: "1 楼",
            picture: ground()?,
            words: "走廊东西向贯通。南侧由西向东为 101 挂号、102 急诊、103 抢救室；北侧为 104 药房、105 影像、106 保卫科。楼梯在走廊东端。",
            entrances: "南门（正门，102 与 103 之间）；西门（急救车通道，走廊西端）",
            assembly: "南门外停车场",
            marks: "入口 49,90 南门（正门）\n入口 6,50 西门（急救车）\n集合点 85,96 南门外停车场",
            source: "医院后勤科（演示）",
        },
        FloorPlan {
            place: HOSPITAL,
            floor: "3 楼",
            picture: ward()?,
            words: "住院病区。走廊东西向。南侧由西向东为 301 至 304 病房，北侧为 305、306 病房，302 护士站正对走廊中部。楼梯在东、西两端，西端楼梯通屋顶。",
            entrances: "东端楼梯；西端楼梯（防火门）",
            assembly: "南门外停车场，由东端楼梯下",
            marks: "入口 92,50 东端楼梯\n入口 10,50 西端楼梯（防火门）",
            source: "医院后勤科（演示）",
        },
    ])
}

fn ground() -> Result<Vec<u8>, image::ImageError> {
    let mut sheet = Sheet::new();
    sheet.outline();
    for (n, number) in ["104", "105", "106"].into_iter().enumerate() {
        sheet.room(60 + n as u32 * 260, 60, 260, 170, number);
    }
    for (n, number) in ["101", "102"].into_iter().enumerate() {
        sheet.room(60 + n as u32 * 190, 330, 190, 170, number);
    }
    sheet.room(520, 330, 320, 170, "103");
    sheet.opening(440, 500, 80, 0);
    sheet.opening(60, 250, 0, 60);
    sheet.stairs(850, 240);
    sheet.finished()
}

fn ward() -> Result<Vec<u8>, image::ImageError> {
    let mut sheet = Sheet::new();
    sheet.outline();
    for (n, number) in ["305", "306"].into_iter().enumerate() {
        sheet.room(150 + n as u32 * 345, 60, 345, 170, number);
    }
    for (n, number) in ["301", "302", "303", "304"].into_iter().enumerate() {
        sheet.room(60 + n as u32 * 195, 330, 195, 170, number);
    }
    sheet.stairs(850, 240);
    sheet.stairs(62, 240);
    sheet.finished()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_floors_of_one_hospital_each_a_picture_and_the_same_every_time() {
        let plans = floor_plans().unwrap();
        assert_eq!(plans.iter().map(|p| p.floor).collect::<Vec<_>>(), ["1 楼", "3 楼"]);
        for plan in &plans {
            assert!(plan.picture.starts_with(b"\x89PNG") && plan.picture.len() < 40_000, "{}", plan.picture.len());
        }
        assert_ne!(plans[0].picture, plans[1].picture);
        assert_eq!(plans, floor_plans().unwrap());
    }
}
