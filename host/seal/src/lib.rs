//! A key for each subject: personal fields are sealed under it and erased by destroying it.
