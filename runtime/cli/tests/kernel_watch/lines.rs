//! Lines and JSON for pipes.

use std::fs;
use std::path::PathBuf;

use crate::{Loaded, Process, texts, watch};

#[test]
fn lines_for_pipes() {
    let loaded = Loaded::new("watch_lines");
    let options = ["events", "slots", "text", "-i", "50ms", "--plain"];
    let (_process, mut lines) = Process::start(watch(&loaded.id, &options));
    let first: Vec<_> = lines.by_ref().take(4).collect();
    assert!(first[0].starts_with("# after "), "{first:#?}");
    let slots = "  slots = { 100, 0, 50, 1, 0 <repeats 12 times> }";
    assert_eq!(first[1..], ["  events = 0", slots, "  text = \"hello\""]);
    loaded.set(&["events=1000000"]);
    let changed = lines.find(|line| line.starts_with('*')).unwrap();
    let rate = changed.strip_prefix("* events = 1000000  (+").unwrap();
    let rate: f64 = rate.strip_suffix("/s)").unwrap().parse().unwrap();
    // 50 ms are 20 a second.
    assert!(rate > 100_000.0 && rate < 20_200_000.0, "{rate}");
    assert!(lines.any(|line| line == "  events = 1000000  (+0.0/s)"));
}

#[test]
fn a_reader_that_goes_ends_it_quietly() {
    let loaded = Loaded::new("watch_head");
    for option in ["--plain", "--json"] {
        let (process, lines) = Process::start(watch(&loaded.id, &["-i", "10ms", option]));
        assert_eq!(lines.take(2).count(), 2);
        let (status, errors) = process.wait();
        assert!(status.success(), "{status}");
        assert_eq!(errors, "");
    }
}

#[test]
fn a_json_document_for_each_look() {
    let loaded = Loaded::new("watch_json");
    let options = [
        "slots",
        "mode",
        "stats.by_cpu[1]",
        "--json",
        "-n",
        "2",
        "-i",
        "10ms",
    ];
    let output = watch(&loaded.id, &options).output().unwrap();
    let (stdout, stderr) = texts(&output);
    assert!(output.status.success() && stderr.is_empty(), "{stderr}");
    let looks: Vec<serde_json::Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let values = serde_json::json!({
        "slots": [100, 0, 50, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        "mode": "MODE_ON",
        "stats.by_cpu[1].packets": 0,
        "stats.by_cpu[1].flags": 0,
    });
    let still = serde_json::json!({
        "slots": 0.0, "stats.by_cpu[1].packets": 0.0, "stats.by_cpu[1].flags": 0.0
    });
    let none = serde_json::json!({});
    assert_eq!(looks.len(), 2);
    for (look, rates) in looks.iter().zip([none, still]) {
        assert_eq!(look["state"], "running");
        assert_eq!(look["values"], values);
        assert_eq!(look["rates"], rates);
        assert_eq!(look["changed"], serde_json::json!([]));
    }
    assert!(looks[1]["seconds"].as_f64().unwrap() >= 0.01);
}

#[test]
fn without_a_terminal_it_says_what_to_use() {
    let loaded = Loaded::new("watch_no_tty");
    let output = watch(&loaded.id, &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let (stdout, stderr) = texts(&output);
    assert_eq!(stdout, "");
    assert_eq!(
        stderr,
        "subskeleton: standard output is no terminal to draw on: use `--plain` for lines, or `--json`\n"
    );
}

/// A program that loaded it need not run any more.
#[test]
fn a_pinned_object_is_watched() {
    let loaded = Loaded::new("watch_pinned");
    let folder = PathBuf::from(format!("/sys/fs/bpf/watch-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let pin = folder.join("program");
    let object = loaded.object;
    object.progs_mut().next().unwrap().pin(&pin).unwrap();
    drop(object);
    let output = watch(pin.to_str().unwrap(), &["balance", "--plain", "-n", "1"]).output();
    fs::remove_dir_all(&folder).unwrap();
    let output = output.unwrap();
    let (stdout, stderr) = texts(&output);
    assert!(stdout.ends_with("\n  balance = -5\n"), "{stdout}{stderr}");
}
