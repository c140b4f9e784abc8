//! Consumed capacity: what each request would have cost, for the table and for each index.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::table_definition::IndexKind;

/// How fresh a read must be. It decides what the read costs; what it sees is always the newest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Consistency {
    #[default]
    Eventual,
    Strong,
    Transactional,
}

/// Capacity units in halves, so that sums stay exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Units {
    halves: usize,
}

impl Units {
    /// The units of a read of so many bytes: one for each 4 KB, at least one; half when eventually consistent.
    pub(crate) fn of_read(bytes: usize, consistency: Consistency) -> Self {
        let blocks = bytes.div_ceil(4096).max(1);
        let halves = match consistency {
            Consistency::Eventual => 1,
            Consistency::Strong => 2,
            Consistency::Transactional => 4,
        };
        Self { halves: blocks * halves }
    }

    /// The units of a write of so many bytes: one for each KB, at least one.
    pub(crate) fn of_write(bytes: usize) -> Self {
        Self { halves: bytes.div_ceil(1024).max(1) * 2 }
    }

    pub(crate) fn as_f64(self) -> f64 {
        // Half units of one request are far below 2^53.
        self.halves as f64 / 2.0
    }

    /// In halves.
    pub(super) fn halves(self) -> i128 {
        // A count of bytes in memory, shortened, fits by far.
        i128::try_from(self.halves).unwrap_or(i128::MAX >> 64)
    }

    fn doubled(self) -> Self {
        Self { halves: self.halves * 2 }
    }
}

impl std::ops::Add for Units {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { halves: self.halves + other.halves }
    }
}

impl std::ops::AddAssign for Units {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// What a request used of one table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Capacity {
    pub(crate) table: Units,
    pub(crate) indexes: BTreeMap<Arc<str>, (IndexKind, Units)>,
    /// The bytes that were written to vector indexes, which are no units and are not part of the total.
    pub(crate) vector_indexes: BTreeMap<Arc<str>, usize>,
    /// What failed parts of the request cost, which is part of the total alone.
    pub(crate) failures: Units,
}

impl Capacity {
    pub(crate) fn of_table(units: Units) -> Self {
        Self { table: units, ..Self::default() }
    }

    pub(crate) fn add_index(&mut self, name: &Arc<str>, kind: IndexKind, units: Units) {
        self.indexes.entry(name.clone()).or_insert((kind, Units::default())).1 += units;
    }

    pub(crate) fn add_vector_index(&mut self, name: &Arc<str>, bytes: usize) {
        *self.vector_indexes.entry(name.clone()).or_default() += bytes;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.table += other.table;
        self.failures += other.failures;
        for (name, bytes) in &other.vector_indexes {
            self.add_vector_index(name, *bytes);
        }
        for (name, (kind, units)) in &other.indexes {
            self.add_index(name, *kind, *units);
        }
    }

    pub(crate) fn total(&self) -> Units {
        let mut total = self.table + self.failures;
        for (_, units) in self.indexes.values() {
            total += *units;
        }
        total
    }

    /// The price of the same in a transaction: the table's share twice, the indexes' as without one.
    ///
    /// Source: as recorded on AWS in August 2026.
    pub(crate) fn in_transaction(&self) -> Self {
        Self { table: self.table.doubled(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_cost_by_four_kilobytes_and_writes_by_one() {
        assert_eq!(Units::of_read(0, Consistency::Eventual).as_f64(), 0.5);
        assert_eq!(Units::of_read(4096, Consistency::Strong).as_f64(), 1.0);
        assert_eq!(Units::of_read(4097, Consistency::Transactional).as_f64(), 4.0);
        assert_eq!(Units::of_write(1025).as_f64(), 2.0);
    }
}
