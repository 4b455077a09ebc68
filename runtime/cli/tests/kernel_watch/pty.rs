//! A command in a pseudo-terminal, and what it drew there as a terminal emulator shows it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use rustix::pty::OpenptFlags;
use rustix::termios::{self, Winsize};
use vt100::{Parser, Screen};

/// How long something may take to appear; never reached unless it does not.
const DEADLINE: Duration = Duration::from_secs(60);

/// A command in a pseudo-terminal.
pub(super) struct Pty {
    child: Child,
    /// The terminal's own side.
    ours: File,
    /// The side of the command.
    theirs: OwnedFd,
    emulator: Arc<Mutex<Parser>>,
}

impl Pty {
    pub(super) fn start(mut command: Command, (rows, columns): (u16, u16)) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let ours = rustix::pty::openpt(flags).unwrap();
        rustix::pty::grantpt(&ours).unwrap();
        rustix::pty::unlockpt(&ours).unwrap();
        let name = rustix::pty::ptsname(&ours, Vec::new()).unwrap();
        let theirs = File::options()
            .read(true)
            .write(true)
            .open(OsStr::from_bytes(name.to_bytes()))
            .unwrap();
        termios::tcsetwinsize(&theirs, size(rows, columns)).unwrap();
        for stream in [Command::stdin, Command::stdout, Command::stderr] {
            stream(&mut command, theirs.try_clone().unwrap());
        }
        let own_terminal = || {
            rustix::process::setsid()?;
            // Standard input. The kernel tells the command of new sizes only on its controlling terminal.
            rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
            Ok(())
        };
        // SAFETY: the closure makes two system calls, which are allowed after a fork.
        unsafe { command.pre_exec(own_terminal) };
        let child = command.spawn().unwrap();
        let pty = Self {
            child,
            ours: File::from(ours),
            theirs: theirs.into(),
            emulator: Arc::new(Mutex::new(new_emulator(rows, columns))),
        };
        pty.emulate();
        pty
    }

    /// Shows all that the command writes, until its side is closed.
    fn emulate(&self) {
        let (mut ours, emulator) = (self.ours.try_clone().unwrap(), Arc::clone(&self.emulator));
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = ours.read(&mut bytes) {
                emulator.lock().unwrap().process(&bytes[..count]);
            }
        });
    }

    pub(super) fn press(&mut self, keys: &str) {
        self.ours.write_all(keys.as_bytes()).unwrap();
    }

    pub(super) fn resize(&mut self, (rows, columns): (u16, u16)) {
        let mut emulator = self.emulator.lock().unwrap();
        emulator
            .screen_mut()
            .set_size(nonzero(rows), nonzero(columns));
        termios::tcsetwinsize(&self.theirs, size(rows, columns)).unwrap();
    }

    pub(super) fn signal(&self, signal: Signal) {
        rustix::process::kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// What is on the screen now.
    pub(super) fn screen(&self) -> Screen {
        self.emulator.lock().unwrap().screen().clone()
    }

    /// Waits until the screen is as it should be.
    #[track_caller]
    pub(super) fn wait_until(&mut self, what: &str, is_so: impl Fn(&Screen) -> bool) -> Screen {
        let start = Instant::now();
        loop {
            let screen = self.screen();
            if is_so(&screen) {
                return screen;
            }
            let status = self.child.try_wait().unwrap();
            assert!(
                start.elapsed() < DEADLINE,
                "not on the screen: {what}; {status:?}\n{}",
                screen.contents()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the text is on the screen.
    #[track_caller]
    pub(super) fn wait_for(&mut self, text: &str) -> Screen {
        self.wait_until(text, |screen| screen.contents().contains(text))
    }

    /// Waits until a line of the screen is this one, whatever stands to the right.
    #[track_caller]
    pub(super) fn wait_for_line(&mut self, start: &str) -> Screen {
        self.wait_until(start, |screen| line(screen, start).is_some())
    }

    /// Waits until the command ends.
    #[track_caller]
    pub(super) fn wait_for_exit(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < DEADLINE, "it still runs");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Whether the terminal gives out whole lines and echoes, as shells expect it.
    pub(super) fn is_as_usual(&self) -> bool {
        let modes = termios::tcgetattr(self.theirs.as_fd()).unwrap().local_modes;
        let usual = termios::LocalModes::ICANON | termios::LocalModes::ECHO;
        modes.contains(usual)
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The number of the first line that begins so.
pub(super) fn line(screen: &Screen, start: &str) -> Option<u16> {
    let (_, columns) = screen.size();
    let position = screen
        .rows(0, columns.into())
        .position(|row| row.starts_with(start));
    position.map(|row| row as u16)
}

fn new_emulator(rows: u16, columns: u16) -> Parser {
    Parser::new(nonzero(rows), nonzero(columns), 0)
}

fn nonzero(size: u16) -> NonZero<u16> {
    NonZero::new(size).unwrap()
}

fn size(rows: u16, columns: u16) -> Winsize {
    Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    }
}
