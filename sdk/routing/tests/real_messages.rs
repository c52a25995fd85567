//! On real messages of a real city: as right as the reference, and silent where it would not be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

#[test]
fn real_messages_are_proposed_as_rightly_as_the_reference_does() {
    let Some(data) = support::messages() else { return };
    assert_eq!((data.all.len(), data.classes), (295, 7));
    let folds = support::folds(&data);
    assert_eq!(folds.len(), 20);
    let ours = support::accuracy(&data, &folds);
    assert!(ours.first >= 0.854, "{ours:?}");
    assert!(ours.top >= 0.95 && ours.unlabelled >= 0.82, "{ours:?}");
    assert!(ours.precision >= 0.94 && ours.coverage >= 0.5, "{ours:?}");
    eprintln!("{ours:?}");
}
