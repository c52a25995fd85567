//! The page on which anybody reports something: what it is, where, in which words, with which photos.
//!
//! First what and where (a look that sends nothing but these two), then what is known near by, then the form with the questions of the
//! category. The form alone is enough: whoever skips the look is asked the same.

use crate::category;
use crate::file::file_report;
use crate::{answers, nearby};
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct About {
    #[field(code, max_len = 48)]
    pub category: Option<String>,
    #[field(entity = places)]
    pub place: Option<EntityId>,
    #[field(min = -180, max = 180)]
    pub lon: Option<f64>,
    #[field(min = -90, max = 90)]
    pub lat: Option<f64>,
}

fn choice(ctx: &Context, chosen: Option<&str>) -> Result<Input, Refusal> {
    let mut input = Input::new("category", "code", "category").required();
    for known in category::all()? {
        input = input.option(known.code.as_str(), Text::plain(known.name(&ctx.locale)));
    }
    Ok(match chosen {
        Some(code) => input.value(code),
        None => input,
    })
}

/// A form whose category is chosen from a list, with the questions of each.
pub(crate) fn with_categories(ctx: &Context, form: Form) -> Result<Form, Refusal> {
    answers::asked(ctx, form.without("category").input(choice(ctx, None)?))
}

#[view(name = "new-report", label = "new-report", listed)]
pub fn new_report(ctx: &Context, about: About) -> Result<Page, Refusal> {
    let at = about.lon.zip(about.lat).map(|(lon, lat)| Point { lon, lat });
    let chosen = about.category.as_deref().filter(|c| !c.is_empty());
    let asked = nearby::Asked { category: chosen, at, within: about.place.or(ctx.place) };
    let look = [choice(ctx, chosen)?, Input::new("lon", "num", "lon"), Input::new("lat", "num", "lat")];
    let near_by = nearby::section(&asked, look)?;
    let position = Input::new("position", "point", "position");
    let form = Form::new(<file_report as changzhi_sdk::export::Command>::NAME, "file-report")
        .input(choice(ctx, chosen)?)
        .input(Input::new("title", "text", "title").required())
        .input(Input::new("body", "long-text", "body").hint("body-hint"))
        .input(Input::new("photos", "files", "photos"))
        .input(match at {
            Some(at) => position.value(at),
            None => position,
        })
        .input(Input::new("address", "text", "address"))
        .input(Input::new("contact", "text", "contact").hint("contact-hint"));
    let form = match about.place {
        Some(place) => form.with("place", place),
        None => form,
    };
    Ok(Page::new("new-report").add(near_by).add(Section::new("your-report").add(answers::asked(ctx, form)?)))
}
