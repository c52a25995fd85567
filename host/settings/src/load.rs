//! Defaults, then the file, then the environment.

use crate::check::{Source, check_whole};
use crate::error::{Problem, SettingsError};
use crate::settings::Settings;
use crate::{environment, file};
use figment::Figment;
use figment::providers::Serialized;
use std::ffi::OsString;
use std::path::Path;

impl Settings {
    /// The settings of this process: the environment over the file over the defaults. Without a path no file is read.
    ///
    /// Errors: everything that is wrong in the file and in the environment, at once.
    pub fn load(path: Option<&Path>) -> Result<Settings, SettingsError> {
        Settings::load_with(path, std::env::vars_os())
    }

    /// [`Settings::load`] with these variables in place of the environment.
    pub fn load_with(
        path: Option<&Path>,
        vars: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Settings, SettingsError> {
        let mut problems = Vec::new();
        let mut sources: Vec<Source> = Vec::new();
        match path.map(file::read) {
            Some(Ok(source)) => sources.push(source),
            Some(Err(problem)) => problems.push(problem),
            None => {}
        }
        sources.push(environment::read(vars, &mut problems));
        for source in &sources {
            source.check(&mut problems);
        }
        if !problems.is_empty() {
            return Err(SettingsError { problems });
        }
        let mut settings =
            merge(&sources).map_err(|error| SettingsError { problems: (*error).into_iter().map(told).collect() })?;
        for source in &sources {
            settings.origins.0.extend(source.keys().map(|key| (key.clone(), (source.name)(&key))));
        }
        check_whole(&settings, &sources, &mut problems);
        if problems.is_empty() { Ok(settings) } else { Err(SettingsError { problems }) }
    }
}

fn merge(sources: &[Source]) -> Result<Settings, Box<figment::Error>> {
    let defaults = Figment::from(Serialized::defaults(Settings::default()));
    sources
        .iter()
        .fold(defaults, |all, source| all.merge(Serialized::defaults(&source.dict)))
        .extract()
        .map_err(Box::new)
}

/// The table let pass what the types do not take; a test keeps the two together.
fn told(error: figment::Error) -> Problem {
    let key = error.path.join(".");
    Problem { from: String::from("settings"), key, reason: error.kind.to_string() }
}
