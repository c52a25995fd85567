//! The data files of the demo deployment, embedded.

use serde::Deserialize;

/// A kind of event with its names.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub code: String,
    pub zh: String,
    pub en: String,
}

/// A district, or a functional zone that governs without a national code.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct District {
    pub code: String,
    pub zh: String,
    pub en: String,
}

#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    pub code: String,
    pub zh: String,
    pub en: String,
}

#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CityFacts {
    pub(super) code: String,
    pub(super) zh: String,
    #[serde(rename = "en")]
    pub(super) _en: String,
    pub(super) lon: f64,
    pub(super) lat: f64,
    pub(super) half_width: f64,
    pub(super) half_height: f64,
    pub(super) streets: usize,
    pub(super) communities: usize,
    pub(super) grids: usize,
}

/// What the demo city is made of.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    pub(super) city: CityFacts,
    #[serde(rename = "district")]
    pub districts: Vec<District>,
    #[serde(rename = "zone")]
    pub zones: Vec<District>,
    #[serde(rename = "agency")]
    pub agencies: Vec<Agency>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Categories {
    category: Vec<Category>,
}

/// An embedded data file that was edited into something else.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {error}; mend the file and build again")]
pub struct DeploymentError {
    file: &'static str,
    error: toml::de::Error,
}

impl Deployment {
    pub fn load() -> Result<Deployment, DeploymentError> {
        toml::from_str(include_str!("../../../../data/divisions/360100.toml"))
            .map_err(|error| DeploymentError { file: "data/divisions/360100.toml", error })
    }
}

/// The kinds of event of the deployment.
pub fn categories() -> Result<Vec<Category>, DeploymentError> {
    toml::from_str::<Categories>(include_str!("../../../../data/categories/events.toml"))
        .map(|c| c.category)
        .map_err(|error| DeploymentError { file: "data/categories/events.toml", error })
}

/// The agencies of the demo city.
pub fn agencies() -> Result<Vec<Agency>, DeploymentError> {
    Deployment::load().map(|d| d.agencies)
}
