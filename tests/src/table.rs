//! Tables on the terminal, with what is wrong or doesn't apply in notes below.

use std::collections::BTreeMap;

/// A table whose columns are as wide as they need to be.
#[derive(Debug)]
pub struct Table {
    rows: Vec<Vec<String>>,
    notes: Notes,
}

/// Notes, each with the rows that it is about.
#[derive(Debug, Default)]
struct Notes {
    numbers: BTreeMap<String, usize>,
    /// By number, less one: the note, and which rows it is about.
    notes: Vec<(String, Vec<String>)>,
}

/// How many of the rows that a note is about are named.
const NAMED: usize = 4;

impl Table {
    /// An empty table with these columns.
    #[must_use]
    pub fn new(columns: &[&str]) -> Self {
        Self {
            rows: vec![columns.iter().map(|&column| column.to_owned()).collect()],
            notes: Notes::default(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The mark of a note, for a cell: `[3]`. `about` is named beside the note.
    pub fn note(&mut self, text: &str, about: &str) -> String {
        let Notes { numbers, notes } = &mut self.notes;
        let number = *numbers.entry(text.to_owned()).or_insert_with(|| {
            notes.push((text.to_owned(), Vec::new()));
            notes.len()
        });
        if let Some((_, abouts)) = notes.get_mut(number - 1) {
            abouts.push(about.to_owned());
        }
        format!("[{number}]")
    }

    /// Prints it.
    pub fn print(&self) {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..columns).map(width).collect();
        for (index, row) in self.rows.iter().enumerate() {
            let cells = row.iter().zip(&widths);
            let cells: Vec<_> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            println!("| {} |", cells.join(" | "));
            if index == 0 {
                let lines: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
                println!("| {} |", lines.join(" | "));
            }
        }
        for (index, (text, abouts)) in self.notes.notes.iter().enumerate() {
            let mut named: Vec<_> = abouts.iter().map(String::as_str).take(NAMED).collect();
            let more = format!("{} more", abouts.len().saturating_sub(NAMED));
            if abouts.len() > NAMED {
                named.push(&more);
            }
            println!("[{}] {text} ({})", index + 1, named.join(", "));
        }
    }
}
