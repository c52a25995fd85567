//! The generated city: counts, tree, geometry, and that a seed is a city.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_data::demo::{City, Deployment, Options, Place, accounts, agencies, categories, majors, responders};
use changzhi_model::Micros;
use std::collections::{HashMap, HashSet};

fn options(seed: u64) -> Options {
    Options::new(seed, Micros::from_rfc3339("2026-11-23T08:00:00+08:00").unwrap())
}

fn of<'a>(city: &'a City, category: &str) -> Vec<&'a Place> {
    city.places.iter().filter(|p| p.category == category).collect()
}

#[test]
fn the_city_has_the_counts_of_the_task_and_the_real_districts() {
    let city = City::generate(options(1)).unwrap();
    let deployment = Deployment::load().unwrap();
    assert_eq!((deployment.districts.len(), deployment.zones.len()), (9, 3));
    assert_eq!(of(&city, "district").len(), 12);
    assert_eq!(of(&city, "community").len(), 2_263);
    assert_eq!(of(&city, "grid").len(), 9_323);
    assert_eq!((categories().unwrap().len(), agencies().unwrap().len()), (29, 26));
    for district in &deployment.districts {
        assert!(district.code.len() == 6 && district.code.starts_with("3601"), "{}", district.code);
    }
    assert!(deployment.zones.iter().all(|z| z.code.parse::<u32>().is_err()), "zones have no national code");
}

#[test]
fn every_place_has_a_code_of_its_own_and_lies_inside_its_parent_which_comes_first() {
    let city = City::generate(options(7)).unwrap();
    let mut seen: HashMap<&str, &Place> = HashMap::new();
    for place in &city.places {
        if let Some(parent) = &place.parent {
            let parent = seen.get(parent.as_str()).unwrap_or_else(|| panic!("{} comes before {parent}", place.code));
            let (inside, extent) = (place.position, parent.extent.unwrap());
            assert!(extent.holds(inside), "{} at {inside:?} is outside {extent:?}", place.code);
        }
        assert!(place.code.len() <= 64 && !place.name.is_empty());
        assert!(seen.insert(&place.code, place).is_none(), "{} twice", place.code);
    }
}

#[test]
fn grids_neither_overlap_nor_leave_gaps() {
    let city = City::generate(options(3)).unwrap();
    let area = |p: &&Place| p.extent.map(|r| (r.east - r.west) * (r.north - r.south)).unwrap();
    let whole = city.places.first().map(|p| area(&p)).unwrap();
    let grids = of(&city, "grid");
    let sum: f64 = grids.iter().map(area).sum();
    assert!((sum / whole - 1.0).abs() < 1e-9);
    // The boxes hold every centre exactly once, so with equal areas there is no overlap.
    for grid in grids.iter().step_by(97) {
        let holding = grids.iter().filter(|g| g.extent.unwrap().holds(grid.position)).count();
        assert_eq!(holding, 1, "{}", grid.code);
    }
}

#[test]
fn a_seed_is_a_city_and_another_seed_is_another() {
    let (a, again, b) =
        (City::generate(options(5)).unwrap(), City::generate(options(5)).unwrap(), City::generate(options(6)).unwrap());
    assert_eq!(a.commands(), again.commands());
    assert_ne!(a.commands(), b.commands());
}

#[test]
fn commands_fit_their_limits_and_name_places_that_exist() {
    let options = options(11);
    let city = City::generate(options).unwrap();
    let codes: HashSet<&str> = city.places.iter().map(|p| p.code.as_str()).collect();
    let commands = city.commands();
    let (mut places, mut requests, mut plugins) = (0, HashSet::new(), HashSet::new());
    for command in &commands {
        assert!(requests.insert(command.request.clone()), "{} twice", command.request);
        plugins.insert(command.plugin);
        for (_, code) in &command.places {
            assert!(codes.contains(code.as_str()), "{code}");
        }
        if command.command == "create-places" {
            let text = command.body["places"].as_str().unwrap();
            assert!(text.len() <= 64 * 1024, "a batch has {} bytes", text.len());
            places += serde_json::from_str::<Vec<serde_json::Value>>(text).unwrap().len();
        }
    }
    assert_eq!(places, city.places.len());
    let reports = commands.iter().filter(|c| c.command == "import-report").collect::<Vec<_>>();
    assert_eq!(reports.len(), options.reports + options.disputes);
    let known: HashSet<String> = categories().unwrap().into_iter().map(|c| c.code).collect();
    for report in &reports {
        assert!(known.contains(report.body["category"].as_str().unwrap()));
        assert!(Micros::from_rfc3339(report.body["created"].as_str().unwrap()).unwrap() < options.now);
    }
    assert_eq!(plugins, HashSet::from(["host", "services", "risk", "command", "office"]));
}

#[test]
fn passwords_come_from_the_secret_alone_and_differ() {
    let (a, b) = (accounts(b"sixteen random b"), accounts(b"another secret!!"));
    let all: HashSet<_> = a.iter().chain(&b).map(|x| x.password.clone()).collect();
    assert_eq!(all.len(), a.len() + b.len());
    assert!(all.iter().all(|p| p.len() == 14));
    let roles: HashSet<_> = a.iter().flat_map(|x| x.roles.iter().map(|r| r.role)).collect();
    for role in
        ["operator", "mediator", "grid-worker", "unit", "verifier", "official", "resident", "admin", "duty-officer"]
    {
        assert!(roles.contains(role), "nobody is {role}");
    }
}

#[test]
fn whoever_can_be_sent_has_an_account_and_stands_by_at_a_place_that_exists() {
    let city = City::generate(options(2)).unwrap();
    let codes: HashSet<&str> = city.places.iter().map(|p| p.code.as_str()).collect();
    let logins: HashSet<&str> = accounts(b"sixteen random b").iter().map(|a| a.login).collect();
    let all = responders();
    for one in &all {
        assert!(logins.contains(one.login) && codes.contains(one.place), "{one:?}");
    }
    let on: HashSet<&str> = all.iter().filter(|r| r.on).map(|r| r.sort).collect();
    assert_eq!(on.len(), 5, "one of each kind is signed on");
    let cards = city.commands().into_iter().filter(|c| c.command == "set-dispatch-card").count();
    assert_eq!(cards, 7);
}

#[test]
fn the_major_events_stand_in_the_city_and_name_accounts_that_can_be_sent() {
    let city = City::generate(options(1)).unwrap();
    let (known, accounts) = (responders(), accounts(&[0; 16]));
    for event in majors() {
        assert!(city.places.iter().any(|p| p.code == event.place), "{}", event.place);
        assert!([event.commander, event.deputy].iter().all(|l| accounts.iter().any(|a| a.login == *l)));
        for shift in event.shifts {
            assert!(0 <= shift.from && shift.from < shift.to && shift.to <= event.minutes, "{}", shift.name);
            for (post, login) in shift.people {
                let responder = known.iter().find(|r| r.login == *login).unwrap();
                assert_eq!(responder.sort, event.posts[*post].sort, "{login}");
            }
        }
    }
    let held: Vec<bool> = majors().iter().map(|e| !e.findings.is_empty()).collect();
    assert_eq!(held, [false, true], "one to come, one held and reviewed");
}
