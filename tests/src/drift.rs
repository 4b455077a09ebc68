//! The cases of `tests/drift`: a library that changes after a companion was built with it.
//!
//! They are in `drift/*.diff`: lines of `bpf-src/drift.bpf.c` that go (`-`) and come (`+`), and the problems that
//! binding then has (`=`), neither less nor more.

/// A name, and lines that begin with what is done with them.
#[derive(Debug)]
pub struct Case<'a> {
    /// What changed.
    pub name: &'a str,
    /// The lines.
    pub lines: Vec<&'a str>,
}

impl<'a> Case<'a> {
    /// Reads the cases of a file.
    #[must_use]
    pub fn read_all(text: &'a str) -> Vec<Self> {
        let mut cases: Vec<Self> = Vec::new();
        for line in text.lines() {
            match (line.strip_prefix("# "), cases.last_mut()) {
                (Some(name), _) => cases.push(Self {
                    name,
                    lines: Vec::new(),
                }),
                (None, Some(case)) if !line.is_empty() => case.lines.push(line),
                _ => {}
            }
        }
        cases
    }

    /// The lines that begin with `mark`, without it.
    pub fn marked(&self, mark: char) -> impl Iterator<Item = &'a str> {
        self.lines
            .iter()
            .filter_map(move |line| line.strip_prefix(mark))
    }

    /// The library with the case's change: each `-` block, which stands there once, and what comes for it.
    ///
    /// # Panics
    ///
    /// If the library has no such block, or more than one.
    #[must_use]
    pub fn source(&self, library: &str) -> String {
        let mut source = format!("\n{library}");
        let changes = self.lines.iter().filter(|line| !line.starts_with('='));
        let mut changes = changes.peekable();
        while changes.peek().is_some() {
            let mut block = |mark| {
                let mut text = "\n".to_owned();
                while let Some(line) = changes.next_if(|line| line.starts_with(mark)) {
                    text.push_str(&line[1..]);
                    text.push('\n');
                }
                text
            };
            let (before, after) = (block('-'), block('+'));
            assert_eq!(source.matches(&before).count(), 1, "{}:{before}", self.name);
            source = source.replacen(&before, &after, 1);
        }
        source
    }
}
