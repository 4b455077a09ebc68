//! bpftool's dump of an object's BTF, as an independent reference.

use std::path::Path;
use std::process::Command;

/// bpftool's output.
pub(crate) fn bpftool(path: &Path) -> String {
    let bpftool = ["/usr/sbin/bpftool", "bpftool"];
    let bpftool = bpftool
        .into_iter()
        .find(|path| Path::new(path).exists())
        .unwrap_or("bpftool");
    let output = Command::new(bpftool)
        .args(["btf", "dump", "file"])
        .arg(path)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Line by line, so that a difference does not print a hundred thousand lines.
#[track_caller]
pub(crate) fn assert_same(ours: &str, theirs: &str) {
    let mut lines = ours.lines().zip(theirs.lines());
    if let Some((ours, theirs)) = lines.find(|(ours, theirs)| ours != theirs) {
        panic!("ours:    {ours}\nbpftool: {theirs}");
    }
    assert_eq!(ours.lines().count(), theirs.lines().count());
}
