//! `cargo xtask shots`: pictures of the demo city and of the gallery, and the page that shows them.
//!
//! One list says what is looked at, as whom and on what: pictures and page cannot drift apart. Pictures are brought down to a
//! palette, so that all of them together stay small enough for a repository.

mod palette;

use anyhow::{Context, Result, ensure};
use changzhi_browser_tests::Screen::{Desk, Phone, Wall};
use changzhi_browser_tests::{Browser, City, Screen, Tab};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// All pictures together, in bytes.
const MOST: usize = 1_500_000;

struct Shot {
    /// Of the file, without its ending.
    name: &'static str,
    /// Who looks; empty: signed out.
    login: &'static str,
    screen: Screen,
    path: &'static str,
    /// Under the picture.
    caption: &'static str,
}

const fn shot(
    name: &'static str,
    login: &'static str,
    screen: Screen,
    path: &'static str,
    caption: &'static str,
) -> Shot {
    Shot { name, login, screen, path, caption }
}

static CITY: [Shot; 17] = [
    shot("sign-in-phone", "", Phone, "/sign-in?lang=zh-CN", "Sign-in on a phone"),
    shot("home-desk", "operator", Desk, "/?lang=zh-CN", "Home of an operator: what is to do, what is late"),
    shot("home-phone", "operator", Phone, "/?lang=zh-CN", "The same on a phone"),
    shot("services-reports-desk", "operator", Desk, "/p/services/reports?lang=zh-CN", "Services: reports of residents"),
    shot("services-reports-phone-en", "operator", Phone, "/p/services/reports?lang=en", "Rows are cards on a phone"),
    shot(
        "services-filing-phone",
        "operator",
        Phone,
        "/p/services/filing?lang=zh-CN",
        "A report from the field, sent later where there is no network",
    ),
    shot(
        "services-filing-elder",
        "operator",
        Phone,
        "/p/services/filing?lang=zh-CN&_size=elder",
        "The same in elder size",
    ),
    shot("services-overview-desk", "official", Desk, "/p/services/overview?lang=zh-CN", "Services: overview"),
    shot("command-board-desk", "duty", Desk, "/p/command/board?lang=zh-CN", "Command: the board of the duty officer"),
    shot("command-board-phone", "duty", Phone, "/p/command/board?lang=zh-CN", "The board on a phone"),
    shot(
        "command-board-wall",
        "duty",
        Wall,
        "/p/command/board?lang=zh-CN&_profile=wall&_theme=dark",
        "The board on a wall",
    ),
    shot("risk-hazards-desk-en", "grid", Desk, "/p/risk/hazards?lang=en", "Risk: hazards of places, in English"),
    shot("risk-hazards-phone", "grid", Phone, "/p/risk/hazards?lang=zh-CN", "A grid worker's hazards"),
    shot("decision-indicators-desk", "official", Desk, "/p/decision/indicators?lang=zh-CN", "Decision: indicators"),
    shot(
        "decision-monthly-phone-en",
        "official",
        Phone,
        "/p/decision/monthly?lang=en",
        "Decision: the month, in English",
    ),
    shot("office-roster-desk", "duty", Desk, "/p/office/roster?lang=zh-CN", "Office: who is on duty"),
    shot("office-notices-phone", "duty", Phone, "/p/office/notices?lang=zh-CN", "Office: notices"),
];

static GALLERY: [Shot; 17] = [
    shot("gallery-words", "admin", Desk, "/gallery/words?lang=zh-CN", "Words"),
    shot("gallery-figures", "admin", Desk, "/gallery/figures?lang=zh-CN", "Figures"),
    shot("gallery-tables", "admin", Desk, "/gallery/tables?lang=zh-CN", "Tables"),
    shot("gallery-tables-phone", "admin", Phone, "/gallery/tables?lang=en", "Tables on a phone, in English"),
    shot("gallery-charts", "admin", Desk, "/gallery/charts?lang=zh-CN", "Charts"),
    shot(
        "gallery-charts-phone",
        "admin",
        Phone,
        "/gallery/charts?lang=zh-CN&_size=elder",
        "Charts on a phone in elder size",
    ),
    shot("gallery-maps", "admin", Desk, "/gallery/maps?lang=zh-CN", "Maps"),
    shot("gallery-maps-dark", "admin", Desk, "/gallery/maps?lang=en&_theme=dark", "Maps, dark, in English"),
    shot("gallery-forms", "admin", Desk, "/gallery/forms?lang=zh-CN", "Forms"),
    shot("gallery-forms-phone", "admin", Phone, "/gallery/forms?lang=en", "Forms on a phone, in English"),
    shot("gallery-stories", "admin", Desk, "/gallery/stories?lang=zh-CN", "Stories: timeline, steps, tree"),
    shot("gallery-boards", "admin", Desk, "/gallery/boards?lang=zh-CN", "Boards and checklists"),
    shot("gallery-talk", "admin", Desk, "/gallery/talk?lang=zh-CN", "Talk, documents, media"),
    shot("gallery-duty", "admin", Desk, "/gallery/duty?lang=zh-CN&_theme=dark", "Alarms and video, dark"),
    shot("gallery-duty-phone", "admin", Phone, "/gallery/duty?lang=zh-CN", "The one-key alarm on a phone"),
    shot("gallery-layout", "admin", Desk, "/gallery/layout?lang=zh-CN", "Layout"),
    shot("gallery-states", "admin", Desk, "/gallery/states?lang=zh-CN", "States: empty, beyond a limit, not readable"),
];

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).context("the folder to write to")?);
    std::fs::create_dir_all(&folder)?;
    let browser = Browser::start()?.context("pictures need Chromium")?;
    let city = City::start()?;
    let mut bytes = 0;
    let mut signed_in = "";
    let tab = browser.tab(Desk)?;
    for shot in CITY.iter().chain(&GALLERY) {
        if shot.login != signed_in {
            tab.forget()?;
            city.sign_in(&tab, shot.login)?;
            signed_in = shot.login;
        }
        let file = folder.join(format!("{}.png", shot.name));
        let picture = palette::reduced(&take(&tab, &city, shot)?).with_context(|| shot.name.to_owned())?;
        eprintln!("{:>8} bytes  {}", picture.len(), file.display());
        bytes += picture.len();
        std::fs::write(&file, picture)?;
    }
    ensure!(bytes <= MOST, "the pictures are {bytes} bytes together, at most {MOST}: take some out");
    write_page(&folder)?;
    eprintln!("{bytes} bytes in {}", folder.display());
    Ok(())
}

/// The page as it is once nothing loads any more.
fn take(tab: &Tab, city: &City, shot: &Shot) -> Result<Vec<u8>> {
    tab.resize(shot.screen)?;
    tab.goto(&city.url(shot.path))?;
    let status = tab.eval("performance.getEntriesByType('navigation')[0].responseStatus")?;
    ensure!(status == 200, "{}: {status}", shot.path);
    // Charts and maps come up over what is drawn; a map paints on after its files are there.
    tab.until("the page is quiet", "performance.now() > 2500 && performance.getEntriesByType('resource').every(r => performance.now() - r.responseEnd > 1000)")?;
    Ok(std::fs::read(tab.screenshot(shot.name, false)?)?)
}

/// README.md beside the pictures; of a page that is shown more than once only the pictures differ.
fn write_page(folder: &Path) -> Result<()> {
    let mut page = String::from(
        "# Pictures\n\nTaken by `cargo xtask shots` from the demo city, in Chromium at 1440 × 900, 390 × 844 and 1920 × 1080. Everything in them is made up.\n",
    );
    for (title, shots) in [("The city", &CITY[..]), ("The gallery of parts (`/gallery`)", &GALLERY[..])] {
        let _ = write!(page, "\n## {title}\n");
        for shot in shots {
            let width = if shot.screen == Phone { 260 } else { 720 };
            let caption = shot.caption;
            let _ =
                write!(page, "\n<img src=\"{}.png\" alt=\"{caption}\" width=\"{width}\">\n\n{caption}.\n", shot.name);
        }
    }
    std::fs::write(folder.join("README.md"), page).context("the page of the pictures")
}
