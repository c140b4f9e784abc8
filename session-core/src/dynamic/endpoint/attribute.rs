//! Attributes: `getAttr` and the paths it follows, such as `resourceId[1]`.

use super::operand::Operand;

/// Names and positions, one after the other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    /// Counted from the end where negative.
    Position(isize),
}

impl Path {
    /// `a.b[0]`, `[1]`, `b[-1]`; `None` for what is no path.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (name, positions) = part.split_at(part.find('[').unwrap_or(part.len()));
            if name.is_empty() && (positions.is_empty() || !steps.is_empty()) {
                return None;
            }
            if !name.is_empty() {
                steps.push(Step::Name(name.to_owned()));
            }
            let mut rest = positions;
            while !rest.is_empty() {
                let (position, after) = rest.strip_prefix('[')?.split_once(']')?;
                steps.push(Step::Position(position.parse().ok()?));
                rest = after;
            }
        }
        Some(Self(steps))
    }

    /// What the path leads to from a value; absent where it leads nowhere.
    pub(super) fn follow(&self, from: Operand) -> Operand {
        self.0.iter().fold(from, |value, step| match step {
            Step::Name(name) => named(&value, name),
            Step::Position(position) => at(&value, *position),
        })
    }
}

fn named(value: &Operand, name: &str) -> Operand {
    match value {
        Operand::Arn(arn) => arn.attribute(name),
        Operand::Url(url) => url.attribute(name),
        Operand::Partition(partition) => match name {
            "name" => Operand::text(partition.name()),
            "dnsSuffix" => Operand::text(partition.dns_suffix()),
            "dualStackDnsSuffix" => Operand::text(partition.dual_stack_dns_suffix()),
            "supportsFIPS" => Operand::Bool(partition.supports_fips()),
            "supportsDualStack" => Operand::Bool(partition.supports_dual_stack()),
            "implicitGlobalRegion" => Operand::text(partition.implicit_global_region()),
            _ => Operand::Absent,
        },
        _ => Operand::Absent,
    }
}

fn at(value: &Operand, position: isize) -> Operand {
    let Operand::List(values) = value else { return Operand::Absent };
    let index = match usize::try_from(position) {
        Ok(index) => Some(index),
        Err(_) => values.len().checked_sub(position.unsigned_abs()),
    };
    index.and_then(|index| values.get(index)).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::arn::Arn;
    use super::*;

    fn follow(path: &str, from: &Operand) -> Operand {
        Path::parse(path).unwrap().follow(from.clone())
    }

    #[test]
    fn a_path_leads_through_names_and_positions() {
        let arn = Arn::parse("arn:aws:s3:eu-west-1:123456789012:accesspoint/films").unwrap();
        let arn = Operand::Arn(arn.into());
        assert_eq!(follow("region", &arn), Operand::text("eu-west-1"));
        assert_eq!(follow("resourceId[0]", &arn), Operand::text("accesspoint"));
        assert_eq!(follow("resourceId[-1]", &arn), Operand::text("films"));
        for nowhere in ["resourceId[2]", "resourceId[-3]", "region[0]", "region.name", "owner"] {
            assert_eq!(follow(nowhere, &arn), Operand::Absent, "{nowhere}");
        }
        let list = Operand::texts(["a", "b"].into_iter());
        assert_eq!(follow("[1]", &list), Operand::text("b"));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in ["", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[0]b", "a.[0]"] {
            assert_eq!(Path::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_path_panic(text in "[a-z.\\[\\]0-9é-]{0,20}|\\PC{0,20}") {
            if let Some(path) = Path::parse(&text) {
                path.follow(Operand::texts(["a"].into_iter()));
            }
        }
    }
}
