//! Text on a terminal that is drawn again and again in the same place.

use std::io::{self, IsTerminal, StdoutLock, Write};

use rustix::termios::tcgetwinsize;

/// Columns of a line of the histogram before its bar.
const LABELS: usize = 28;

/// Standard output. What it shows as a frame is replaced by the next frame, and only shown on a terminal.
pub(crate) struct Screen {
    out: StdoutLock<'static>,
    terminal: bool,
    /// Lines of the frame that is on the screen.
    lines: usize,
}

impl Screen {
    pub(crate) fn new() -> Self {
        let out = io::stdout().lock();
        let terminal = out.is_terminal();
        Self {
            out,
            terminal,
            lines: 0,
        }
    }

    /// Whether frames show.
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// How wide bars may be.
    pub(crate) fn bar_width(&self) -> usize {
        self.size().0.saturating_sub(LABELS).clamp(8, 60)
    }

    /// Draws a frame over the last one, as much of it as fits.
    pub(crate) fn frame(&mut self, text: &str) -> io::Result<()> {
        if !self.terminal {
            return Ok(());
        }
        let fits = self.size().1.saturating_sub(1);
        self.clear()?;
        for line in text.lines().take(fits) {
            writeln!(self.out, "{line}")?;
            self.lines += 1;
        }
        self.out.flush()
    }

    /// Writes text that stays, in place of the last frame.
    pub(crate) fn finish(mut self, text: &str) -> io::Result<()> {
        self.clear()?;
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    fn clear(&mut self) -> io::Result<()> {
        if self.lines > 0 {
            // Up to the start of the frame, and clear from there.
            write!(self.out, "\x1b[{}F\x1b[J", self.lines)?;
            self.lines = 0;
        }
        Ok(())
    }

    /// Columns and rows.
    fn size(&self) -> (usize, usize) {
        match tcgetwinsize(&self.out) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => {
                (size.ws_col.into(), size.ws_row.into())
            }
            _ => (80, 24),
        }
    }
}
