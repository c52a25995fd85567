//! Who, may they, is the body valid, for what purpose.
