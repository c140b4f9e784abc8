//! Sections of a bench: what the command line asks for.

/// Whether the command line asks for `section`, one of `all`: it names that one, or none of them.
pub(crate) fn is_asked(section: &str, all: &[&str]) -> bool {
    let names = |section: &&str| std::env::args().skip(1).any(|argument| argument.contains(*section));
    names(&section) || !all.iter().any(names)
}

/// Whether a profiler watches: then the calls that it was pointed at run, and no summary after them.
pub(crate) fn is_profiled() -> bool {
    std::env::args().any(|argument| argument.starts_with("--profile-time"))
}
