//! Settings in a TOML file.

use crate::check::Source;
use crate::error::Problem;
use std::io::Read;
use std::path::Path;

const LARGEST: u64 = 1 << 20;

pub(crate) fn read(path: &Path) -> Result<Source, Problem> {
    let from = path.display().to_string();
    let problem = |reason: String| Problem { from: from.clone(), key: String::new(), reason };
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| problem(format!("cannot be read: {error}; give the path of a TOML file")))?;
    if bytes.len() as u64 > LARGEST {
        return Err(problem(format!("is larger than {LARGEST} bytes; this is no settings file")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        problem(format!("is not UTF-8 at byte {}; save it as UTF-8", error.utf8_error().valid_up_to()))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let dict =
        toml::from_str(text).map_err(|error| problem(format!("is no TOML: {}", error.to_string().trim_end())))?;
    Ok(Source { dict, name: Box::new(move |_| from.clone()) })
}
