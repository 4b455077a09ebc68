//! `subskeleton metrics`: a running object's numbers as OpenMetrics text.

mod families;
mod server;
mod text;

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::{Result, ensure};
use bpf_subskeleton::Running;

use self::families::Family;
use crate::args::Metrics;
use crate::globals::{Globals, Target};
use crate::{object, output};

/// An array of more numbers is exported only if its path is given: each is a time series for ever.
const MANY: usize = 1024;

pub(crate) fn run(args: &Metrics, json: bool) -> Result<ExitCode> {
    ensure!(
        !json,
        "metrics are OpenMetrics text: leave `--json` out, or use `subskeleton get --json`"
    );
    let source = Source {
        object: args.object.clone(),
        paths: args.paths.clone(),
    };
    let running = source.find()?;
    match args.listen {
        None => output::write(source.scrape(&running, &mut report)?)?,
        Some(address) => server::serve(&source, running, address)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What is exported.
#[derive(Debug, Clone)]
struct Source {
    object: String,
    paths: Vec<String>,
}

impl Source {
    fn find(&self) -> Result<Running> {
        object::find(&self.object)
    }

    /// All values as they are now. `left_out` is told what is left out, unless paths say what is wanted.
    fn scrape(&self, running: &Running, left_out: &mut dyn FnMut(&str)) -> Result<String> {
        let globals = Globals::new(running)?;
        let targets = globals.targets(&self.paths, |variable| globals.is_writable(variable))?;
        if self.paths.is_empty() {
            globals.unreadable().for_each(&mut *left_out);
        }
        let mut families = Vec::new();
        for target in &targets {
            let found = families::of_target(&globals, target)?;
            let count: usize = found.iter().map(|family| family.samples.len()).sum();
            match count > MANY && self.paths.is_empty() {
                true => left_out(&format!(
                    "`{}` has {count} numbers: name it to export them",
                    target.path
                )),
                false => families.extend(found),
            }
        }
        self.expect_numbers(&targets, &families)?;
        text::encode(merge(families)?)
    }

    /// A path without numbers is a mistake; an object without numbers is not.
    fn expect_numbers(&self, targets: &[Target<'_>], families: &[Family]) -> Result<()> {
        let exported: BTreeSet<_> = families.iter().map(|family| family.path.as_str()).collect();
        let without = targets
            .iter()
            .find(|target| !exported.contains(target.path.as_str()));
        match without {
            Some(target) if !self.paths.is_empty() => Err(anyhow::anyhow!(
                "`{}`: there are no numbers in it",
                target.path
            )),
            _ => Ok(()),
        }
    }
}

/// Families of one name become one: parts of an array that were named one by one.
fn merge(families: Vec<Family>) -> Result<Vec<Family>> {
    let mut merged: Vec<Family> = Vec::new();
    for family in families {
        match merged.iter_mut().find(|other| other.name == family.name) {
            None => merged.push(family),
            Some(other) => {
                let known = |labels| other.samples.iter().any(|sample| sample.labels == labels);
                let twice = family
                    .samples
                    .iter()
                    .any(|sample| known(sample.labels.clone()));
                ensure!(
                    !twice && other.kind == family.kind,
                    "`{}` and `{}` would both be the metric {}: export one of them, or name one with \
                     `btf_decl_tag(\"metric: NAME\")`",
                    other.path,
                    family.path,
                    family.name
                );
                other.samples.extend(family.samples);
            }
        }
    }
    Ok(merged)
}

/// Tells the user, beside the metrics.
fn report(reason: &str) {
    let _ = writeln!(io::stderr(), "subskeleton: left out: {reason}");
}
