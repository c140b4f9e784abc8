//! The names and shapes of members, of which half need not be written.
//!
//! Most names of members stand nowhere before, and members of one name mostly have one shape, the one called like them if
//! there is one. So a name is written as 0 where it is the next text, and a shape as 0 where it is the expected one; all
//! else by its number plus one.

use super::columns::{Column, NONE};

/// What is expected of the next member.
pub(super) struct Expected {
    /// The first text that was no member's name yet. Those of shapes come before all others, in their order.
    next_name: u16,
    /// Of each text the shape that a member of that name is expected to have.
    shapes: Vec<u16>,
}

impl Expected {
    /// At the first member of a model with so many shapes and texts.
    pub(super) fn at_first(shape_count: usize, text_count: usize) -> Option<Self> {
        let next_name = u16::try_from(shape_count).ok()?;
        let mut shapes: Vec<u16> = (0..next_name).collect();
        shapes.resize(text_count.max(shape_count), NONE);
        Some(Self { next_name, shapes })
    }

    #[cfg(any(test, feature = "conformance"))]
    /// What is written of a member.
    pub(super) fn written(&mut self, name: u16, shape: u16) -> Option<(u16, u16)> {
        let written_name = if name == self.next_name { 0 } else { name.checked_add(1)? };
        self.next_name += u16::from(written_name == 0);
        let expected = self.shapes.get_mut(usize::from(name))?;
        let written_shape = if shape == *expected { 0 } else { shape.checked_add(1)? };
        *expected = shape;
        Some((written_name, written_shape))
    }

    /// Name and shape of a member.
    fn read(&mut self, name: u16, shape: u16) -> Option<(u16, u16)> {
        let name = name.checked_sub(1).unwrap_or(self.next_name);
        if name == self.next_name {
            self.next_name = name.checked_add(1)?;
        }
        let expected = self.shapes.get_mut(usize::from(name))?;
        *expected = shape.checked_sub(1).unwrap_or(*expected);
        Some((name, *expected))
    }
}

/// The names and shapes of all members, read from two columns.
pub(super) fn read(mut expected: Expected, [names, shapes]: [Column; 2]) -> Option<Box<[(u16, u16)]>> {
    names.numbers().zip(shapes.numbers()).map(|(name, shape)| expected.read(name, shape)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_expected_is_written_as_nothing() {
        // Two shapes, and so two texts that are called like them.
        let mut expected = Expected::at_first(2, 5).unwrap();
        assert_eq!(expected.written(1, 1), Some((2, 0)));
        assert_eq!(expected.written(2, 1), Some((0, 2)));
        assert_eq!(expected.written(2, 1), Some((3, 0)));
        assert_eq!(expected.written(3, 0), Some((0, 1)));
        assert_eq!(expected.written(2, 0), Some((3, 1)));
        assert_eq!(expected.written(2, 0), Some((3, 0)));
        assert_eq!(expected.written(5, 0), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(members in proptest::collection::vec((0..30_u16, 0..12_u16), 0..80)) {
            let (mut to, mut from) = (Expected::at_first(12, 30).unwrap(), Expected::at_first(12, 30).unwrap());
            for (name, shape) in members {
                let (written_name, written_shape) = to.written(name, shape).unwrap();
                prop_assert_eq!(from.read(written_name, written_shape), Some((name, shape)));
            }
        }
    }
}
