//! What libbpf's linker makes of duplicate names: `verify_linked` finds the objects in which user space and
//! BPF would see a variable in different places, and accepts all others.

use std::fs;
use std::path::{Path, PathBuf};

use bpf_subskeleton_object::btf::{Btf, Type};
use bpf_subskeleton_object::elf::Elf;
use bpf_subskeleton_object::{Mismatch, VerifyError, verify_linked};
use bpf_subskeleton_tests::objects::{compile_c, link, link_once, object};

/// A unit with a variable of its own, which keeps other offsets off 0, and a user of `variable`.
fn unit(name: &str, before: &str, variable: &str, used: &str) -> PathBuf {
    let source = format!(
        "{before}
         {variable}
         int {name}_use(void) {{ return {name}_own + {used}; }}"
    );
    compile_c(name, &source)
}

/// Section, name and mismatch of all misplaced variables.
fn misplaced(object: &Path) -> Vec<(String, String, Mismatch)> {
    match verify_linked(&fs::read(object).unwrap()) {
        Ok(()) => Vec::new(),
        Err(VerifyError::Misplaced(misplaced)) => misplaced
            .into_iter()
            .map(|misplaced| (misplaced.section, misplaced.name, misplaced.mismatch))
            .collect(),
        Err(error) => panic!("{}: {error}", object.display()),
    }
}

fn text(object: &Path) -> String {
    let bytes = fs::read(object).unwrap();
    verify_linked(&bytes).unwrap_err().to_string()
}

#[track_caller]
fn assert_in_order(object: &Path) {
    assert_eq!(misplaced(object), [], "{}", object.display());
}

fn offset(
    section: &str,
    name: &str,
    btf: u64,
    symbol: u64,
    shadowed: bool,
) -> (String, String, Mismatch) {
    let mismatch = Mismatch::Offset {
        btf,
        symbol,
        shadowed,
    };
    (section.to_owned(), name.to_owned(), mismatch)
}

#[test]
fn objects_in_order() {
    for name in [
        "types",
        "prog_lib",
        "statics",
        "subskel_lib",
        "subskel_lib2",
        "subskel_app",
        "unresolved",
    ] {
        // As the compiler wrote it, and through the linker.
        let object = object(name);
        assert_in_order(&object);
        assert_in_order(&link_once(name, &[&object]));
        assert_in_order(&link(name, &[&object]));
    }
    let [lib, lib2, app] = ["subskel_lib", "subskel_lib2", "subskel_app"].map(object);
    for inputs in [
        [&lib, &lib2, &app],
        [&app, &lib, &lib2],
        [&lib, &app, &lib2],
    ] {
        assert_in_order(&link("in_order", &inputs.map(PathBuf::as_path)));
    }
}

/// The linker does not adjust the weak one's offset in BTF until its second pass.
#[test]
fn weak_then_strong() {
    let weak = unit(
        "weak",
        "int weak_own = 1;",
        "int level __attribute__((weak)) = 2;",
        "level",
    );
    let strong = unit("strong", "int strong_own = 3;", "int level = 4;", "level");
    let once = link_once("weak_then_strong", &[&weak, &strong]);
    assert_eq!(misplaced(&once), [offset(".data", "level", 4, 12, false)]);
    assert_eq!(
        text(&once),
        "user space would not find what BPF code uses:\n\
         - `level` in `.data`: at offset 4 for user space (BTF), at 12 for BPF (its symbol); give the \
         linker's output to the linker once more, by itself"
    );
    assert_in_order(&link("weak_then_strong", &[&weak, &strong]));
    assert_in_order(&link_once("strong_then_weak", &[&strong, &weak]));
}

/// What is plain `extern` gets its place; what is declared in a section, as a map is, keeps offset 0
/// until the linker sees its own output.
#[test]
fn extern_first() {
    let [user, owner] = ["user", "owner"].map(|name| {
        move |variable: &str| unit(name, &format!("int {name}_own = 1;"), variable, "level")
    });
    let inputs = [user("extern int level;"), owner("int level = 4;")];
    assert_in_order(&link_once(
        "extern_first",
        &inputs.each_ref().map(PathBuf::as_path),
    ));

    let there = "__attribute__((section(\".data.levels\")))";
    let user = user(&format!("extern int level {there};"));
    let owner = owner(&format!("int first {there} = 5; int level {there} = 4;"));
    let once = link_once("extern_in_section_first", &[&user, &owner]);
    assert_eq!(
        misplaced(&once),
        [offset(".data.levels", "level", 0, 4, false)]
    );
    assert_in_order(&link("extern_in_section_first", &[&user, &owner]));
    assert_in_order(&link_once("extern_in_section_last", &[&owner, &user]));
}

/// libbpf identifies maps by their offsets in BTF: it would give BPF code the first one for the second.
#[test]
fn extern_map_first() {
    let maps = "struct { int (*type)[2]; int (*max_entries)[1]; int *key; int *value; }";
    let there = "__attribute__((section(\".maps\")))";
    let address = "(long)&second";
    let user = format!("extern {maps} second {there};");
    let user = unit("map_user", "int map_user_own = 1;", &user, address);
    let owner = format!("{maps} first {there}, second {there};");
    let owner = unit(
        "map_owner",
        "int map_owner_own = 3;",
        &owner,
        "(long)&first",
    );
    let once = link_once("extern_map_first", &[&user, &owner]);
    assert_eq!(misplaced(&once), [offset(".maps", "second", 0, 32, false)]);
    assert_in_order(&link("extern_map_first", &[&user, &owner]));
}

/// The linker looks for a variable by name alone when its own output comes in again, and takes the
/// static for the global.
#[test]
fn static_then_global() {
    let kept = |name: &str, own: &str| unit(name, own, "static volatile int level = 2;", "level");
    let (kept, kept_too) = (
        kept("kept", "int kept_own = 1;"),
        kept("kept_too", "int kept_too_own;"),
    );
    let shown = unit("shown", "int shown_own = 3;", "int level = 4;", "level");
    let inputs = [kept.as_path(), &shown];
    assert_in_order(&link_once("static_then_global", &inputs));
    let twice = link("static_then_global", &inputs);
    assert_eq!(misplaced(&twice), [offset(".data", "level", 4, 12, true)]);
    assert!(text(&twice).ends_with(
        "a static of that name is there: rename it, or give the linker the object with the \
             global first"
    ));
    assert_in_order(&link("global_then_static", &[&shown, &kept]));
    assert_in_order(&link("two_statics", &[&kept, &kept_too]));
}

/// The linker puts the strong variable where it is defined, but leaves BTF's in the section of the weak
/// one. It crashes on the reverse, weak in `.data`, so no test can show that.
#[test]
fn weak_in_another_section() {
    let weak = unit(
        "weak_bss",
        "int weak_bss_own;",
        "int level __attribute__((weak));",
        "level",
    );
    let strong = unit("strong", "int strong_own = 3;", "int level = 4;", "level");
    let once = link_once("weak_in_another_section", &[&weak, &strong]);
    assert_eq!(
        text(&once),
        "user space would not find what BPF code uses:\n\
         - `level` in `.bss`: there for user space (BTF), in `.data` for BPF (its symbol); a weak \
         definition must be in the section of the one that replaces it: give both an initial value \
         other than 0, or neither"
    );
}

/// A linked object to be changed by hand, as no linker would.
struct Edited {
    bytes: Vec<u8>,
}

impl Edited {
    fn new() -> Self {
        let unit = unit(
            "edited",
            "int edited_own = 1; static volatile int kept = 2;",
            "int level = 4;",
            "level + kept",
        );
        let linked = link("edited", &[&unit]);
        Self {
            bytes: fs::read(linked).unwrap(),
        }
    }

    fn section(&self, name: &str) -> usize {
        let elf = Elf::parse(&self.bytes).unwrap();
        let data = elf.section(name).unwrap().data;
        data.as_ptr() as usize - self.bytes.as_ptr() as usize
    }

    /// Replaces a field of a symbol, `at` bytes from its beginning.
    fn symbol(mut self, name: &str, at: usize, value: u8) -> Self {
        let elf = Elf::parse(&self.bytes).unwrap();
        let index = elf.symbols.iter().position(|symbol| symbol.name == name);
        let at = self.section(".symtab") + (index.unwrap() + 1) * 24 + at;
        self.bytes[at] = value;
        self
    }

    /// Replaces offset and size of a variable in BTF.
    fn btf(mut self, name: &str, (offset, size): (u32, u32), to: (u32, u32)) -> Self {
        let elf = Elf::parse(&self.bytes).unwrap();
        let btf = elf.btf().unwrap();
        let types = Btf::parse(btf, elf.endian).unwrap();
        let is = |ty: &Type<'_>| matches!(ty, Type::Variable { name: other, .. } if *other == name);
        let (id, _) = types.iter().find(|(_, ty)| is(ty)).unwrap();
        let words =
            |(offset, size): (u32, u32)| [id.0, offset, size].map(u32::to_ne_bytes).concat();
        let at = btf
            .windows(12)
            .position(|window| window == words((offset, size)));
        let at = self.section(".BTF") + at.unwrap();
        let new = words(to);
        self.bytes[at..at + 12].copy_from_slice(&new);
        self
    }

    fn text(&self) -> String {
        let text = verify_linked(&self.bytes).unwrap_err().to_string();
        let (first, rest) = text.split_once("\n- ").unwrap();
        assert_eq!(first, "user space would not find what BPF code uses:");
        rest.to_owned()
    }
}

#[test]
fn not_as_the_linker_wrote_it() {
    const SIZE: usize = 16;
    const NAME: usize = 0;
    const VALUE: usize = 8;

    assert!(verify_linked(&Edited::new().bytes).is_ok());
    assert_eq!(
        Edited::new().symbol("level", SIZE, 8).text(),
        "`level` in `.data`: 4 bytes for user space (BTF), 8 for BPF (its symbol); compile all \
         objects that define it with the same definition"
    );
    assert_eq!(
        Edited::new().symbol("level", NAME, 0).text(),
        "`level` in `.data`: there for user space (BTF), but BPF has no such symbol; was it stripped \
         or renamed after linking?"
    );
    assert_eq!(
        Edited::new().symbol("kept", VALUE, 1).text(),
        "`kept` in `.data`: a static for user space (BTF), but BPF has none of that name in its \
         place; was it moved after linking?"
    );
    assert_eq!(
        Edited::new().btf("level", (4, 4), (200, 4)).text(),
        "`level` in `.data`: past the 12 bytes of its section for user space (BTF); give the \
         linker the objects that the compiler wrote"
    );
    let overlapping = Edited::new().btf("edited_own", (0, 4), (0, 8));
    assert_eq!(
        overlapping.symbol("edited_own", SIZE, 8).text(),
        "`level` in `.data`: in the place of `edited_own`, for user space (BTF) as for BPF (its \
         symbol); give the linker the objects that the compiler wrote"
    );
    // All at once.
    let both = Edited::new()
        .symbol("level", VALUE, 0)
        .symbol("kept", VALUE, 1);
    assert_eq!(both.text().lines().count(), 2);
}

#[test]
fn not_an_object() {
    assert_eq!(
        verify_linked(b"int x;").unwrap_err().to_string(),
        "not an ELF file (it begins like text): expected a BPF object as \
         `clang --target=bpf -g -O2 -c` writes it"
    );
}
