//! What part of a look the user sees, and the keys that change it.

use std::ops::Range;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::samples::Sample;

/// What part of a look the user sees.
#[derive(Debug, Default)]
pub(super) struct View {
    /// The first row that is shown.
    first: usize,
    /// How many were shown.
    page: usize,
    /// What paths must contain.
    pub(super) filter: String,
    /// Whether the user is writing the filter.
    pub(super) is_filtering: bool,
    /// Whether rows that have never changed are hidden.
    pub(super) changed_only: bool,
    pub(super) is_paused: bool,
}

/// What a key asks for that is not the view's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pressed {
    Quit,
    Other,
}

impl View {
    pub(super) fn press(&mut self, key: KeyEvent) -> Pressed {
        if key.kind == KeyEventKind::Release {
            return Pressed::Other;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if control => return Pressed::Quit,
            KeyCode::Char(_) if control => {}
            KeyCode::Up => self.scroll_back(1),
            KeyCode::Down => self.scroll_on(1),
            KeyCode::PageUp => self.scroll_back(self.page),
            KeyCode::PageDown => self.scroll_on(self.page),
            KeyCode::Home => self.first = 0,
            KeyCode::End => self.first = usize::MAX,
            code if self.is_filtering => self.write_filter(code),
            KeyCode::Char('q') => return Pressed::Quit,
            KeyCode::Esc if self.filter.is_empty() => return Pressed::Quit,
            KeyCode::Esc => self.clear_filter(),
            KeyCode::Char('k') => self.scroll_back(1),
            KeyCode::Char('j') => self.scroll_on(1),
            KeyCode::Char('/') => self.is_filtering = true,
            KeyCode::Char('c') => {
                self.changed_only = !self.changed_only;
                self.first = 0;
            }
            KeyCode::Char(' ') => self.is_paused = !self.is_paused,
            _ => {}
        }
        Pressed::Other
    }

    fn write_filter(&mut self, code: KeyCode) {
        self.first = 0;
        match code {
            KeyCode::Enter => self.is_filtering = false,
            KeyCode::Esc => self.clear_filter(),
            KeyCode::Backspace => {
                self.filter.pop();
            }
            KeyCode::Char(char) => self.filter.push(char),
            _ => {}
        }
    }

    fn clear_filter(&mut self) {
        self.filter.clear();
        self.is_filtering = false;
        self.first = 0;
    }

    fn scroll_back(&mut self, rows: usize) {
        self.first = self.first.saturating_sub(rows);
    }

    fn scroll_on(&mut self, rows: usize) {
        self.first = self.first.saturating_add(rows);
    }

    /// The rows that the user may scroll through. Upper and lower case are one to the filter.
    pub(super) fn rows<'s, 'r>(&self, samples: &'s [Sample<'r>]) -> Vec<&'s Sample<'r>> {
        let filter = self.filter.to_lowercase();
        let is_shown = |sample: &&Sample<'_>| {
            (sample.has_changed || !self.changed_only)
                && sample.label.to_lowercase().contains(&filter)
        };
        samples.iter().filter(is_shown).collect()
    }

    /// Those of the rows that are seen in `height` lines, when each is as many lines high as `heights` says. The last
    /// row stays at the bottom when the user scrolls beyond it.
    pub(super) fn window(&mut self, heights: &[usize], height: usize) -> Range<usize> {
        // How many rows fit in, one at least: it is cut off.
        let fitting = |heights: &mut dyn Iterator<Item = &usize>| {
            let mut left = height;
            let fitting = heights.take_while(|height| {
                let fits = **height <= left;
                left = left.saturating_sub(**height);
                fits
            });
            fitting.count().max(1)
        };
        let last = heights
            .len()
            .saturating_sub(fitting(&mut heights.iter().rev()));
        self.first = self.first.min(last);
        let seen = heights.get(self.first..).unwrap_or_default();
        self.page = fitting(&mut seen.iter());
        self.first..(self.first + self.page).min(heights.len())
    }
}
