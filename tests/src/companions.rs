//! The companion crates of many objects as one package: a module each, and one for all objects whose generated code
//! is the same. So cargo compiles thousands of expansions at once.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Output;

use bpf_subskeleton_codegen::internals::names::identifier;
use bpf_subskeleton_codegen::internals::{Environment, File, expand_in, generate};

use syn::{GenericArgument, Item, PathArguments, PathSegment, Type};

use crate::package::Package;

/// What the attribute is on.
const ITEM: &str = "pub struct Library;";

/// Companion crates.
#[derive(Debug)]
pub struct Companions {
    package: Package,
    name: String,
    /// `None` where the code doesn't compile.
    modules: Vec<Option<String>>,
    by_code: HashMap<String, Companion>,
}

/// One of [`Companions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Companion(usize);

/// What came of loading an object and binding companions to it.
#[derive(Debug, Default)]
pub struct Bound {
    /// Why it can't be loaded: what libbpf or the kernel said.
    pub refused: Option<String>,
    /// By companion, what `bind` and `programs` say; empty if they succeed.
    pub problems: BTreeMap<Companion, String>,
    /// How many values the companion reads as bpftool does.
    pub equal: usize,
    /// What differs.
    pub values: Vec<String>,
}

/// The code that the attribute generates for an object. `path` is where the code looks for the object when it is
/// compiled: code that is equal but for that is compiled once if `path` is equal as well.
///
/// # Errors
///
/// The attribute's messages.
pub fn expand(object: &Path, path: &Path) -> Result<String, String> {
    let bytes = fs::read(object).map_err(|e| format!("{}: {e}", object.display()))?;
    let path = path.display().to_string();
    let args = format!("obj = {path:?}");
    let tokens = |text: &str| text.parse().map_err(|e| format!("{text}: {e}"));
    let file = File { path, bytes };
    if let Some(code) = generate(tokens(&args)?, tokens(ITEM)?, &file) {
        return Ok(code.to_string());
    }
    let environment = Environment::with([]);
    let args = format!("obj = {:?}", object.display().to_string());
    match expand_in(&environment, tokens(&args)?, tokens(ITEM)?) {
        Ok(_) => Err("no code, and no message why".to_owned()),
        Err(messages) => Err(messages.join("; ")),
    }
}

impl Companions {
    /// No companions yet, in a package `name` in the folder `tmp`, where the packages of tests are as well.
    #[must_use]
    pub fn new(tmp: &str, name: &str) -> Self {
        Self {
            package: Package::new(
                tmp,
                name,
                "bpf-subskeleton = { path = \"{workspace}/runtime\" }",
            ),
            name: name.to_owned(),
            modules: Vec::new(),
            by_code: HashMap::new(),
        }
    }

    /// Adds code, unless it is there already.
    pub fn add(&mut self, code: String) -> Companion {
        if let Some(companion) = self.by_code.get(&code) {
            return *companion;
        }
        let companion = Companion(self.modules.len());
        self.modules.push(Some(code.clone()));
        self.by_code.insert(code, companion);
        companion
    }

    /// The number of companions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.modules.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.modules.is_empty()
    }

    /// Compiles all of them, warnings being errors. Returns the first error of each that doesn't compile; these are left
    /// out from here on.
    ///
    /// # Errors
    ///
    /// If something else doesn't compile.
    pub fn compile(&mut self) -> Result<BTreeMap<Companion, String>, String> {
        self.compile_with(&[])
    }

    /// As [`compile`](Self::compile), for another target, which rustup has installed. None are left out.
    ///
    /// # Errors
    ///
    /// As of `compile`.
    pub fn compile_for(&mut self, target: &str) -> Result<BTreeMap<Companion, String>, String> {
        let modules = self.modules.clone();
        let failed = self.compile_with(&["--target", target]);
        self.modules = modules;
        self.write();
        failed
    }

    fn compile_with(&mut self, args: &[&str]) -> Result<BTreeMap<Companion, String>, String> {
        self.write();
        let mut failed = BTreeMap::new();
        // rustc stops before it checks constants if there are errors of another kind: until there are none.
        loop {
            let mut cargo = self.package.cargo("check");
            cargo.args(["--lib", "--quiet", "--message-format=short"]);
            cargo.args(args);
            let output = cargo.output().map_err(|e| format!("cargo: {e}"))?;
            if output.status.success() {
                return Ok(failed);
            }
            let errors = errors(&output);
            if errors
                .keys()
                .all(|companion| failed.contains_key(companion))
            {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned());
            }
            failed.extend(errors);
            for Companion(index) in failed.keys() {
                if let Some(module) = self.modules.get_mut(*index) {
                    *module = None;
                }
            }
            self.write();
        }
    }

    /// Loads each object and binds its companions; with `values`, compares what they read with what bpftool reads. All
    /// companions compile.
    ///
    /// # Errors
    ///
    /// If that can't be done: the process crashed, for one.
    pub fn bind(
        &self,
        objects: &[(&Path, Vec<Companion>)],
        values: bool,
    ) -> Result<Vec<Bound>, String> {
        let mut list = String::new();
        for (object, companions) in objects {
            let _ = write!(list, "{}", object.display());
            for Companion(index) in companions {
                let _ = write!(list, "\t{index}");
            }
            list.push('\n');
        }
        self.package.write("objects.txt", list);
        let mut cargo = self.package.run();
        cargo.arg("objects.txt").args(values.then_some("values"));
        let output = cargo.output().map_err(|e| format!("cargo: {e}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut bound: Vec<Bound> = Vec::new();
        for line in text.lines() {
            let mut columns = line.splitn(3, '\t');
            let (kind, text) = (columns.next(), columns.next().unwrap_or_default());
            match (kind, bound.last_mut()) {
                (Some("object"), _) => bound.push(Bound::default()),
                (Some("refused"), Some(last)) => last.refused = Some(text.to_owned()),
                (Some("equal"), Some(last)) => last.equal += text.parse().unwrap_or(0),
                (Some("value"), Some(last)) => last.values.push(text.to_owned()),
                (Some("companion"), Some(last)) => {
                    let index = text.parse().map_err(|e| format!("{text}: {e}"))?;
                    let problems = columns.next().unwrap_or_default();
                    last.problems.insert(Companion(index), problems.to_owned());
                }
                _ => return Err(format!("what is `{line}`?")),
            }
        }
        if !output.status.success() || bound.len() != objects.len() {
            let stopped = bound
                .len()
                .checked_sub(1)
                .and_then(|last| objects.get(last));
            let stopped = stopped.map_or_else(String::new, |(path, _)| path.display().to_string());
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{} at {stopped}: {said}", output.status));
        }
        Ok(bound)
    }

    fn write(&self) {
        let mut root = "//! Companions.\n#![deny(warnings)]\n".to_owned();
        let mut binds = String::new();
        for (index, module) in self.modules.iter().enumerate() {
            let Some(module) = module else { continue };
            let _ = writeln!(root, "pub mod m{index};");
            let _ = writeln!(
                binds,
                "{index} => bind!({}::m{index}::Library, object, [{}]),",
                self.name,
                variables(module).join(", ")
            );
            self.package.write(&format!("src/m{index}.rs"), module);
        }
        self.package.write("src/lib.rs", root);
        let main = include_str!("companions/main.rs")
            .replace("0 => (String::new(), Values::new()), // companions", &binds);
        self.package.write("src/main.rs", main);
        self.package
            .write("src/values.rs", include_str!("companions/values.rs"));
    }
}

/// The variables in generated code, as the package's `bind!` takes them: `("x", bytes, bss, x)`.
fn variables(code: &str) -> Vec<String> {
    let file = syn::parse_file(code).unwrap_or_else(|e| panic!("generated code: {e}"));
    let mut fields: HashMap<String, Vec<(String, Type)>> = HashMap::new();
    let inner = file.items.iter().filter_map(|item| match item {
        Item::Mod(module) => module.content.as_ref().map(|(_, items)| items),
        _ => None,
    });
    for item in file.items.iter().chain(inner.flatten()) {
        if let Item::Struct(item) = item {
            let named = item
                .fields
                .iter()
                .filter_map(|field| Some((field.ident.as_ref()?.to_string(), field.ty.clone())));
            fields.insert(item.ident.to_string(), named.collect());
        }
    }
    let mut variables = Vec::new();
    for (section, ty) in fields.get("Library").into_iter().flatten() {
        // `many::Bss`, or `Variables<many::Bss>` if it has many.
        let of = last(ty).and_then(|of| match argument(of) {
            Some(ty) => last(ty),
            None => Some(of),
        });
        let of = of.map(|of| of.ident.to_string());
        let members = of.and_then(|of| fields.get(&of));
        for (name, ty) in members.into_iter().flatten() {
            let Some(handle) = last(ty).filter(|last| last.ident == "Var" || last.ident == "Const")
            else {
                continue;
            };
            let is_slice = matches!(argument(handle), Some(Type::Slice(_)));
            let bytes = if is_slice { "slice" } else { "bytes" };
            // Identifiers can't be these, not even raw ones.
            let reserved = ["self", "Self", "super", "crate", "_"];
            let reserved = reserved.into_iter().find(|word| identifier(word) == *name);
            let c_name = reserved.unwrap_or(name.strip_prefix("r#").unwrap_or(name));
            variables.push(format!("({c_name:?}, {bytes}, {section}, {name})"));
        }
    }
    variables
}

/// The last segment of a type's path.
fn last(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The type argument of a segment, if it has one.
fn argument(segment: &PathSegment) -> Option<&Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
            Some(GenericArgument::Type(ty)) => Some(ty),
            _ => None,
        },
        _ => None,
    }
}

/// By companion, the first error in its file.
fn errors(output: &Output) -> BTreeMap<Companion, String> {
    let mut errors = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        // src/m12.rs:1:2345: error[E0080]: …
        let Some((index, rest)) = line
            .strip_prefix("src/m")
            .and_then(|rest| rest.split_once(".rs:"))
        else {
            continue;
        };
        let message = rest.splitn(3, ':').nth(2).map(str::trim);
        if let (Ok(index), Some(message)) = (index.parse(), message) {
            errors
                .entry(Companion(index))
                .or_insert_with(|| message.to_owned());
        }
    }
    errors
}
