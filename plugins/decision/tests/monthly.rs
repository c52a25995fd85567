//! The month's counts and the report that is made of them, beside the services plugin whose matters are counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Person, TestCity};
use serde_json::json;

struct Town {
    city: TestCity,
    districts: [EntityId; 2],
}

/// Two districts; the first has 6 matters of noise and 3 of waste in December, and 5 of noise the year before.
fn town() -> Town {
    let city = TestCity::with(&["services", "decision"]).unwrap();
    let districts = ["D-1", "D-2"].map(|code| city.place("division", "district", code, None).unwrap());
    let street = city.place("division", "street", "S-1", Some("D-1")).unwrap();
    let desk = city.person("desk", &["operator"]).unwrap();
    let mut number = 0;
    for (count, month, category) in [(6, "2025-12", "noise"), (3, "2025-12", "waste"), (5, "2024-12", "noise")] {
        for _ in 0..count {
            number += 1;
            let body = json!({
                "source": "hotline", "reference": format!("hotline:{number}"), "digest": "d", "title": "t",
                "category": category, "created": format!("{month}-10T00:00:00Z"), "place": street.0,
            });
            desk.does("services/import-report", &body).unwrap();
        }
    }
    Town { city, districts }
}

fn official(city: &TestCity) -> Person<'_> {
    city.person("lead", &["official"]).unwrap()
}

#[test]
fn the_month_is_shown_by_place_and_kind_and_small_counts_are_not() {
    let town = town();
    let lead = official(&town.city);
    let page = lead.sees("decision/monthly", &json!({})).unwrap();
    assert_eq!(page.title(), "monthly-of");
    // place, kind, count, the year before, change
    assert_eq!(
        page.rows("monthly"),
        [["D-1", "category-noise", "6", "5", "0.19999999999999996"], ["D-1", "category-waste", "<5", "0", ""]]
    );
    let streets = lead.sees("decision/monthly", &json!({"level": "street", "month": "2024-12"})).unwrap();
    assert_eq!(streets.rows("monthly"), [["S-1", "category-noise", "5", "0", ""]]);
    let wrong = lead.sees("decision/monthly", &json!({"month": "2025-13"})).unwrap_err().to_string();
    assert!(wrong.contains("month-form"), "{wrong}");
}

#[test]
fn the_monthly_report_runs_a_district_a_step_and_again_changes_the_same_records() {
    let town = town();
    let lead = official(&town.city);
    let ran = lead.runs("decision/monthly-report", &json!({"month": "2025-12"})).unwrap();
    assert_eq!((ran.info.done, ran.info.total, ran.steps.len()), (2, 2, 2));
    let made: Vec<EntityId> = ran.steps.iter().flat_map(|s| s.created("district-month")).collect();
    assert_eq!(made.len(), 2);
    let text = |at: usize, field: &str| {
        let value = town.city.value(made[at], &format!("decision.month.{field}")).unwrap();
        value.as_text().map(str::to_owned)
    };
    let number =
        |at: usize, field: &str| town.city.value(made[at], &format!("decision.month.{field}")).unwrap().as_int();
    for at in [0, 1] {
        let district = town.city.value(made[at], "decision.month.district").unwrap().as_entity();
        assert_eq!(district, Some(town.districts[at]));
        assert_eq!(text(at, "key"), Some(format!("2025-12@{}", town.districts[at])));
    }
    assert_eq!(
        (number(0, "matters"), number(0, "year-before"), text(0, "most")),
        (Some(9), Some(5), Some("noise".into()))
    );
    assert_eq!((number(1, "matters"), number(1, "year-before"), text(1, "most")), (Some(0), Some(0), None));
    let again = lead.runs("decision/monthly-report", &json!({"month": "2025-12"})).unwrap();
    assert!(again.steps.iter().all(|s| s.created("district-month").is_empty()), "{:?}", again.steps);
}

#[test]
fn a_report_of_no_month_fails_with_its_reason_and_only_officials_start_one() {
    let town = town();
    let wrong = official(&town.city).runs("decision/monthly-report", &json!({"month": "2025-13"})).unwrap_err();
    assert!(wrong.to_string().contains("month-form"), "{wrong}");
    let desk = town.city.person("clerk", &["operator"]).unwrap();
    assert!(desk.runs("decision/monthly-report", &json!({})).unwrap_err().to_string().contains("role"));
}
