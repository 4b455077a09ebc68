//! The kernel's symbols, by address.

use std::collections::BTreeMap;
use std::fs;

/// What `/proc/kallsyms` says, read when the first address is asked for.
#[derive(Debug, Default)]
pub(crate) struct Symbols(Option<BTreeMap<u64, String>>);

impl Symbols {
    /// The symbol at exactly this address. Without privilege the kernel shows no addresses, so there are no symbols.
    pub(crate) fn at(&mut self, address: u64) -> Option<String> {
        self.0.get_or_insert_with(read).get(&address).cloned()
    }
}

fn read() -> BTreeMap<u64, String> {
    let text = fs::read_to_string("/proc/kallsyms").unwrap_or_default();
    let symbols = text.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let address = u64::from_str_radix(words.next()?, 16).ok()?;
        let name = words.nth(1)?;
        (address != 0).then(|| (address, name.to_owned()))
    });
    // Of several at one address, the first.
    let mut all = BTreeMap::new();
    for (address, name) in symbols {
        all.entry(address).or_insert(name);
    }
    all
}
