//! What is drawn, and what keys do.

use rustix::process::Signal;
use vt100::{Color, Screen};

use crate::pty::{Pty, line};
use crate::{LARGE, Loaded, SIZE, watch};

/// The lines of the screen.
fn lines(screen: &Screen) -> Vec<String> {
    let (_, columns) = screen.size();
    let lines = screen.rows(0, columns.into());
    lines.map(|line| line.trim_end().to_owned()).collect()
}

/// The line of a row, whether its value changed or not.
#[track_caller]
fn row(screen: &Screen, label: &str) -> (u16, String) {
    let lines = lines(screen);
    let is_row = |line: &&String| line.split_whitespace().find(|word| *word != "*") == Some(label);
    let position = lines.iter().position(|line| is_row(&line));
    let position = position.unwrap_or_else(|| panic!("no row {label}: {lines:#?}"));
    (position as u16, lines[position].clone())
}

#[test]
fn values_are_drawn_by_type_and_arrays_as_bars() {
    let loaded = Loaded::new("watch_draws");
    let mut pty = loaded.watch(&[], LARGE);
    let screen = pty.wait_for("q quit");
    assert!(screen.alternate_screen() && screen.hide_cursor());
    assert!(!pty.is_as_usual());
    let drawn = lines(&screen);
    let title = format!(" watching {} every 1s", loaded.id);
    assert!(drawn[0].starts_with(&title), "{drawn:#?}");
    assert!(drawn[0].ends_with(" 1-54 of 54"), "{drawn:#?}");
    let expected = [
        "  events                    0",
        "  stats.by_cpu[0].packets   0",
        "  stats.by_cpu[0].flags     0",
        "  stats.by_cpu[1].packets   0",
    ];
    assert_eq!(drawn[1..5], expected);
    let expected = [
        "  stats.by_cpu[23].flags    0",
        "  narrow                    4294967290",
        "  balance                   -5",
        "  mode                      MODE_ON",
        "  text                      \"hello\"",
        "  slots                     16 elements: 0 to 100, most at [0]",
        "  █████",
        "  █████       █████ ▁▁▁▁▁",
        "",
    ];
    assert_eq!(drawn[49..58], expected);
    // What can't change is not watched unless it is named.
    assert!(!screen.contents().contains("setting"));
}

#[test]
fn paths_say_what_is_watched() {
    let loaded = Loaded::new("watch_paths");
    let paths = ["setting", "stats.by_cpu[3]", "slots[2]"];
    let mut pty = loaded.watch(&paths, SIZE);
    let drawn = lines(&pty.wait_for("q quit"));
    let expected = [
        "  setting                  3",
        "  stats.by_cpu[3].packets  0",
        "  stats.by_cpu[3].flags    0",
        "  slots[2]                 50",
        "",
    ];
    assert_eq!(drawn[1..6], expected);
}

#[test]
fn what_changes_is_marked_and_its_rate_shown() {
    let loaded = Loaded::new("watch_changes");
    // Long enough for this test to see each look.
    let options = ["events", "narrow", "balance", "mode", "slots", "-i", "2s"];
    let mut pty = loaded.watch(&options, SIZE);
    pty.wait_for_line("  events   0");
    // A counter that wraps grows by 10; what shrinks has a negative rate.
    loaded.set(&[
        "events=500",
        "narrow=4",
        "balance=-105",
        "mode=MODE_OFF",
        "slots[2]=100",
    ]);
    // They are written one after the other, maybe on both sides of a look.
    let screen = pty.wait_for_line("* slots");
    let (position, slots) = row(&screen, "slots");
    assert_eq!(rate(&slots, 50.0), Ok(()));
    // The bar of the element that changed, and its neighbour's.
    let bars = |column: u16| screen.cell(position + 2, 2 + column).unwrap().clone();
    let bar_width = (80 - 2) / 16;
    let (changed, other) = (bars(2 * bar_width), bars(0));
    assert!(
        changed.bold() && changed.fgcolor() == Color::Idx(3),
        "{changed:?}"
    );
    assert!(
        !other.bold() && other.fgcolor() == Color::Idx(6),
        "{other:?}"
    );
    assert_eq!((changed.contents(), other.contents()), ("█", "█"));
    // When nothing changes any more, nothing is marked.
    let screen = pty.wait_until("nothing marked", |screen| !screen.contents().contains('*'));
    assert!(row(&screen, "events").1.ends_with(" 0/s"));
    assert_eq!(row(&screen, "mode").1, "  mode     MODE_OFF");

    for (path, value, grew) in [
        ("events", "1500", 1000.0),
        ("narrow", "4294967294", -6.0),
        ("balance", "-5", 100.0),
        ("slots[0]", "0", -100.0),
    ] {
        loaded.set(&[&format!("{path}={value}")]);
        let label = path.trim_end_matches("[0]");
        let screen = pty.wait_for_line(&format!("* {label} "));
        let (position, line) = row(&screen, label);
        assert_eq!(rate(&line, grew), Ok(()));
        let mark = screen.cell(position, 0).unwrap();
        assert!(mark.bold() && mark.fgcolor() == Color::Idx(3), "{mark:?}");
    }
}

/// Whether the rate in a row is that of a value that grew so much within two seconds, or some more on a busy machine.
fn rate(line: &str, grew: f64) -> Result<(), String> {
    let rate = line.split_whitespace().last().unwrap_or_default();
    let number: Option<f64> = rate.strip_suffix("/s").and_then(|rate| rate.parse().ok());
    match number {
        Some(rate) if rate / grew > 0.05 && rate / grew < 0.51 => Ok(()),
        _ => Err(format!("{line}: expected {grew} in two seconds")),
    }
}

#[test]
fn without_colours_changes_are_marked_too() {
    let loaded = Loaded::new("watch_no_color");
    let mut command = watch(&loaded.id, &["events", "slots"]);
    command.env("NO_COLOR", "1");
    let mut pty = Pty::start(command, SIZE);
    pty.wait_for_line("  events");
    loaded.set(&["events=1"]);
    let screen = pty.wait_for_line("* events");
    let (rows, columns) = SIZE;
    for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
        let cell = screen.cell(row, column).unwrap();
        assert_eq!(
            (cell.fgcolor(), cell.bgcolor()),
            (Color::Default, Color::Default)
        );
    }
    let (position, _) = row(&screen, "events");
    assert!(screen.cell(position, 0).unwrap().bold());
}

#[test]
fn text_in_memory_can_not_command_the_terminal() {
    let loaded = Loaded::new("watch_escapes");
    loaded.set(&[r#"text="a\x1b[2Jb\x9bc\n""#]);
    let mut pty = loaded.watch(&["text"], SIZE);
    pty.wait_for_line(r#"  text  "a\x1b[2Jb\x9bc\n""#);
}

#[test]
fn keys_scroll() {
    let loaded = Loaded::new("watch_scrolls");
    let mut pty = loaded.watch(&["stats"], (12, 80));
    // Ten rows of 48 between the title and the keys.
    pty.wait_for(" 1-10 of 48");
    for (keys, expected, first) in [
        ("j", " 2-11 of 48", "stats.by_cpu[0].flags"),
        ("\x1b[B", " 3-12 of 48", "stats.by_cpu[1].packets"),
        ("k\x1b[A", " 1-10 of 48", "stats.by_cpu[0].packets"),
        ("\x1b[6~", " 11-20 of 48", "stats.by_cpu[5].packets"),
        ("\x1b[F", " 39-48 of 48", "stats.by_cpu[19].packets"),
        ("jjj", " 39-48 of 48", "stats.by_cpu[19].packets"),
        ("\x1b[5~", " 29-38 of 48", "stats.by_cpu[14].packets"),
        ("\x1b[H", " 1-10 of 48", "stats.by_cpu[0].packets"),
    ] {
        pty.press(keys);
        let first = format!("  {first} ");
        let is_so = |screen: &Screen| {
            screen.contents().contains(expected) && line(screen, &first) == Some(1)
        };
        pty.wait_until(expected, is_so);
    }
}

#[test]
fn keys_filter() {
    let loaded = Loaded::new("watch_filters");
    let mut pty = loaded.watch(&[], SIZE);
    pty.wait_for("q quit");
    // `q` is a letter here.
    pty.press("/q");
    pty.wait_for("no path matches the filter");
    pty.press("\x7fCPU[2");
    pty.wait_for("/CPU[2_");
    pty.press("\r");
    let screen = pty.wait_for("filter: CPU[2");
    assert!(
        screen.contents().contains(" 1-10 of 10"),
        "{}",
        screen.contents()
    );
    // The next look, which may come at any time, adds rates.
    let drawn = lines(&screen);
    assert!(drawn[2].starts_with("  stats.by_cpu[2].packets   0"));
    assert!(drawn[4].starts_with("  stats.by_cpu[20].packets  0"));
    pty.press("\x1b");
    let screen = pty.wait_for(" of 54");
    assert!(!screen.contents().contains("filter:"));
    // Only what has changed.
    pty.press("c");
    pty.wait_for("nothing has changed yet");
    loaded.set(&["balance=3"]);
    pty.wait_for(" 1-1 of 1");
    pty.press("c");
    pty.wait_for(" of 54");
    // A second Esc has no filter to clear.
    pty.press("\x1b");
    assert!(pty.wait_for_exit().success());
}

#[test]
fn a_paused_screen_stays() {
    let loaded = Loaded::new("watch_pauses");
    let mut pty = loaded.watch(&["events", "-i", "10ms"], SIZE);
    pty.wait_for_line("  events  0");
    pty.press(" ");
    pty.wait_for(" paused");
    loaded.set(&["events=7"]);
    // Keys are still heard.
    pty.press("/x");
    pty.wait_for("no path matches");
    pty.press("\x1b");
    pty.wait_for_line("  events  0");
    pty.press(" ");
    let screen = pty.wait_for_line("  events  7");
    assert!(!screen.contents().contains("paused"));
}

#[test]
fn every_way_out_gives_the_terminal_back() {
    let loaded = Loaded::new("watch_quits");
    let given_back = |mut pty: Pty, code| {
        assert_eq!(pty.wait_for_exit().code(), Some(code));
        let is_given_back = |screen: &Screen| !screen.alternate_screen() && !screen.hide_cursor();
        let screen = pty.wait_until("the screen of before", is_given_back);
        assert_eq!(screen.contents(), "");
        assert!(pty.is_as_usual());
    };
    for key in ["q", "\x03", "\x1b"] {
        let mut pty = loaded.watch(&[], SIZE);
        pty.wait_for("q quit");
        pty.press(key);
        given_back(pty, 0);
    }
    for (signal, code) in [(Signal::TERM, 128 + 15), (Signal::INT, 128 + 2)] {
        let mut pty = loaded.watch(&["-i", "1m"], SIZE);
        pty.wait_for("q quit");
        pty.signal(signal);
        given_back(pty, code);
    }
    let mut pty = loaded.watch(&["-n", "2", "-i", "10ms"], SIZE);
    assert_eq!(pty.wait_for_exit().code(), Some(0));
    given_back(pty, 0);
}

#[test]
fn errors_before_the_first_look_stay_readable() {
    let loaded = Loaded::new("watch_errs");
    let mut pty = loaded.watch(&["evens"], SIZE);
    let screen = pty.wait_for("the object has no variable `evens`; did you mean `events`?");
    assert!(!screen.alternate_screen());
    assert_eq!(pty.wait_for_exit().code(), Some(2));
}

#[test]
fn other_sizes_are_drawn_anew() {
    let loaded = Loaded::new("watch_sizes");
    let mut pty = loaded.watch(&["-i", "1m"], (10, 60));
    pty.wait_for(" 1-8 of 54");
    pty.resize((20, 60));
    pty.wait_for(" 1-18 of 54");
    pty.resize((5, 20));
    let screen = pty.wait_for("1-3 of 54");
    let drawn = lines(&screen);
    assert_eq!(
        drawn[1..4],
        ["  events      0", "  …].packets  0", "  …[0].flags  0"]
    );
    for size in [(1, 1), (2, 3), (1, 80), (60, 1)] {
        pty.resize(size);
    }
    pty.resize((30, 100));
    pty.wait_for(" 1-28 of 54");
    pty.press("q");
    assert!(pty.wait_for_exit().success());
}
