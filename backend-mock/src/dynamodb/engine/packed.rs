//! Packed attributes: an item's names and values in one run of bytes, which takes little more room than DynamoDB counts
//! for the item.
//!
//! Attributes stand in the order of their names, each as the length of its name, the name, and the value. A value is a
//! byte for its type, and then: nothing for a boolean or a null; a length and the bytes for a string or a binary; the
//! sign, exponent and digits of a number; the length of the whole and then all members for what has members. So what is
//! not asked for is stepped over. Lengths are seven bits a byte, the last byte below 128.
//!
//! One string or binary of an item may lie elsewhere: a long key, which the order of the table has as well.
//!
//! Equal attributes have equal bytes.

use std::str;

use super::attribute_value::{AttributeType, AttributeValue, impl_attribute_type};
use super::expression::Step;
use super::item::Attributes;
use super::number::Number;

const S: u8 = 0;
const N: u8 = 1;
const B: u8 = 2;
const FALSE: u8 = 3;
const TRUE: u8 = 4;
const NULL: u8 = 5;
const M: u8 = 6;
const L: u8 = 7;
const SS: u8 = 8;
const NS: u8 = 9;
const BS: u8 = 10;
/// A string and a binary that lie elsewhere.
const SHARED_S: u8 = 11;
const SHARED_B: u8 = 12;

/// The bit that a negative number has beside the count of its digits' bytes.
const NEGATIVE: u8 = 0x80;
/// What the power of ten of a number's first digit is stored above: from there to the greatest, 125, it is a byte.
const LEAST_EXPONENT: i32 = -130;

/// `size` is what DynamoDB counts for the attributes.
pub(super) fn pack(attributes: &Attributes, size: usize) -> Box<[u8]> {
    // What most items take: a type and two lengths for each attribute besides.
    let mut packed = Vec::with_capacity(size + 4 * attributes.len());
    pack_members(attributes, &mut packed);
    packed.into_boxed_slice()
}

/// The attributes at `before` with others in their places, or without them: in the order of their names, each with what
/// it becomes. `size` is what DynamoDB counts for all of `before`; the new count comes with the new bytes.
pub(super) fn spliced(
    before: Reader<'_>,
    mut size: usize,
    changes: &[(&str, Option<&AttributeValue>)],
) -> (Box<[u8]>, usize) {
    let room: usize =
        changes.iter().filter_map(|(name, value)| Some(name.len() + (*value)?.size() + 8)).sum();
    let mut packed = Vec::with_capacity(before.packed.len() + room);
    let mut changes = changes.iter().peekable();
    let write = |(name, value): &(&str, Option<&AttributeValue>), packed: &mut Vec<u8>| {
        let Some(value) = value else { return 0 };
        pack_bytes(name.as_bytes(), packed);
        pack_value(value, packed);
        name.len() + value.size()
    };
    let mut rest = before;
    while let Some((name, length)) = rest.name_and_length() {
        while let Some(new) = changes.next_if(|(changed, _)| *changed < name) {
            size += write(new, &mut packed);
        }
        let (member, after) = rest.packed.split_at(length);
        match changes.next_if(|(changed, _)| *changed == name) {
            None => packed.extend_from_slice(member),
            Some(change) => {
                size -=
                    name.len() + rest.member(name).and_then(Reader::value).map_or(0, |value| value.size());
                size += write(change, &mut packed);
            }
        }
        rest.packed = after;
    }
    for new in changes {
        size += write(new, &mut packed);
    }
    (packed.into_boxed_slice(), size)
}

/// The same without the bytes of one string or binary, which lie elsewhere from now on; `None` if there is none, or it
/// does already.
pub(super) fn sharing(packed: &[u8], name: &str) -> Option<Box<[u8]>> {
    let mut rest = Reader::new(packed);
    loop {
        let (here, length) = rest.name_and_length()?;
        if here != name {
            rest.packed = &rest.packed[length..];
            continue;
        }
        let after = &rest.packed[length..];
        rest.text()?;
        let kind = match rest.byte()? {
            S => SHARED_S,
            B => SHARED_B,
            _ => return None,
        };
        // The value's own bytes begin behind the byte for its type.
        let head = &packed[..packed.len() - rest.packed.len() - 1];
        return Some([head, &[kind], after].concat().into_boxed_slice());
    }
}

fn pack_members(members: &Attributes, packed: &mut Vec<u8>) {
    for (name, value) in members {
        pack_bytes(name.as_bytes(), packed);
        pack_value(value, packed);
    }
}

fn pack_value(value: &AttributeValue, packed: &mut Vec<u8>) {
    match value {
        AttributeValue::S(text) => {
            packed.push(S);
            pack_bytes(text.as_bytes(), packed);
        }
        AttributeValue::N(number) => {
            packed.push(N);
            pack_number(*number, packed);
        }
        AttributeValue::B(bytes) => {
            packed.push(B);
            pack_bytes(bytes, packed);
        }
        AttributeValue::Bool(value) => packed.push(if *value { TRUE } else { FALSE }),
        AttributeValue::Null => packed.push(NULL),
        AttributeValue::M(members) => pack_all(M, packed, |packed| pack_members(members, packed)),
        AttributeValue::L(elements) => {
            pack_all(L, packed, |packed| elements.iter().for_each(|element| pack_value(element, packed)));
        }
        AttributeValue::Ss(elements) => {
            pack_all(SS, packed, |packed| {
                elements.iter().for_each(|text| pack_bytes(text.as_bytes(), packed))
            });
        }
        AttributeValue::Ns(elements) => {
            pack_all(NS, packed, |packed| elements.iter().for_each(|number| pack_number(*number, packed)));
        }
        AttributeValue::Bs(elements) => {
            pack_all(BS, packed, |packed| elements.iter().for_each(|bytes| pack_bytes(bytes, packed)));
        }
    }
}

fn pack_all(kind: u8, packed: &mut Vec<u8>, pack: impl FnOnce(&mut Vec<u8>)) {
    let mut inside = Vec::new();
    pack(&mut inside);
    packed.push(kind);
    pack_bytes(&inside, packed);
}

fn pack_bytes(bytes: &[u8], packed: &mut Vec<u8>) {
    let mut length = bytes.len();
    while length >= 0x80 {
        packed.push((length & 0x7F) as u8 | 0x80);
        length >>= 7;
    }
    packed.push(length as u8);
    packed.extend_from_slice(bytes);
}

fn pack_number(number: Number, packed: &mut Vec<u8>) {
    let (negative, digits, unit) = number.parts();
    let magnitude = digits.checked_ilog10().unwrap_or(0);
    let digits = digits.to_le_bytes();
    let count = digits.len() - digits.iter().rev().take_while(|byte| **byte == 0).count();
    packed.push(count as u8 | if negative { NEGATIVE } else { 0 });
    if count > 0 {
        packed.push((unit + magnitude as i32 - LEAST_EXPONENT) as u8);
        packed.extend_from_slice(&digits[..count]);
    }
}

/// Reads what was packed. Everything gives `None` at the end of the bytes, and would on bytes that nobody packed.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'p> {
    packed: &'p [u8],
    /// What lies elsewhere.
    shared: &'p [u8],
}

/// A value where it lies; what has members is read by what [`Reader`] has for its type.
pub(crate) enum View<'p> {
    S(&'p str),
    N(Number),
    B(&'p [u8]),
    Bool(bool),
    Null,
    M(Reader<'p>),
    L(Reader<'p>),
    Ss(Reader<'p>),
    Ns(Reader<'p>),
    Bs(Reader<'p>),
}

impl<'p> Reader<'p> {
    pub(super) fn new(packed: &'p [u8]) -> Self {
        Self { packed, shared: &[] }
    }

    pub(super) fn with_shared(packed: &'p [u8], shared: &'p [u8]) -> Self {
        Self { packed, shared }
    }

    /// The attributes or members here, each with a reader that stands before its value.
    pub(super) fn members(mut self) -> impl Iterator<Item = (&'p str, Reader<'p>)> {
        std::iter::from_fn(move || {
            let (name, value) = (self.text()?, self);
            self.step_over()?;
            Some((name, value))
        })
    }

    /// The name of the first attribute or member here, and the bytes that it takes with its value.
    fn name_and_length(self) -> Option<(&'p str, usize)> {
        let mut after = self;
        let name = after.text()?;
        after.step_over()?;
        Some((name, self.packed.len() - after.packed.len()))
    }

    /// The value of one attribute or member.
    pub(super) fn member(self, name: &str) -> Option<Self> {
        self.members()
            .take_while(|(there, _)| *there <= name)
            .find(|(there, _)| *there == name)
            .map(|it| it.1)
    }

    /// What lies at a step into the value here.
    pub(super) fn enter(mut self, step: &Step) -> Option<Self> {
        match (self.byte()?, step) {
            (M, Step::Member(name)) => Self::new(self.bytes()?).member(name),
            (L, Step::Element(index)) => {
                let mut inside = Self::new(self.bytes()?);
                for _ in 0..*index {
                    inside.step_over()?;
                }
                (!inside.packed.is_empty()).then_some(inside)
            }
            _ => None,
        }
    }

    /// The value here.
    pub(super) fn value(self) -> Option<AttributeValue> {
        self.view().map(|view| view.value())
    }

    /// The value here, where it lies.
    pub(super) fn view(mut self) -> Option<View<'p>> {
        self.take_view()
    }

    /// All attributes or members from here on.
    pub(super) fn attributes(self) -> Attributes {
        self.views().map(|(name, view)| (name.into(), view.value())).collect()
    }

    /// The attributes or members here.
    pub(crate) fn views(mut self) -> impl Iterator<Item = (&'p str, View<'p>)> {
        std::iter::from_fn(move || Some((self.text()?, self.take_view()?)))
    }

    /// The elements of the list here.
    pub(crate) fn elements(mut self) -> impl Iterator<Item = View<'p>> {
        std::iter::from_fn(move || self.take_view())
    }

    /// The elements of the set of strings here.
    pub(crate) fn texts(mut self) -> impl Iterator<Item = &'p str> {
        std::iter::from_fn(move || self.text())
    }

    /// The elements of the set of numbers here.
    pub(crate) fn numbers(mut self) -> impl Iterator<Item = Number> {
        std::iter::from_fn(move || self.number())
    }

    /// The elements of the set of binaries here.
    pub(crate) fn binaries(mut self) -> impl Iterator<Item = &'p [u8]> {
        std::iter::from_fn(move || self.bytes())
    }

    fn take_view(&mut self) -> Option<View<'p>> {
        Some(match self.byte()? {
            S => View::S(self.text()?),
            N => View::N(self.number()?),
            B => View::B(self.bytes()?),
            FALSE => View::Bool(false),
            TRUE => View::Bool(true),
            NULL => View::Null,
            M => View::M(Self::new(self.bytes()?)),
            L => View::L(Self::new(self.bytes()?)),
            SS => View::Ss(Self::new(self.bytes()?)),
            NS => View::Ns(Self::new(self.bytes()?)),
            SHARED_S => View::S(str::from_utf8(self.shared).ok()?),
            SHARED_B => View::B(self.shared),
            BS => View::Bs(Self::new(self.bytes()?)),
            _ => return None,
        })
    }

    fn step_over(&mut self) -> Option<()> {
        match self.byte()? {
            FALSE | TRUE | NULL | SHARED_S | SHARED_B => {}
            N => {
                let count = usize::from(self.byte()? & !NEGATIVE);
                if count > 0 {
                    self.take(count + 1)?;
                }
            }
            _ => {
                self.bytes()?;
            }
        }
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.packed.split_first()?;
        self.packed = rest;
        Some(*first)
    }

    fn take(&mut self, count: usize) -> Option<&'p [u8]> {
        let (taken, rest) = self.packed.split_at_checked(count)?;
        self.packed = rest;
        Some(taken)
    }

    fn bytes(&mut self) -> Option<&'p [u8]> {
        let (mut length, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7F).checked_shl(shift)?;
            if byte < 0x80 {
                return self.take(length);
            }
            shift += 7;
        }
    }

    fn text(&mut self) -> Option<&'p str> {
        str::from_utf8(self.bytes()?).ok()
    }

    fn number(&mut self) -> Option<Number> {
        let head = self.byte()?;
        let count = usize::from(head & !NEGATIVE);
        if count == 0 {
            return Some(Number::ZERO);
        }
        let exponent = i64::from(self.byte()?) + i64::from(LEAST_EXPONENT);
        let mut digits = [0; 16];
        digits.get_mut(..count)?.copy_from_slice(self.take(count)?);
        let digits = u128::from_le_bytes(digits);
        let unit = exponent - i64::from(digits.checked_ilog10()?);
        Number::from_parts(head & NEGATIVE != 0, digits, unit).ok()
    }
}

impl_attribute_type!(View<'_>);

impl View<'_> {
    /// The value by itself.
    pub(super) fn value(&self) -> AttributeValue {
        match *self {
            Self::S(text) => AttributeValue::S(text.into()),
            Self::N(number) => AttributeValue::N(number),
            Self::B(bytes) => AttributeValue::B(bytes.to_vec().into()),
            Self::Bool(value) => AttributeValue::Bool(value),
            Self::Null => AttributeValue::Null,
            Self::M(members) => AttributeValue::M(members.attributes()),
            Self::L(elements) => {
                AttributeValue::L(elements.elements().map(|element| element.value()).collect())
            }
            Self::Ss(texts) => AttributeValue::Ss(texts.texts().map(Into::into).collect()),
            Self::Ns(numbers) => AttributeValue::Ns(numbers.numbers().collect()),
            Self::Bs(binaries) => {
                AttributeValue::Bs(binaries.binaries().map(|bytes| bytes.to_vec().into()).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_length_of_more_bytes_than_a_number_has_is_none() {
        assert_eq!(Reader::new(&[0xFF; 12]).bytes(), None);
    }

    fn number() -> impl Strategy<Value = Number> {
        ("-?[0-9]{1,38}", -130..88_i32)
            .prop_map(|(digits, unit)| format!("{digits}e{unit}"))
            .prop_filter_map("a number out of range", |text| text.parse().ok())
    }

    fn value() -> impl Strategy<Value = AttributeValue> {
        let scalar = prop_oneof![
            "\\PC{0,200}".prop_map(|text| AttributeValue::S(text.into())),
            number().prop_map(AttributeValue::N),
            prop::collection::vec(any::<u8>(), 0..200).prop_map(|bytes| AttributeValue::B(bytes.into())),
            any::<bool>().prop_map(AttributeValue::Bool),
            Just(AttributeValue::Null),
            prop::collection::btree_set("\\PC{0,4}", 1..4)
                .prop_map(|texts| { AttributeValue::Ss(texts.into_iter().map(Into::into).collect()) }),
            prop::collection::btree_set(number(), 1..4).prop_map(AttributeValue::Ns),
            prop::collection::btree_set(prop::collection::vec(any::<u8>(), 0..4), 1..4)
                .prop_map(|all| { AttributeValue::Bs(all.into_iter().map(Into::into).collect()) }),
        ];
        scalar.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(AttributeValue::L),
                attributes(inner).prop_map(AttributeValue::M),
            ]
        })
    }

    fn attributes(value: impl Strategy<Value = AttributeValue>) -> impl Strategy<Value = Attributes> {
        prop::collection::btree_map("\\PC{0,3}", value, 0..6)
            .prop_map(|members| members.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back_whole_and_in_parts(attributes in attributes(value())) {
            let packed = pack(&attributes, 0);
            let reader = Reader::new(&packed);
            prop_assert_eq!(&reader.attributes(), &attributes);
            for (name, value) in &attributes {
                let there = reader.member(name).unwrap();
                prop_assert_eq!(&there.value().unwrap(), value);
                match value {
                    AttributeValue::L(elements) => {
                        for (index, element) in elements.iter().enumerate() {
                            prop_assert_eq!(&there.enter(&Step::Element(index)).unwrap().value().unwrap(), element);
                        }
                        prop_assert!(there.enter(&Step::Element(elements.len())).is_none());
                    }
                    AttributeValue::M(members) => {
                        for (name, member) in members {
                            let found = there.enter(&Step::Member(name.clone())).unwrap();
                            prop_assert_eq!(&found.value().unwrap(), member);
                        }
                    }
                    _ => prop_assert!(there.enter(&Step::Element(0)).is_none()),
                }
            }
            prop_assert!(reader.member("a name that no item has").is_none());
        }

        #[test]
        fn what_lies_elsewhere_reads_as_if_it_lay_here(attributes in attributes(value())) {
            let packed = pack(&attributes, 0);
            for (name, value) in &attributes {
                let elsewhere = match value {
                    AttributeValue::S(text) => text.as_bytes(),
                    AttributeValue::B(bytes) => bytes,
                    _ => {
                        prop_assert_eq!(sharing(&packed, name), None);
                        continue;
                    }
                };
                let rest = sharing(&packed, name).unwrap();
                prop_assert!(rest.len() < packed.len());
                prop_assert_eq!(sharing(&rest, name), None);
                let reader = Reader::with_shared(&rest, elsewhere);
                prop_assert_eq!(&reader.attributes(), &attributes);
                for (name, value) in &attributes {
                    prop_assert_eq!(&reader.member(name).unwrap().value().unwrap(), value);
                }
            }
        }

        #[test]
        fn changes_in_place_are_changes_of_the_whole(
            before in attributes(value()),
            changes in prop::collection::btree_map("\\PC{0,3}", prop::option::of(value()), 0..6),
            in_place in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(value())), 0..3),
        ) {
            use super::super::item::size;

            let mut changes: Vec<(String, Option<AttributeValue>)> = changes.into_iter().collect();
            if !before.is_empty() {
                changes.extend(in_place.into_iter().map(|(at, value)| {
                    (before.keys().nth(at.index(before.len())).unwrap().to_string(), value)
                }));
            }
            changes.sort_by(|one, other| one.0.cmp(&other.0));
            changes.dedup_by(|one, other| one.0 == other.0);
            let mut after = before.clone();
            for (name, value) in &changes {
                match value {
                    Some(value) => after.insert(name.as_str().into(), value.clone()),
                    None => after.remove(name.as_str()),
                };
            }
            let changes: Vec<_> =
                changes.iter().map(|(name, value)| (name.as_str(), value.as_ref())).collect();
            let packed = pack(&before, size(&before));
            let (spliced, counted) = spliced(Reader::new(&packed), size(&before), &changes);
            prop_assert_eq!(&spliced, &pack(&after, size(&after)));
            prop_assert_eq!(counted, size(&after));
        }

        #[test]
        fn bytes_that_nobody_packed_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let reader = Reader::new(&bytes);
            let _ = (reader.attributes(), reader.value(), reader.enter(&Step::Element(3)));
        }
    }

    #[test]
    fn a_packed_item_takes_little_more_than_dynamodb_counts() {
        let item: Attributes = [
            ("id".into(), AttributeValue::S("film-1".into())),
            ("plays".into(), AttributeValue::N("1234".parse().unwrap())),
            ("flags".into(), AttributeValue::L(vec![AttributeValue::Bool(true); 8])),
        ]
        .into();
        assert_eq!((super::super::item::size(&item), pack(&item, 0).len()), (8 + 8 + 24, 11 + 11 + 16));
    }
}
