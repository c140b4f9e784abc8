//! The words that cannot name an attribute without quotes.

use std::collections::HashSet;
use std::sync::LazyLock;

static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| LIST.split_ascii_whitespace().collect());

/// Whether a name must stand in double quotes because SQL has taken it.
pub(super) fn is_keyword(word: &str) -> bool {
    WORDS.contains(word.to_ascii_lowercase().as_str())
}

/// Whether the word joins two terms; such a word can begin none.
pub(super) fn is_operator(word: &str) -> bool {
    ["and", "or", "is", "like", "in", "between", "union", "except", "intersect"]
        .iter()
        .any(|operator| word.eq_ignore_ascii_case(operator))
}

/// Whether the word begins a term that no call does.
pub(super) fn is_clause(word: &str) -> bool {
    ["not", "case", "select", "from", "set", "remove", "true", "false", "null", "missing"]
        .iter()
        .any(|clause| word.eq_ignore_ascii_case(clause))
}

const LIST: &str = "
absolute action add all allocate alter and any are as asc assertion at authorization avg begin between
bit bit_length by cascade cascaded case cast catalog char char_length character character_length check
close coalesce collate collation column commit connect connection constraint constraints continue
convert corresponding count create cross current current_date current_time current_timestamp
current_user cursor date deallocate dec decimal declare default deferrable deferred delete desc describe
descriptor diagnostics disconnect distinct domain double drop else end escape except exception exec
execute exists external extract false fetch first float for foreign found from full get global go goto
grant group having identity immediate in indicator initially inner input insensitive insert int integer
intersect interval into is isolation join key language last left level like limit local lower match max
min missing module names national natural nchar next no not null nullif numeric octet_length of on only
open option or order outer output overlaps pad partial pivot position precision prepare preserve primary
prior privileges procedure public read real references relative remove restrict revoke right rollback
rows schema scroll section select session session_user set size smallint some space sql sqlcode sqlerror
sqlstate substring sum system_user table temporary then time timestamp to transaction translate
translation trim true union unique unknown unpivot update upper usage user using value values varchar
varying view when whenever where with work write zone
any bag blob bool boolean clob conflict do index let list modified new nothing offset old returning sexp string
struct symbol tuple
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_sql_are_keywords_in_any_case() {
        assert!(is_keyword("Inner") && is_keyword("AT") && !is_keyword("data"));
    }
}
