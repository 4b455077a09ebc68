//! `subskeleton watch`: a running object's variables, live.
//!
//! `rows` breaks variables up, `samples` reads them. What was read is shown on a `screen`, through a `view` of it that
//! keys change, or in `lines`.

mod bars;
mod lines;
mod rows;
mod samples;
mod screen;
mod terminal;
mod view;

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use bpf_subskeleton::Running;

use self::lines::Lines;
use self::samples::{Sample, Samples};
use self::terminal::Terminal;
use crate::args::Watch;
use crate::commands::get::labels;
use crate::globals::Globals;
use crate::object;

pub(crate) fn run(args: &Watch, json: bool) -> Result<ExitCode> {
    if json || args.plain {
        return watch(args, &mut Lines::new(json));
    }
    ensure!(
        io::stdout().is_terminal(),
        "standard output is no terminal to draw on: use `--plain` for lines, or `--json`"
    );
    watch(args, &mut Terminal::new())
}

/// Where looks are shown.
trait Output {
    /// Shows a look, and returns when the next is due, or with an exit status if the user wants no more.
    fn show(&mut self, look: &Look<'_, '_>) -> Result<Option<ExitCode>>;
}

/// What is known of the object at one time.
#[derive(Debug)]
struct Look<'l, 'r> {
    /// What the user calls the object.
    object: &'l str,
    interval: Duration,
    /// How long after the first look this one is.
    after: Duration,
    /// When the next look is due; `None` after the last.
    next: Option<Instant>,
    state: State,
    samples: &'l [Sample<'r>],
}

/// Whether the object runs.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Running,
    /// It was gone, and was found again so long ago.
    BoundAgain(Duration),
    Gone {
        ago: Duration,
        /// Why it is not found again; `None` if it can't be.
        missing: Option<String>,
    },
}

/// Looks at an object, and at those that replace it, until the user wants no more.
fn watch(args: &Watch, output: &mut dyn Output) -> Result<ExitCode> {
    let mut watcher = Watcher {
        args,
        output,
        start: Instant::now(),
        looks: 0,
        bound_again: None,
    };
    let mut running = object::find(&args.object)?;
    loop {
        match watcher.watch(&running)? {
            End::Quit(code) => return Ok(code),
            End::Replaced(by) => {
                running = by;
                watcher.bound_again = Some(Instant::now());
            }
        }
    }
}

struct Watcher<'a> {
    args: &'a Watch,
    output: &'a mut dyn Output,
    start: Instant,
    looks: u64,
    /// When the object was found again.
    bound_again: Option<Instant>,
}

/// How watching an object ends.
enum End {
    Quit(ExitCode),
    Replaced(Running),
}

impl Watcher<'_> {
    fn watch(&mut self, running: &Running) -> Result<End> {
        let globals = Globals::new(running)?;
        let samples = self
            .samples(&globals)
            .map_err(|error| object::explain(error, running));
        let mut samples = match self.bound_again {
            None => samples?,
            Some(_) => samples.context("the object was loaded again")?,
        };
        loop {
            let state = match self.bound_again {
                None => State::Running,
                Some(when) => State::BoundAgain(when.elapsed()),
            };
            if let Some(code) = self.show(state, &samples)? {
                return Ok(End::Quit(code));
            }
            if !running.is_current() {
                break;
            }
            samples.look_again(&globals)?;
        }
        // Mapped sections would keep the maps of the object, and so its name would still lead to it.
        drop(globals);
        samples.rest();
        self.wait(running, &samples)
    }

    /// Waits until the object is found again.
    fn wait(&mut self, old: &Running, samples: &Samples<'_>) -> Result<End> {
        let gone = Instant::now();
        loop {
            let missing = match self.find_again(old) {
                Ok(Some(running)) => return Ok(End::Replaced(running)),
                Ok(None) => None,
                Err(error) => Some(format!("{error:#}")),
            };
            let ago = gone.elapsed();
            if let Some(code) = self.show(State::Gone { ago, missing }, samples)? {
                return Ok(End::Quit(code));
            }
        }
    }

    /// The object that now has the name of one that is gone; `None` if it never can be, because it was named by an id.
    fn find_again(&self, old: &Running) -> Result<Option<Running>> {
        let text = &self.args.object;
        let id = text.strip_prefix(object::BTF).unwrap_or(text);
        if id.parse::<u32>().is_ok() {
            return Ok(None);
        }
        let found = object::find(text)?;
        ensure!(
            found.btf_id() != old.btf_id(),
            "its programs are gone, but something still holds its maps"
        );
        // Its maps come first. Without programs it would be there as long as it is watched, as that holds its maps.
        ensure!(
            !found.programs().is_empty() || old.programs().is_empty(),
            "its maps are there, but no program is loaded yet"
        );
        Ok(Some(found))
    }

    /// Looks at the object for the first time.
    fn samples<'r>(&self, globals: &Globals<'r>) -> Result<Samples<'r>> {
        let paths = &self.args.paths;
        let targets = globals.targets(paths, |variable| globals.is_writable(variable))?;
        // Who names paths gets an error for what can't be read.
        let unreadable: Vec<_> = match paths.is_empty() {
            true => globals.unreadable().collect(),
            false => Vec::new(),
        };
        if targets.is_empty() {
            let reasons = unreadable.iter().map(|reason| format!("\n  {reason}"));
            bail!(
                "no variable of the object may change; name one to watch it nevertheless{}",
                reasons.collect::<String>()
            );
        }
        let places = labels(&targets).into_iter().zip(targets).collect();
        let rows = rows::rows(&globals.btf, places);
        Samples::new(globals, rows, unreadable.into_iter())
    }

    fn show(&mut self, state: State, samples: &Samples<'_>) -> Result<Option<ExitCode>> {
        self.looks += 1;
        let is_last = self.args.count.is_some_and(|count| self.looks >= count);
        let interval = self.args.interval;
        let look = Look {
            object: &self.args.object,
            interval,
            after: self.start.elapsed(),
            next: (!is_last).then(|| Instant::now() + interval),
            state,
            samples: samples.samples(),
        };
        let quit = self.output.show(&look)?;
        Ok(quit.or(is_last.then_some(ExitCode::SUCCESS)))
    }
}
