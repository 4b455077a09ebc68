//! Token trees that no delimiters hold together: what is between `<` and `>`, between commas, behind `::`.

use proc_macro2::TokenTree;

/// The rest after `::`.
pub(crate) fn colons(trees: &[TokenTree]) -> Option<&[TokenTree]> {
    match trees {
        [first, second, rest @ ..] if is_punct(first, ':') && is_punct(second, ':') => Some(rest),
        _ => None,
    }
}

/// What is inside `<` and its `>`, and the rest.
pub(crate) fn angled(trees: &[TokenTree]) -> Option<(&[TokenTree], &[TokenTree])> {
    let trees = match trees {
        [first, rest @ ..] if is_punct(first, '<') => rest,
        _ => return None,
    };
    let mut depth = Depth::default();
    let end = trees.iter().position(|tree| depth.next(tree) < 0)?;
    Some((trees.get(..end)?, trees.get(end + 1..)?))
}

/// Splits at each `separator` that is not between `<` and `>`. One at the end separates nothing.
pub(crate) fn split(trees: &[TokenTree], separator: char) -> Vec<Vec<TokenTree>> {
    let mut parts = Vec::new();
    let mut rest = trees;
    while !rest.is_empty() {
        let (part, after) = split_once(rest, separator);
        parts.push(part.to_vec());
        rest = after.unwrap_or_default();
    }
    parts
}

/// Splits at the first `separator` that is not between `<` and `>`.
pub(crate) fn split_once(
    trees: &[TokenTree],
    separator: char,
) -> (&[TokenTree], Option<&[TokenTree]>) {
    let mut depth = Depth::default();
    let at = trees
        .iter()
        .position(|tree| depth.next(tree) == 0 && is_punct(tree, separator));
    match at.and_then(|at| Some((trees.get(..at)?, trees.get(at + 1..)?))) {
        Some((before, after)) => (before, Some(after)),
        None => (trees, None),
    }
}

/// How many `<` are open.
#[derive(Default)]
struct Depth {
    open: i32,
    after_minus: bool,
}

impl Depth {
    /// After `tree`.
    fn next(&mut self, tree: &TokenTree) -> i32 {
        if is_punct(tree, '<') {
            self.open += 1;
        }
        // Not that of `->`.
        if is_punct(tree, '>') && !self.after_minus {
            self.open -= 1;
        }
        self.after_minus = is_punct(tree, '-');
        self.open
    }
}

/// Whether it is this character.
pub(crate) fn is_punct(tree: &TokenTree, character: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == character)
}
