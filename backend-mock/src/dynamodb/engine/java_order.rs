//! The order in which DynamoDB lists names: that of the hash tables of Java in which it collects them.
//!
//! A name lies in the bucket that the low bits of its hash code say, the buckets come one after the other, and names in
//! one bucket in the order in which they were put there. Recorded against AWS in 2026-10, with lists of up to 16 names.

/// How many buckets a table of Java begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Buckets {
    /// As one that is told nothing.
    Default,
    /// As one that is told how many names there will be.
    ForAll,
}

/// The names, each once.
pub(crate) fn in_java_order<'n>(names: impl Iterator<Item = &'n str>, buckets: Buckets) -> Vec<&'n str> {
    let mut distinct: Vec<&str> = Vec::new();
    for name in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    let mut count = match buckets {
        Buckets::Default => 16,
        Buckets::ForAll => distinct.len().next_power_of_two(),
    };
    // A table that is three quarters full is made twice as large.
    while distinct.len() * 4 > count * 3 {
        count *= 2;
    }
    distinct.sort_by_key(|name| bucket(name) as usize % count);
    distinct
}

/// The hash code of a text, its upper half laid over the lower one.
fn bucket(name: &str) -> u32 {
    let code = name.encode_utf16().fold(0_u32, |code, unit| code.wrapping_mul(31).wrapping_add(unit.into()));
    code ^ (code >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_the_order_of_their_buckets() {
        let sixteen: Vec<String> = (1..=14).map(|number| format!("g{number}")).collect();
        let sixteen = ["PK"].into_iter().chain(sixteen.iter().map(String::as_str)).chain(["u1"]);
        for (names, buckets, expected) in [
            ("PK h a unused", Buckets::ForAll, "h a unused PK"),
            ("PK h a", Buckets::Default, "a h PK"),
            ("PK a b c d u1", Buckets::ForAll, "a b PK c d u1"),
            ("PK a b c d u1 u2", Buckets::ForAll, "a b c d PK u1 u2"),
            ("w x y q", Buckets::ForAll, "x y q w"),
            ("orderId customerId createdAt status", Buckets::Default, "createdAt orderId customerId status"),
            (
                &sixteen.collect::<Vec<_>>().join(" "),
                Buckets::ForAll,
                "g11 g10 g13 g12 g1 g2 g14 g3 g4 g5 g6 g7 g8 g9 PK u1",
            ),
            ("a b a", Buckets::Default, "a b"),
            ("", Buckets::ForAll, ""),
        ] {
            assert_eq!(in_java_order(names.split(' '), buckets).join(" "), expected, "{names}");
        }
    }
}
