//! What the host's own domain declares.

use super::{ADMIN, HOST};
use changzhi_model::{
    CommandDecl, FacetDecl, Family, FieldDecl, FieldType, KindDecl, Manifest, Name, Sensitivity, ViewDecl,
};

/// Kinds of place the host knows; a division's level (`city`, `county`, …) is its category.
pub const PLACE_KINDS: [&str; 7] = ["division", "grid", "compound", "building", "facility", "camera", "circle"];

const PERSON: FieldType = FieldType::Entity(Some(Family::People));
const PLACE: FieldType = FieldType::Entity(Some(Family::Places));
const EVENT: FieldType = FieldType::Entity(Some(Family::Events));

fn field(name: &str, kind: FieldType) -> FieldDecl {
    FieldDecl {
        label: format!("host-field-{name}").into(),
        sensitivity: Sensitivity::Internal,
        ..FieldDecl::new(name, kind)
    }
}

fn required(name: &str, kind: FieldType) -> FieldDecl {
    FieldDecl { required: true, ..field(name, kind) }
}

fn sealed(name: &str, kind: FieldType, sensitivity: Sensitivity) -> FieldDecl {
    FieldDecl { sensitivity, ..required(name, kind) }
}

fn login() -> FieldDecl {
    FieldDecl { max_len: 64, ..required("login", FieldType::Text) }
}

fn code(name: &str) -> FieldDecl {
    FieldDecl { max_len: 64, ..required(name, FieldType::Code) }
}

fn facet(name: &str, on: Family, fields: Vec<FieldDecl>) -> FacetDecl {
    FacetDecl { name: format!("host.{name}").into(), on, label: format!("host-facet-{name}").into(), fields }
}

fn command(name: &str, roles: &[Name], fields: Vec<FieldDecl>) -> CommandDecl {
    let label = format!("host-command-{name}").into();
    CommandDecl { name: name.into(), label, fields, roles: roles.to_vec(), purpose: false }
}

/// A place as `create-place` takes it and as each entry of `create-places` is written.
pub(super) fn place_fields() -> Vec<FieldDecl> {
    let kinds = PLACE_KINDS.iter().map(|k| Name::from(*k)).collect();
    vec![
        FieldDecl { options: kinds, ..required("kind", FieldType::Code) },
        code("category"),
        FieldDecl { max_len: 64, ..required("code", FieldType::Text) },
        required("name", FieldType::Text),
        FieldDecl { max_len: 64, ..field("parent", FieldType::Text) },
        field("position", FieldType::Point),
        field("extent", FieldType::LongText),
    ]
}

/// A row of `record-successions`, and what `host.succession` keeps beside its key.
pub(super) fn succession_fields() -> Vec<FieldDecl> {
    let code = |name: &str| public(FieldDecl { max_len: 64, ..required(name, FieldType::Text) });
    vec![
        code("old"),
        code("new"),
        public(required("effective", FieldType::Time)),
        public(field("old-name", FieldType::Text)),
        public(field("new-name", FieldType::Text)),
        public(field("note", FieldType::Text)),
        public(field("old-ends", FieldType::Flag)),
        public(field("new-begins", FieldType::Flag)),
    ]
}

/// A boundary as `record-boundary` takes it; `host.boundary` keeps the same.
fn boundary_fields() -> Vec<FieldDecl> {
    vec![
        public(FieldDecl { max_len: 64, ..required("code", FieldType::Text) }),
        public(field("name", FieldType::Text)),
        public(field("since", FieldType::Time)),
        public(field("until", FieldType::Time)),
        public(required("rings", FieldType::LongText)),
    ]
}

fn public(field: FieldDecl) -> FieldDecl {
    FieldDecl { sensitivity: Sensitivity::Public, ..field }
}

/// What names a record of the past for ever, and whether it was taken back.
fn dated(fields: Vec<FieldDecl>) -> Vec<FieldDecl> {
    let key = FieldDecl { unique: true, max_len: 160, ..required("key", FieldType::Text) };
    std::iter::once(key).chain(fields).chain([field("withdrawn", FieldType::Flag)]).collect()
}

pub(super) fn manifest() -> Manifest {
    let kind =
        |name: &str, on| KindDecl { name: name.into(), on, label: format!("host-kind-{name}").into(), flow: None };
    let mut kinds = vec![kind("account", Family::People)];
    kinds.extend(
        [
            "grant",
            "token",
            "delegation",
            "follow",
            "inbox",
            "rules",
            "file",
            "secret",
            "way",
            "reach",
            "succession",
            "boundary",
        ]
        .map(|name| kind(name, Family::Events)),
    );
    kinds.extend(PLACE_KINDS.iter().map(|name| kind(name, Family::Places)));
    Manifest {
        id: HOST,
        version: env!("CARGO_PKG_VERSION").into(),
        label: "host-title".into(),
        kinds,
        facets: facets(),
        commands: commands(),
        views: views(),
        flows: Vec::new(),
        subscriptions: Vec::new(),
        jobs: Vec::new(),
        grants: Vec::new(),
        messages: Vec::new(),
    }
}

fn views() -> Vec<ViewDecl> {
    let view = |name: &str, params, roles: &[&'static str]| ViewDecl {
        name: name.into(),
        label: format!("host-view-{name}").into(),
        params,
        roles: roles.iter().copied().map(Name::new_static).collect(),
        purpose: false,
        listed: true,
    };
    vec![
        view("accounts", vec![field("after", PERSON)], &["admin"]),
        view("divisions", vec![field("place", PLACE)], &["admin", "official", "operator", "duty-officer"]),
    ]
}

fn channels() -> Vec<Name> {
    super::CHANNELS.iter().map(|c| Name::from(*c)).collect()
}

fn address() -> FieldDecl {
    FieldDecl { max_len: 4_096, ..sealed("address", FieldType::LongText, Sensitivity::Personal) }
}

/// As `set-reach` takes them and `host.reach` keeps them.
fn reach_fields() -> Vec<FieldDecl> {
    let short = |name: &str| FieldDecl { max_len: 16, ..field(name, FieldType::Text) };
    let languages = ["zh-CN", "en"].map(Name::from).to_vec();
    vec![
        short("order"),
        short("quiet-from"),
        short("quiet-until"),
        FieldDecl { options: languages, max_len: 16, ..field("language", FieldType::Code) },
    ]
}

fn facets() -> Vec<FacetDecl> {
    vec![
        facet(
            "account",
            Family::People,
            vec![
                // Not required by the facet: closing an account clears both. `create-account` requires them.
                FieldDecl { unique: true, required: false, ..login() },
                sealed("name", FieldType::Text, Sensitivity::Personal),
                FieldDecl { required: false, ..sealed("password", FieldType::Text, Sensitivity::Secret) },
            ],
        ),
        facet(
            "grant",
            Family::Events,
            vec![
                required("account", PERSON),
                FieldDecl { required: false, ..code("role") },
                FieldDecl { required: false, ..code("purpose") },
                field("division", PLACE),
                field("revoked", FieldType::Flag),
            ],
        ),
        facet(
            "delegation",
            Family::Events,
            vec![
                required("account", PERSON),
                required("delegate", PERSON),
                code("role"),
                field("division", PLACE),
                required("from", FieldType::Time),
                required("until", FieldType::Time),
                required("reason", FieldType::Text),
                field("ended", FieldType::Flag),
            ],
        ),
        facet(
            "follow",
            Family::Events,
            vec![
                required("matter", EVENT),
                required("account", PERSON),
                field("by", PERSON),
                field("ended", FieldType::Flag),
            ],
        ),
        facet("inbox", Family::Events, vec![required("account", PERSON), required("seen", FieldType::Time)]),
        facet(
            "token",
            Family::Events,
            vec![
                required("account", PERSON),
                FieldDecl { unique: true, max_len: 64, ..required("hash", FieldType::Text) },
                field("label", FieldType::Text),
                field("roles", FieldType::Text),
                required("expires", FieldType::Time),
                field("revoked", FieldType::Flag),
                field("purposes", FieldType::Text),
            ],
        ),
        // An attached file. Its bytes lie sealed elsewhere, under `blob`; `key` opens them and goes with the file's own key.
        facet(
            "file",
            Family::Events,
            vec![
                // Who sent it: gone when nobody took it in time.
                field("by", PERSON),
                FieldDecl { max_len: 32, ..required("plugin", FieldType::Code) },
                // The record that took it.
                field("of", EVENT),
                FieldDecl { unique: true, max_len: 64, ..required("blob", FieldType::Text) },
                // Account and key of the sending: the same file sent twice is one.
                FieldDecl { unique: true, max_len: 64, ..required("upload", FieldType::Text) },
                FieldDecl { max_len: 32, ..required("type", FieldType::Code) },
                required("bytes", FieldType::Int),
                sealed("key", FieldType::Text, Sensitivity::Secret),
                FieldDecl { required: false, ..sealed("name", FieldType::Text, Sensitivity::Personal) },
            ],
        ),
        // Whose a matter is: the PIN's hash, and a mark of the account it was filed from. Both are hashes under a secret of the city,
        // each with a salt of its own: the gate can ask whether one fits, nobody can list or count by them. Not sealed: that would
        // protect them no better, and would cost each report a key.
        facet(
            "claim",
            Family::Events,
            vec![
                FieldDecl { max_len: 64, ..field("pin", FieldType::Text) },
                FieldDecl { max_len: 64, ..field("own", FieldType::Text) },
            ],
        ),
        // Where an account wants to be reached. A browser's subscription is longer than a text.
        facet(
            "way",
            Family::Events,
            vec![
                required("account", PERSON),
                FieldDecl { options: channels(), ..code("channel") },
                FieldDecl { required: false, ..address() },
                FieldDecl { max_len: 64, ..field("label", FieldType::Text) },
                field("ended", FieldType::Flag),
            ],
        ),
        // In which order, and when not.
        facet("reach", Family::Events, std::iter::once(required("account", PERSON)).chain(reach_fields()).collect()),
        // The two words of an account for its alarms, as hashes under a secret of the city: the gate can ask whether one fits.
        facet(
            "words",
            Family::People,
            vec![
                sealed("safe", FieldType::Text, Sensitivity::Secret),
                sealed("duress", FieldType::Text, Sensitivity::Secret),
            ],
        ),
        // A secret of the host's own, by name.
        facet(
            "secret",
            Family::Events,
            vec![
                FieldDecl { unique: true, max_len: 64, ..required("name", FieldType::Text) },
                sealed("value", FieldType::Text, Sensitivity::Secret),
            ],
        ),
        facet(
            "place",
            Family::Places,
            vec![
                FieldDecl {
                    unique: true,
                    max_len: 64,
                    sensitivity: Sensitivity::Public,
                    ..required("code", FieldType::Text)
                },
                FieldDecl { sensitivity: Sensitivity::Public, ..required("name", FieldType::Text) },
            ],
        ),
        // Where a matter stands: written by the pipeline beside each step of a flow that has rules, read by whoever is granted it.
        facet(
            "track",
            Family::Events,
            vec![
                field("standing", FieldType::Text),
                field("due", FieldType::Time),
                field("next", FieldType::Time),
                field("handoffs", FieldType::Int),
                field("outcome", FieldType::Code),
                field("into", EVENT),
                field("event", FieldType::LongText),
                field("prev", FieldType::Int),
            ],
        ),
        // The rules of a flow as they came in force: the journal keeps every edition.
        facet(
            "rules",
            Family::Events,
            vec![
                FieldDecl { unique: true, max_len: 128, ..required("key", FieldType::Text) },
                required("digest", FieldType::Text),
                required("text", FieldType::LongText),
            ],
        ),
        // The world reads `ring` when it is put: what `locate` answers from.
        facet(
            "extent",
            Family::Places,
            vec![public(required("ring", FieldType::LongText)), public(field("since", FieldType::Time))],
        ),
        // What was before, see `history`: which code took whose place when, and boundaries that no longer hold.
        facet("succession", Family::Events, dated(succession_fields())),
        facet(
            "boundary",
            Family::Events,
            dated(boundary_fields().into_iter().chain([field("digest", FieldType::Text)]).collect()),
        ),
    ]
}

fn commands() -> Vec<CommandDecl> {
    let admin = [ADMIN];
    let account = || required("account", PERSON);
    let password = || sealed("password", FieldType::Text, Sensitivity::Secret);
    let role = || vec![account(), code("role"), field("division", PLACE)];
    let purpose = || vec![account(), code("purpose")];
    vec![
        command(
            "create-account",
            &admin,
            vec![login(), sealed("name", FieldType::Text, Sensitivity::Personal), password()],
        ),
        command(
            "set-password",
            &[],
            vec![
                account(),
                password(),
                FieldDecl { required: false, ..sealed("current", FieldType::Text, Sensitivity::Secret) },
            ],
        ),
        command(
            "set-alarm-words",
            &[],
            vec![
                FieldDecl { max_len: 64, ..sealed("safe", FieldType::Text, Sensitivity::Secret) },
                FieldDecl { max_len: 64, ..sealed("duress", FieldType::Text, Sensitivity::Secret) },
            ],
        ),
        command("close-account", &admin, vec![account()]),
        command("grant-role", &admin, role()),
        command("revoke-role", &admin, role()),
        command("allow-purpose", &admin, purpose()),
        command("disallow-purpose", &admin, purpose()),
        command(
            "issue-token",
            &[],
            vec![
                field("account", PERSON),
                field("label", FieldType::Text),
                field("roles", FieldType::Text),
                required("expires", FieldType::Time),
                FieldDecl { max_len: 64, ..field("hash", FieldType::Text) },
                field("purposes", FieldType::Text),
            ],
        ),
        command(
            "delegate",
            &[],
            vec![
                required("delegate", PERSON),
                code("role"),
                field("division", PLACE),
                field("from", FieldType::Time),
                required("until", FieldType::Time),
                required("reason", FieldType::Text),
            ],
        ),
        command("end-delegation", &[], vec![required("delegation", EVENT)]),
        command("follow", &[], vec![required("matter", EVENT), field("account", PERSON)]),
        command("unfollow", &[], vec![required("matter", EVENT), field("account", PERSON)]),
        command("mark-read", &[], Vec::new()),
        command(
            "add-way",
            &[],
            vec![
                FieldDecl { options: channels(), ..code("channel") },
                address(),
                FieldDecl { max_len: 64, ..field("label", FieldType::Text) },
            ],
        ),
        command("end-way", &[], vec![required("way", EVENT)]),
        command("set-reach", &[], reach_fields()),
        command("revoke-token", &[], vec![required("token", EVENT)]),
        command("create-place", &admin, place_fields()),
        command("create-places", &admin, vec![required("places", FieldType::LongText)]),
        command("record-successions", &admin, vec![required("rows", FieldType::LongText)]),
        command("record-boundary", &admin, boundary_fields()),
        command("withdraw-dated", &admin, vec![required("record", EVENT)]),
    ]
}
