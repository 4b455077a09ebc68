use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::*;

const NO_COLOURS: Palette = Palette { has_colours: false };
const COLOURS: Palette = Palette { has_colours: true };

fn sample(label: &str, value: Value<'static>) -> Sample<'static> {
    Sample::new(label.to_owned(), Reading::Value(value))
}

fn array(label: &str, values: Vec<Value<'static>>) -> Sample<'static> {
    let mut sample = sample(label, Value::Int(0));
    sample.reading = Reading::Array {
        changed: vec![false; values.len()],
        len: values.len(),
        values,
    };
    sample
}

fn ints(values: &[i128]) -> Vec<Value<'static>> {
    values.iter().copied().map(Value::Int).collect()
}

/// Something of everything.
fn samples() -> Vec<Sample<'static>> {
    let mut events = sample("events", Value::Int(1234));
    (events.rate, events.changed, events.has_changed) = (Some(12.34), true, true);
    let mut balance = sample("stats.by_cpu[3].balance", Value::Int(-5));
    balance.rate = Some(-1234567.0);
    let text = sample("comm", Value::Text(b"a\x1b[2J".to_vec()));
    let modes = array(
        "modes",
        vec![Value::Enum(Some("MODE_ON"), 1), Value::Enum(None, 7)],
    );
    let mut slots = array("slots", ints(&[0, 10, 5, 1]));
    if let Reading::Array { changed, .. } = &mut slots.reading {
        changed[2] = true;
    }
    let mut rest = sample("table[256..1000]", Value::Int(0));
    rest.reading = Reading::LeftOut("name a part to watch it".to_owned());
    vec![events, balance, text, modes, slots, rest]
}

fn look<'l>(samples: &'l [Sample<'static>], state: State) -> Look<'l, 'static> {
    Look {
        object: "tally",
        interval: Duration::from_millis(500),
        after: Duration::ZERO,
        next: None,
        state,
        samples,
    }
}

/// Draws a look, and checks what is drawn.
#[track_caller]
fn assert_drawn(look: &Look<'_, '_>, view: &mut View, expected: &[&str]) -> Buffer {
    let width = expected[0].chars().count() as u16;
    let backend = TestBackend::new(width, expected.len() as u16);
    let mut terminal = Terminal::new(backend).unwrap();
    let draw_frame = |frame: &mut ratatui::Frame<'_>| {
        draw(frame.area(), frame.buffer_mut(), look, view, COLOURS);
    };
    terminal.draw(draw_frame).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let cells: Vec<_> = buffer.content().iter().map(|cell| cell.symbol()).collect();
    let drawn: Vec<_> = cells.chunks(width.into()).map(|row| row.concat()).collect();
    assert_eq!(drawn, expected, "{drawn:#?}");
    buffer
}

fn press(view: &mut View, keys: &[KeyCode]) {
    for key in keys {
        view.press(KeyEvent::new(*key, KeyModifiers::NONE));
    }
}

#[test]
fn a_row_for_each_value() {
    let samples = samples();
    let look = look(&samples, State::Running);
    let drawn = assert_drawn(
        &look,
        &mut View::default(),
        &[
            " watching tally every 500ms                                          1-6 of 6 ",
            "* events                   1234                                        +12.3/s",
            "  stats.by_cpu[3].balance  -5                                       -1234567/s",
            "  comm                     \"a\\x1b[2J\"                                         ",
            "  modes                    2 elements: { MODE_ON, 7 }                         ",
            "  slots                    4 elements: 0 to 10, most at [1]                   ",
            "        █████                                                                 ",
            "        █████ █████ ▂▂▂▂▂                                                     ",
            "  table[256..1000]         left out: name a part to watch it                  ",
            "                                                                              ",
            " q quit  ↑↓ scroll  / filter  c changed only  space pause                     ",
        ],
    );
    // What changed: a row, and a bar.
    let style = |x, y| drawn[(x, y)].style();
    for (x, y) in [(0, 1), (27, 1), (14, 7)] {
        assert_eq!(style(x, y).fg, Some(Color::Yellow), "{x}, {y}");
        assert!(style(x, y).add_modifier.contains(Modifier::BOLD));
    }
    for (x, y) in [(27, 2), (8, 7), (20, 7)] {
        assert_ne!(style(x, y).fg, Some(Color::Yellow), "{x}, {y}");
        assert!(!style(x, y).add_modifier.contains(Modifier::BOLD));
    }
}

#[test]
fn what_is_unusual_has_a_line() {
    let samples = samples();
    let missing = Some("no running object is called `tally`\nmore".to_owned());
    let ago = Duration::from_millis(3900);
    let gone = look(&samples, State::Gone { ago, missing });
    let mut view = View::default();
    assert_drawn(
        &gone,
        &mut view,
        &[
            " watching tally every 500ms                    1-1 of 6 ",
            " gone for 3 s: no running object is called `tally`      ",
            "* events                   1234                  +12.3/s",
            " q quit  ↑↓ scroll  / filter  c changed only  space paus",
        ],
    );
    let back = look(&samples, State::BoundAgain(ago));
    press(
        &mut view,
        &[KeyCode::Char(' '), KeyCode::Char('c'), KeyCode::Char('/')],
    );
    press(&mut view, &[KeyCode::Char('V'), KeyCode::Enter]);
    assert_drawn(
        &back,
        &mut view,
        &[
            " watching tally every 500ms                    1-1 of 1 ",
            " bound again 3 s ago paused changed only filter: V      ",
            "* events                   1234                  +12.3/s",
            " q quit  ↑↓ scroll  / filter  c changed only  space paus",
        ],
    );
}

#[test]
fn a_filter_is_written_at_the_bottom() {
    let samples = samples();
    let running = look(&samples, State::Running);
    let mut view = View::default();
    let keys = ['/', 's', 'q', ' '].map(KeyCode::Char);
    press(&mut view, &keys);
    press(&mut view, &[KeyCode::Backspace]);
    assert_drawn(
        &running,
        &mut view,
        &[
            " watching tally every 500ms             ",
            "  no path matches the filter            ",
            " /sq_  (Enter: keep, Esc: clear)        ",
        ],
    );
}

#[test]
fn rows_of_several_lines_scroll_as_one() {
    let samples = samples();
    let running = look(&samples, State::Running);
    let mut view = View::default();
    press(&mut view, &[KeyCode::End]);
    assert_drawn(
        &running,
        &mut view,
        &[
            " watching tally every 500ms    5-6 of 6 ",
            "  slots                 4 elements: 0 t…",
            "        █████                           ",
            "        █████ █████ ▂▂▂▂▂               ",
            "  table[256..1000]      left out: name …",
            " q quit  ↑↓ scroll  / filter  c changed ",
        ],
    );
    // One that does not fit is cut off, and scrolled past.
    let mut view = View::default();
    press(&mut view, &[KeyCode::Down; 4]);
    assert_drawn(
        &running,
        &mut view,
        &[
            " watching tally every 500ms    5-5 of 6 ",
            "  slots                 4 elements: 0 t…",
            "        █████                           ",
            " q quit  ↑↓ scroll  / filter  c changed ",
        ],
    );
    press(&mut view, &[KeyCode::PageDown]);
    assert_drawn(
        &running,
        &mut view,
        &[
            " watching tally every 500ms    6-6 of 6 ",
            "  table[256..1000]      left out: name …",
            "                                        ",
            " q quit  ↑↓ scroll  / filter  c changed ",
        ],
    );
}

#[test]
fn without_colours_there_are_none() {
    let samples = samples();
    let running = look(&samples, State::Running);
    let area = Rect::new(0, 0, 80, 12);
    let mut buffer = Buffer::empty(area);
    draw(
        area,
        &mut buffer,
        &running,
        &mut View::default(),
        NO_COLOURS,
    );
    let default = Buffer::empty(area).content()[0].clone();
    for cell in buffer.content() {
        assert_eq!((cell.fg, cell.bg), (default.fg, default.bg));
    }
    assert!(buffer[(0, 1)].modifier.contains(Modifier::BOLD));
}

#[test]
fn every_size_and_state_is_drawn() {
    let mut all = samples();
    all.push(array("empty", Vec::new()));
    all.push(array("long", ints(&[7; 1000])));
    all.push(array(
        "odd",
        vec![Value::Float(f64::NAN), Value::Float(f64::INFINITY)],
    ));
    all.push(sample(
        "wide",
        Value::Text("漢字 e\u{301} 👩‍🚀 ".repeat(9).into_bytes()),
    ));
    let keys = [
        &[][..],
        &[KeyCode::End],
        &[KeyCode::PageDown, KeyCode::PageUp, KeyCode::Down],
        &[KeyCode::Char('/'), KeyCode::Char('漢')],
        &[
            KeyCode::Char('/'),
            KeyCode::Char('s'),
            KeyCode::Enter,
            KeyCode::Down,
        ],
        &[KeyCode::Char('c'), KeyCode::Char(' ')],
    ];
    let (ago, missing) = (Duration::ZERO, None);
    let states = [
        State::Running,
        State::BoundAgain(ago),
        State::Gone { ago, missing },
    ];
    for samples in [&all[..0], &all[..]] {
        for state in &states {
            let look = look(samples, state.clone());
            for (width, height) in sizes() {
                for keys in keys {
                    let mut view = View::default();
                    let area = Rect::new(0, 0, width, height);
                    draw(area, &mut Buffer::empty(area), &look, &mut view, COLOURS);
                    press(&mut view, keys);
                    draw(area, &mut Buffer::empty(area), &look, &mut view, COLOURS);
                }
            }
        }
    }
}

/// Small ones, and what is next to where columns come and go.
fn sizes() -> impl Iterator<Item = (u16, u16)> {
    let widths = (0..14).chain([20, 43, 44, 80]);
    widths.flat_map(|width| (0..8).chain([16]).map(move |height| (width, height)))
}
