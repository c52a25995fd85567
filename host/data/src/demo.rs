//! A city that is generated: the same seed gives the same city, for ever.
//!
//! Real are the codes and names of the city and its nine districts (`data/divisions/360100.toml`) and the kinds of event;
//! everything below the districts (names, codes, extents, reports) is made up. Nothing here reads a clock or writes a world:
//! a city is a list of [`Command`]s, which name places by code; whoever sends them puts the entity in.

mod accounts;
mod deployment;
mod dispatch;
mod geometry;
mod major;
mod names;
mod places;
mod plans;
mod reports;
mod rng;
mod things;

pub use accounts::{Account, RoleAt, accounts};
pub use deployment::{Agency, Category, Deployment, District, agencies, categories};
pub use dispatch::{Responder, responders};
pub use geometry::Rect;
pub use major::{APPROVER, MajorEvent, MajorPost, MajorShift, PLANNER, majors};
pub use places::Place;
pub use plans::{FloorPlan, floor_plans};

use changzhi_model::Micros;
use serde_json::{Map, Value};

/// What the city is made from.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Options {
    pub seed: u64,
    /// The newest report is a little older than this.
    pub now: Micros,
    pub reports: usize,
    pub disputes: usize,
}

impl Options {
    pub fn new(seed: u64, now: Micros) -> Options {
        Options { seed, now, reports: 480, disputes: 80 }
    }
}

/// One command of the demo city.
#[derive(Clone, PartialEq, Debug)]
pub struct Command {
    pub plugin: &'static str,
    pub command: &'static str,
    pub body: Map<String, Value>,
    /// Fields of the body that are places, by code: the sender puts the entity's number in.
    pub places: Vec<(&'static str, String)>,
    /// For `RequestId::from_key`: sending the same city again does nothing.
    pub request: String,
}

/// The whole city.
#[derive(Clone, PartialEq, Debug)]
pub struct City {
    /// Parents before children.
    pub places: Vec<Place>,
    /// Reports, disputes, hazards, alarms and duties, in the order of time.
    pub events: Vec<Command>,
    options: Options,
}

/// Entries of one `create-places`, and the bytes of its text, which must fit a long text.
const BATCH: usize = 500;
const BATCH_BYTES: usize = 60_000;

impl City {
    /// Makes the city. The embedded data files are part of the program; that they can be read is a test.
    pub fn generate(options: Options) -> Result<City, deployment::DeploymentError> {
        let deployment = Deployment::load()?;
        let places = places::generate(&deployment, options.seed);
        let mut events = reports::generate(&deployment, &places, &options);
        events.extend(things::generate(&places, &options));
        events.extend(dispatch::cards(&places, &options));
        Ok(City { places, events, options })
    }

    /// Everything as commands: places first, in batches.
    pub fn commands(&self) -> Vec<Command> {
        let mut commands = Vec::new();
        let mut batch = String::new();
        let mut entries = 0;
        for place in &self.places {
            let entry = Value::Object(place.body()).to_string();
            if entries == BATCH || batch.len() + entry.len() > BATCH_BYTES {
                commands.push(self.create_places(commands.len(), &batch));
                batch.clear();
                entries = 0;
            }
            if entries > 0 {
                batch.push(',');
            }
            batch.push_str(&entry);
            entries += 1;
        }
        if entries > 0 {
            commands.push(self.create_places(commands.len(), &batch));
        }
        commands.extend(self.events.iter().cloned());
        commands
    }

    fn create_places(&self, number: usize, entries: &str) -> Command {
        let mut body = Map::new();
        body.insert("places".into(), format!("[{entries}]").into());
        let request = format!("demo:{}:places:{number}", self.options.seed);
        Command { plugin: "host", command: "create-places", body, places: Vec::new(), request }
    }
}
