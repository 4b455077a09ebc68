//! Objects that go while they are watched, and come back.

use std::process::{ChildStdin, Command, Stdio};

use bpf_subskeleton_tests::{kernel, loader};
use libbpf_rs::{Map, MapCore as _, MapHandle};

use crate::pty::{Pty, line};
use crate::{LARGE, Loaded, Process, counters, watch};

/// A process that has loaded an object, and ends when it is killed.
struct Loader {
    process: Process,
    /// Its standard input, which it waits on.
    _input: ChildStdin,
}

impl Loader {
    fn start(name: &str, events: u64) -> Self {
        let mut command = Command::new(loader::path());
        command.arg(counters(name, events)).stdin(Stdio::piped());
        let (mut process, mut lines) = Process::start(command);
        let _input = process.0.stdin.take().unwrap();
        // The id of its program: it is loaded.
        lines.next().unwrap().parse::<u32>().unwrap();
        Self { process, _input }
    }

    fn kill(self) {
        drop(self.process);
    }
}

#[test]
fn an_object_that_is_loaded_again_is_bound_again() {
    let first = Loader::start("reloads_itself", 11);
    let mut pty = Pty::start(watch("reloads_itself", &["events", "-i", "50ms"]), LARGE);
    pty.wait_for_line("  events  11");
    pty.wait_for(" 0/s");
    first.kill();
    let screen = pty.wait_for("gone for ");
    assert!(
        !screen.contents().contains("/s"),
        "nothing changes any more"
    );
    assert!(
        line(&screen, "  events  11").is_some(),
        "the last values stay"
    );
    pty.wait_for("gone for 1 s: no running object is called `reloads_itself`");
    let second = Loader::start("reloads_itself", 22);
    let screen = pty.wait_for("bound again");
    assert!(
        line(&screen, "  events  22").is_some(),
        "{}",
        screen.contents()
    );
    second.kill();
    pty.wait_for("gone for ");
    pty.press("q");
    assert!(pty.wait_for_exit().success());
}

#[test]
fn an_object_by_id_does_not_come_back() {
    let loaded = Loaded::new("watch_id_gone");
    let mut pty = loaded.watch(&["events", "-i", "50ms"], LARGE);
    let command = watch(&loaded.id, &["events", "-i", "50ms", "--plain"]);
    let (process, mut lines) = Process::start(command);
    assert!(lines.next().unwrap().starts_with("# after "));
    pty.wait_for_line("  events  0");
    let id = loaded.id.clone();
    drop(loaded);
    let screen = pty.wait_for("an id does not come back");
    assert!(
        line(&screen, "  events  0").is_some(),
        "the last values stay"
    );
    assert_eq!(lines.last().as_deref(), Some("# the object is gone"));
    let (status, stderr) = process.wait();
    assert_eq!(status.code(), Some(2));
    let expected = format!("subskeleton: `{id}` is gone, and an id does not come back:");
    assert!(stderr.starts_with(&expected), "{stderr}");
}

#[test]
fn lines_say_when_the_object_is_gone_and_back() {
    let first = Loader::start("comes_and_goes", 11);
    let options = ["events", "-i", "20ms", "--plain"];
    let (_process, mut lines) = Process::start(watch("comes_and_goes", &options));
    assert!(lines.any(|line| line == "  events = 11"));
    first.kill();
    assert!(lines.any(|line| line == "# the object is gone"));
    let second = Loader::start("comes_and_goes", 22);
    // It is said once.
    assert_eq!(lines.next().as_deref(), Some("# bound again"));
    assert!(lines.next().unwrap().starts_with("# after "));
    assert_eq!(lines.next().as_deref(), Some("  events = 22"));
    second.kill();
    assert!(lines.any(|line| line == "# the object is gone"));
}

#[test]
fn looks_at_nothing_count_as_well() {
    let loader = Loader::start("goes_for_good", 11);
    let options = ["events", "-i", "50ms", "-n", "100", "--json"];
    let (process, mut looks) = Process::start(watch("goes_for_good", &options));
    assert!(looks.next().unwrap().contains(r#""state":"running""#));
    loader.kill();
    let mut count = 1 + looks
        .by_ref()
        .take_while(|look| look.contains("running"))
        .count();
    // The first of those that found nothing was taken, too.
    count += 1;
    for look in looks {
        assert!(look.ends_with(r#""state":"gone"}"#), "{look}");
        count += 1;
    }
    assert_eq!(count, 100);
    assert!(process.wait().0.success());
}

/// Its name leads to the object as long as there are its maps, but it does not run.
#[test]
fn maps_that_are_left_are_not_the_object() {
    let loaded = Loaded::new("leftmaps");
    let is_bss = |map: &Map<'_>| map.name().to_str().unwrap().ends_with(".bss");
    let map = loaded.object.maps().find(is_bss);
    let map = MapHandle::try_from(&map.unwrap()).unwrap();
    let mut pty = Pty::start(watch("leftmaps", &["events", "-i", "50ms"]), LARGE);
    pty.wait_for_line("  events  0");
    drop(loaded);
    pty.wait_for("gone for 1 s: its programs are gone, but something still holds its maps");
    drop(map);
    pty.wait_for(": no running object is called `leftmaps`");
}

/// The kernel has the maps of an object that is being loaded before it has the programs.
#[test]
fn an_object_that_is_still_being_loaded_is_waited_for() {
    let first = Loader::start("half_loaded", 11);
    let mut pty = Pty::start(watch("half_loaded", &["events", "-i", "50ms"]), LARGE);
    pty.wait_for_line("  events  11");
    first.kill();
    pty.wait_for("gone for ");
    let mut open = kernel::open(&counters("half_loaded", 22));
    open.progs_mut()
        .for_each(|mut program| program.set_autoload(false));
    let halfway = kernel::load(open);
    pty.wait_for(": its maps are there, but no program is loaded yet");
    drop(halfway);
    let _second = Loader::start("half_loaded", 33);
    let screen = pty.wait_for("bound again");
    assert!(line(&screen, "  events  33").is_some());
}
