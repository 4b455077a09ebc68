//! What the user may write: the arguments, from which clap also makes completions and the man page.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

/// Looks into BPF libraries, and into objects that already run.
#[derive(Debug, Parser)]
#[command(name = "subskeleton", version, max_term_width = 100)]
pub(crate) struct Args {
    /// Write JSON instead of text
    #[arg(short, long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Show(Show),
    Diff(Diff),
    Expand(Expand),
    List(List),
    Get(Get),
    Set(Set),
    Watch(Watch),
    Metrics(Metrics),
    Completions(Completions),
    Man(Man),
}

/// What the commands about one running object call it.
const OBJECT: &str = "A running object: the id, name or tag of one of its programs, its own name, a pinned path, \
                      `btf:ID`, or the file of a library that is linked into it";

/// Show what a library offers: variables, maps, programs, what it needs and what to watch for
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The library's object
    #[arg(value_name = "LIBRARY")]
    pub(crate) library: PathBuf,
}

/// Tell what a companion crate that was built with one object would say to another
///
/// The exit status is 0 if it would bind, 1 if it would not, and 2 on errors.
#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// The library's object that the companion was built with
    pub(crate) old: PathBuf,
    /// A later build of the library, or a final object that it is linked into
    pub(crate) new: PathBuf,
}

/// Write the code that the attribute would generate, formatted
#[derive(Debug, clap::Args)]
pub(crate) struct Expand {
    /// The library's object
    #[arg(value_name = "LIBRARY")]
    pub(crate) library: PathBuf,
    /// Only these variables and maps, as fields of a struct
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) fields: Vec<String>,
    /// The name of the struct [default: the object's, in camel case]
    #[arg(long)]
    pub(crate) name: Option<String>,
}

/// List running objects
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Only those that this library's object is linked into
    #[arg(long, value_name = "LIBRARY")]
    pub(crate) library: Option<PathBuf>,
}

/// Read a running object's variables
///
/// A path is written as in C: `stats.by_cpu[3].packets`.
#[derive(Debug, clap::Args)]
pub(crate) struct Get {
    #[arg(help = OBJECT)]
    pub(crate) object: String,
    /// What to read [default: all variables]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
}

/// Write to a running object's variables, and say what was there before
///
/// All of them are checked before the first is written.
#[derive(Debug, clap::Args)]
pub(crate) struct Set {
    #[arg(help = OBJECT)]
    pub(crate) object: String,
    /// What to write: `stats.by_cpu[3].packets=0`, `mode=FAST`, `name=text`
    #[arg(value_name = "PATH=VALUE", required = true)]
    pub(crate) assignments: Vec<String>,
}

/// Watch a running object's variables change
#[derive(Debug, clap::Args)]
pub(crate) struct Watch {
    #[arg(help = OBJECT)]
    pub(crate) object: String,
    /// What to watch [default: all variables that may change]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// How long to wait between two looks: `500ms`, `2s`
    #[arg(short, long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    pub(crate) interval: Duration,
    /// Write lines, for pipes, instead of drawing on the terminal
    #[arg(long)]
    pub(crate) plain: bool,
    /// Stop after so many looks
    #[arg(short = 'n', long, value_name = "N")]
    pub(crate) count: Option<u64>,
}

/// Write a running object's numbers as OpenMetrics text, or serve them to Prometheus
#[derive(Debug, clap::Args)]
pub(crate) struct Metrics {
    #[arg(help = OBJECT)]
    pub(crate) object: String,
    /// What to export [default: all numbers and arrays of numbers that may change]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// Serve them by HTTP on this address, under `/metrics`
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
}

/// Write completions for a shell to standard output
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    pub(crate) shell: clap_complete::Shell,
}

/// Write the man pages to a folder
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// The folder, which must exist
    pub(crate) folder: PathBuf,
}

/// A time with its unit: `250ms`, `1.5s`, `1m`.
fn duration(text: &str) -> Result<Duration, String> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[number.len()..] {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        _ => return Err("expected a number and a unit: `500ms`, `2s`, `1m`".to_owned()),
    };
    let number: f64 = number
        .parse()
        .map_err(|_| format!("`{number}` is not a number"))?;
    let shortest = 0.01;
    match Duration::try_from_secs_f64(number * unit) {
        Ok(duration) if duration.as_secs_f64() >= shortest => Ok(duration),
        _ => Err("expected 10ms or more".to_owned()),
    }
}
