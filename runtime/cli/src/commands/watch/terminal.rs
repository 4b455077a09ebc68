//! The terminal: it is drawn on, its keys are read, and it is given back as it was.

use std::env;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::screen::{self, Palette};
use super::view::{Pressed, View};
use super::{Look, Output};

/// How long at most a signal goes unnoticed.
const PATIENCE: Duration = Duration::from_millis(100);

/// Draws on the terminal.
#[derive(Debug)]
pub(super) struct Terminal {
    /// Taken at the first look, so that errors before it stay on the screen.
    taken: Option<Taken>,
    view: View,
    palette: Palette,
}

/// The terminal while it is not the shell's.
#[derive(Debug)]
struct Taken {
    terminal: DefaultTerminal,
    /// The signal that came, or 0.
    signal: Arc<AtomicUsize>,
}

impl Terminal {
    pub(super) fn new() -> Self {
        // See https://no-color.org.
        let has_colours = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            taken: None,
            view: View::default(),
            palette: Palette { has_colours },
        }
    }
}

impl Output for Terminal {
    fn show(&mut self, look: &Look<'_, '_>) -> Result<Option<ExitCode>> {
        let Self {
            taken,
            view,
            palette,
        } = self;
        let taken = match taken {
            Some(taken) => taken,
            None => taken.insert(Taken::take()?),
        };
        // The last look stays for as long as any other.
        let next = look.next.unwrap_or_else(|| Instant::now() + look.interval);
        loop {
            let drawn = taken.terminal.draw(|frame| {
                screen::draw(frame.area(), frame.buffer_mut(), look, view, *palette);
            });
            drawn.context("can't draw on the terminal")?;
            let next = (!view.is_paused).then_some(next);
            match taken.wait(next)? {
                Woken::Due => return Ok(None),
                Woken::Signal(signal) => return Ok(Some(ExitCode::from(128 + signal))),
                Woken::Event(Event::Key(key)) if view.press(key) == Pressed::Quit => {
                    return Ok(Some(ExitCode::SUCCESS));
                }
                // What another key changed is drawn, and what another size needs.
                Woken::Event(_) => {}
            }
        }
    }
}

/// Why waiting ended.
enum Woken {
    Due,
    Signal(u8),
    Event(Event),
}

impl Taken {
    fn take() -> Result<Self> {
        let signal = Arc::new(AtomicUsize::new(0));
        for number in [SIGINT, SIGTERM] {
            let flag = Arc::clone(&signal);
            signal_hook::flag::register_usize(number, flag, number as usize)
                .context("can't handle signals")?;
        }
        // This also lets a panic give the terminal back before it is reported.
        match ratatui::try_init() {
            Ok(terminal) => Ok(Self { terminal, signal }),
            Err(error) => {
                // It may be half taken.
                let _ = ratatui::try_restore();
                Err(error).context("can't draw on the terminal; use `--plain`")
            }
        }
    }

    /// Waits for an event or a signal, until `next` at most.
    fn wait(&self, next: Option<Instant>) -> Result<Woken> {
        loop {
            if let Ok(signal @ 1..) = u8::try_from(self.signal.load(Ordering::Relaxed)) {
                return Ok(Woken::Signal(signal));
            }
            let left = next.map(|next| next.saturating_duration_since(Instant::now()));
            let patience = left.unwrap_or(PATIENCE).min(PATIENCE);
            // Also if the next look is due: where drawing takes longer than that, it always is, and keys are heard.
            if event::poll(patience).context("can't read keys")? {
                return Ok(Woken::Event(event::read().context("can't read keys")?));
            }
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(Woken::Due);
            }
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        // Errors can't be told on a terminal that is gone.
        let _ = self.terminal.show_cursor();
        let _ = ratatui::try_restore();
    }
}
