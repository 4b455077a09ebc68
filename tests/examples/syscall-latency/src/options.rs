//! The command line.

use std::time::Duration;

pub(crate) const USAGE: &str = "\
Draws a histogram of how long system calls take.

usage: syscall-latency [--seconds N] [--min N]

  --seconds N   how long to look, 0 until interrupted (default: 5)
  --min N       leave out system calls shorter than N nanoseconds (default: 0)
";

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// How long to run, `None` until interrupted.
    pub(crate) duration: Option<Duration>,
    /// In nanoseconds.
    pub(crate) min: u64,
}

impl Options {
    /// Reads the arguments after the program's name; `Ok(None)` if they ask for help.
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut seconds = 5;
        let mut min = 0;
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--seconds" => seconds = number(&arg, args.next())?,
                "--min" => min = number(&arg, args.next())?,
                "-h" | "--help" => return Ok(None),
                _ => return Err(format!("unknown argument `{arg}`, see --help")),
            }
        }
        let duration = (seconds > 0).then_some(Duration::from_secs(seconds));
        Ok(Some(Self { duration, min }))
    }
}

fn number(option: &str, value: Option<String>) -> Result<u64, String> {
    let value = value.ok_or_else(|| format!("{option} needs a number"))?;
    value
        .parse()
        .map_err(|_| format!("{option} needs a whole number from 0, not `{value}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Option<Options>, String> {
        Options::parse(args.iter().map(ToString::to_string))
    }

    #[test]
    fn options() {
        let five = Some(Duration::from_secs(5));
        assert_eq!(
            parse(&[]),
            Ok(Some(Options {
                duration: five,
                min: 0
            }))
        );
        assert_eq!(
            parse(&["--min", "9", "--seconds", "0"]),
            Ok(Some(Options {
                duration: None,
                min: 9
            }))
        );
        assert_eq!(parse(&["--help", "--bogus"]), Ok(None));
    }

    #[test]
    fn mistakes_are_named() {
        let mistakes = [
            (&["--bogus"][..], "unknown argument `--bogus`, see --help"),
            (&["--seconds"], "--seconds needs a number"),
            (
                &["--seconds", "-1"],
                "--seconds needs a whole number from 0, not `-1`",
            ),
        ];
        for (args, message) in mistakes {
            assert_eq!(parse(args), Err(message.to_owned()));
        }
    }
}
