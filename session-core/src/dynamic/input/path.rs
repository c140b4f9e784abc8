//! Where in an input a value is, such as `Filters[0].Name`: written only for the value that is wrong.

use std::fmt;

/// The way from the input to a value within it, kept on the stack of whoever walks there.
#[derive(Clone, Copy)]
pub(super) enum Path<'p> {
    Input,
    Member(&'p Path<'p>, &'p str),
    Element(&'p Path<'p>, usize),
    Entry(&'p Path<'p>, &'p str),
}

impl<'p> Path<'p> {
    pub(super) fn member(&'p self, name: &'p str) -> Self {
        Self::Member(self, name)
    }

    pub(super) fn is_input(&self) -> bool {
        matches!(self, Self::Input)
    }
}

/// Of the input itself it is nothing.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => Ok(()),
            Self::Member(Self::Input, name) => f.write_str(name),
            Self::Member(of, name) => write!(f, "{of}.{name}"),
            Self::Element(of, index) => write!(f, "{of}[{index}]"),
            Self::Entry(of, key) => write!(f, "{of}[{key:?}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_it_would_be_read() {
        let filters = Path::Input.member("Filters");
        let first = Path::Element(&filters, 0);
        assert_eq!(first.member("Name").to_string(), "Filters[0].Name");
        assert_eq!(Path::Entry(&filters, "a b").to_string(), r#"Filters["a b"]"#);
        assert!(Path::Input.is_input() && Path::Input.to_string().is_empty());
    }
}
