//! Whether this process may load and attach tracing programs.

use std::fs;

/// The capabilities it takes, by their number in <linux/capability.h>.
const NEEDED: [(u32, &str); 2] = [(38, "CAP_PERFMON"), (39, "CAP_BPF")];
/// Includes both.
const CAP_SYS_ADMIN: u32 = 21;

/// Says in one line what is missing.
pub(crate) fn check() -> Result<(), String> {
    // Where these can't be read, the kernel's own answer has to do.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uid_map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let missing = missing(&status);
    if !missing.is_empty() {
        let names = missing.join(" and ");
        return Err(format!(
            "no permission to trace: needs {names}, run it as root"
        ));
    }
    if is_namespace(&uid_map) {
        return Err("no permission to trace: this is root of a user namespace only".to_owned());
    }
    Ok(())
}

/// Whether the users are those of a namespace of their own: the first one has all 2^32 - 1.
fn is_namespace(uid_map: &str) -> bool {
    let fields: Vec<&str> = uid_map.split_whitespace().collect();
    !fields.is_empty() && fields != ["0", "0", "4294967295"]
}

fn missing(status: &str) -> Vec<&'static str> {
    let field = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let Some(held) = field.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()) else {
        return Vec::new();
    };
    let holds = |capability: u32| held & (1 << capability) != 0;
    NEEDED
        .into_iter()
        .filter(|&(capability, _)| !holds(capability) && !holds(CAP_SYS_ADMIN))
        .map(|(_, name)| name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_capabilities_are_named() {
        assert_eq!(missing("CapEff:\t000001ffffffffff\n"), [""; 0]);
        assert_eq!(
            missing("Name:\tx\nCapEff:\t0000000000000000\n"),
            ["CAP_PERFMON", "CAP_BPF"]
        );
        assert_eq!(missing("CapEff:\t0000008000000000\n"), ["CAP_PERFMON"]);
        assert_eq!(missing("CapEff:\t0000000000200000\n"), [""; 0]);
        assert_eq!(missing(""), [""; 0]);
    }
    #[test]
    fn namespaces_are_told_apart() {
        assert!(!is_namespace("         0          0 4294967295\n"));
        assert!(is_namespace("         0       1000          1\n"));
        assert!(!is_namespace(""));
    }
}
