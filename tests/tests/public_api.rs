//! The public API of the published crates, for review: `golden/api/CRATE.txt` has each public path, then the items
//! at these paths. `#[doc(hidden)]` items are not public API, and left out.
//!
//! It is read from the sources, so it needs no nightly rustdoc. What a macro of the crate makes is listed as
//! the macro's definition and its use.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use bpf_subskeleton_tests::golden::assert_golden;
use syn::{Attribute, Block, Fields, ImplItem, Item, TraitItem, Type, UseTree, Visibility};

/// A module with what it contains, its own modules apart.
struct Module {
    /// Its public path; `None` if it is private or hidden.
    path: Option<String>,
    items: Vec<Item>,
}

/// Reads a module and those below it. Their files are in `folder`, or in the module itself.
fn read(path: Option<String>, items: Vec<Item>, folder: &Path, modules: &mut Vec<Module>) {
    let mut own = Vec::new();
    for item in items {
        let Item::Mod(module) = item else {
            own.push(item);
            continue;
        };
        if is_for_tests(&module.attrs) {
            continue;
        }
        let name = module.ident.to_string();
        let is_public = is_public(&module.vis) && !is_hidden(&module.attrs);
        let path = path.as_ref().filter(|_| is_public);
        let path = path.map(|path| format!("{path}::{name}"));
        let items = match module.content {
            Some((_, items)) => items,
            None => parse(&folder.join(format!("{name}.rs"))),
        };
        read(path, items, &folder.join(name), modules);
    }
    modules.push(Module { path, items: own });
}

fn parse(file: &Path) -> Vec<Item> {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    syn::parse_file(&text).unwrap().items
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_hidden(attrs: &[Attribute]) -> bool {
    has(attrs, "doc", "hidden")
}

fn is_for_tests(attrs: &[Attribute]) -> bool {
    has(attrs, "cfg", "test")
}

fn has(attrs: &[Attribute], name: &str, argument: &str) -> bool {
    attrs.iter().any(|attr| {
        let arguments = attr.meta.require_list().map(|list| list.tokens.to_string());
        attr.path().is_ident(name) && arguments.is_ok_and(|arguments| arguments == argument)
    })
}

/// The last names of what `pub use` exports.
fn exported(tree: &UseTree, names: &mut Vec<String>) {
    match tree {
        UseTree::Path(path) => exported(&path.tree, names),
        UseTree::Name(name) => names.push(name.ident.to_string()),
        UseTree::Rename(rename) => {
            names.push(format!("{} = {}", rename.rename, rename.ident));
        }
        UseTree::Glob(_) => names.push("*".to_owned()),
        UseTree::Group(group) => {
            for tree in &group.items {
                exported(tree, names);
            }
        }
    }
}

/// The names that a module has, if it is public.
fn names(item: &Item) -> Vec<String> {
    let (vis, attrs, ident) = match item {
        Item::Const(item) => (&item.vis, &item.attrs, &item.ident),
        Item::Enum(item) => (&item.vis, &item.attrs, &item.ident),
        Item::Fn(item) => (&item.vis, &item.attrs, &item.sig.ident),
        Item::Static(item) => (&item.vis, &item.attrs, &item.ident),
        Item::Struct(item) => (&item.vis, &item.attrs, &item.ident),
        Item::Trait(item) => (&item.vis, &item.attrs, &item.ident),
        Item::Type(item) => (&item.vis, &item.attrs, &item.ident),
        Item::Union(item) => (&item.vis, &item.attrs, &item.ident),
        Item::Use(item) => {
            let mut names = Vec::new();
            if is_public(&item.vis) && !is_hidden(&item.attrs) {
                exported(&item.tree, &mut names);
            }
            return names;
        }
        _ => return Vec::new(),
    };
    let is_listed = is_public(vis) && !is_hidden(attrs);
    is_listed.then(|| ident.to_string()).into_iter().collect()
}

/// What a user can rely on beside the declaration itself.
fn strip(attrs: &mut Vec<Attribute>) {
    const KEPT: [&str; 4] = ["derive", "must_use", "non_exhaustive", "repr"];
    attrs.retain(|attr| KEPT.iter().any(|kept| attr.path().is_ident(kept)));
}

fn strip_fields(fields: &mut Fields) {
    let is_private = |field: &syn::Field| !is_public(&field.vis);
    match fields {
        Fields::Unnamed(tuple) if tuple.unnamed.iter().any(is_private) => *fields = Fields::Unit,
        Fields::Named(named) => {
            let public = named.named.iter().filter(|field| !is_private(field));
            named.named = public.cloned().collect();
        }
        _ => {}
    }
    for field in fields {
        strip(&mut field.attrs);
    }
}

fn no_block() -> Block {
    syn::parse_str("{}").unwrap()
}

/// The item without what a user doesn't see; `None` if that is all of it.
fn declaration(mut item: Item, listed: &BTreeSet<String>) -> Option<Item> {
    let is_macro = matches!(item, Item::Macro(_) | Item::Impl(_));
    if !is_macro && !names(&item).iter().any(|name| listed.contains(name)) {
        return None;
    }
    match &mut item {
        Item::Const(item) => {
            strip(&mut item.attrs);
            *item.expr = syn::parse_str("_").unwrap();
        }
        Item::Enum(item) => {
            strip(&mut item.attrs);
            for variant in &mut item.variants {
                strip(&mut variant.attrs);
                variant.fields.iter_mut().for_each(|f| strip(&mut f.attrs));
            }
        }
        Item::Fn(item) => {
            strip(&mut item.attrs);
            *item.block = no_block();
        }
        Item::Struct(item) => {
            strip(&mut item.attrs);
            strip_fields(&mut item.fields);
        }
        Item::Trait(item) => {
            strip(&mut item.attrs);
            item.items.retain_mut(strip_in_trait);
        }
        Item::Type(item) => strip(&mut item.attrs),
        Item::Impl(item) => {
            strip(&mut item.attrs);
            let is_trait = item.trait_.is_some();
            item.items.retain_mut(|item| strip_in_impl(item, is_trait));
            let trait_ = item.trait_.as_ref().and_then(|(path, ..)| last(path));
            let is_listed = |name: Option<String>| name.is_some_and(|name| listed.contains(&name));
            let is_seen = match &*item.self_ty {
                Type::Path(path) => is_listed(last(&path.path)) || is_listed(trait_),
                _ => is_listed(trait_),
            };
            if !is_seen || (!is_trait && item.items.is_empty()) {
                return None;
            }
        }
        Item::Macro(item) => {
            strip(&mut item.attrs);
            let mut tokens: Vec<_> = item.mac.tokens.clone().into_iter().collect();
            // Documentation: a `#` and what is in brackets after it.
            while let Some(at) = tokens
                .iter()
                .position(|t| t.to_string().starts_with("[doc"))
            {
                tokens.drain(at - 1..=at);
            }
            item.mac.tokens = tokens.into_iter().collect();
        }
        _ => return None,
    }
    Some(item)
}

fn last(path: &syn::Path) -> Option<String> {
    path.segments.last().map(|last| last.ident.to_string())
}

fn strip_in_trait(item: &mut TraitItem) -> bool {
    let (attrs, is_hidden) = match item {
        TraitItem::Const(item) => (&mut item.attrs, false),
        TraitItem::Fn(item) => {
            item.default = item.default.as_ref().map(|_| no_block());
            (&mut item.attrs, false)
        }
        TraitItem::Type(item) => (&mut item.attrs, false),
        _ => return true,
    };
    let is_hidden = is_hidden || self::is_hidden(attrs);
    strip(attrs);
    !is_hidden
}

fn strip_in_impl(item: &mut ImplItem, of_trait: bool) -> bool {
    match item {
        ImplItem::Fn(item) => {
            let is_listed = !of_trait && is_public(&item.vis) && !is_hidden(&item.attrs);
            strip(&mut item.attrs);
            item.block = no_block();
            is_listed
        }
        ImplItem::Const(item) => {
            let is_listed = !of_trait && is_public(&item.vis) && !is_hidden(&item.attrs);
            strip(&mut item.attrs);
            item.expr = syn::parse_str("_").unwrap();
            is_listed
        }
        ImplItem::Type(_) => of_trait,
        _ => false,
    }
}

/// Macros with `pub` in their definition: these make public items.
fn is_of_interest(item: &Item, makers: &BTreeSet<String>) -> bool {
    let Item::Macro(item) = item else {
        return true;
    };
    let name = match &item.ident {
        Some(defined) => Some(defined.to_string()),
        None => last(&item.mac.path),
    };
    name.is_some_and(|name| makers.contains(&name))
}

fn makers(modules: &[Module]) -> BTreeSet<String> {
    let items = modules.iter().flat_map(|module| &module.items);
    let made = items.filter_map(|item| match item {
        Item::Macro(item) if item.mac.tokens.to_string().contains("pub ") => item.ident.as_ref(),
        _ => None,
    });
    made.map(ToString::to_string).collect()
}

/// What the item is listed under: a type stands with its implementations.
fn subject(item: &Item) -> String {
    let path = match item {
        Item::Impl(item) => match (&*item.self_ty, &item.trait_) {
            (Type::Path(path), _) => Some(&path.path),
            (_, Some((path, ..))) => Some(path),
            _ => None,
        },
        Item::Macro(item) => match &item.ident {
            Some(defined) => return format!("{defined}!"),
            None => return format!("{}!", last(&item.mac.path).unwrap_or_default()),
        },
        _ => None,
    };
    let name = path.and_then(last).or_else(|| names(item).pop());
    name.unwrap_or_default()
}

fn print(item: Item) -> String {
    let file = syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![item],
    };
    let mut text = String::new();
    for line in prettyplease::unparse(&file).lines() {
        let without_body = line
            .strip_suffix(" {}")
            .filter(|line| !line.trim().is_empty());
        match without_body {
            Some(line) => text.extend([line, ";\n"]),
            None => text.extend([line, "\n"]),
        }
    }
    text.replace("= _;", "= …;")
}

fn listing(name: &str, sources: &Path) -> String {
    let mut modules = Vec::new();
    let root = parse(&sources.join("lib.rs"));
    read(Some(name.to_owned()), root, sources, &mut modules);

    let mut paths = BTreeSet::new();
    let mut listed = BTreeSet::new();
    for module in &modules {
        let Some(path) = &module.path else {
            continue;
        };
        for name in module.items.iter().flat_map(names) {
            paths.insert(format!("{path}::{name}\n"));
            listed.extend(name.split(" = ").map(str::to_owned));
        }
    }
    let makers = makers(&modules);
    let items = modules.into_iter().flat_map(|module| module.items);
    let declarations: BTreeSet<(String, String)> = items
        .filter(|item| is_of_interest(item, &makers))
        .filter_map(|item| declaration(item, &listed))
        .map(|item| (subject(&item), print(item)))
        .collect();
    let paths: String = paths.into_iter().collect();
    let declarations: String = declarations.into_iter().map(|(_, text)| text).collect();
    format!("{paths}\n{declarations}")
}

#[track_caller]
fn check(name: &str, folder: &str) {
    let sources: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", folder, "src"]
        .iter()
        .collect();
    let listing = listing(&name.replace('-', "_"), &sources);
    assert_golden(&format!("api/{name}.txt"), &listing);
}

#[test]
fn of_what_users_depend_on() {
    check("bpf-subskeleton", "runtime");
}

#[test]
fn of_the_runtime() {
    check("bpf-subskeleton-core", "runtime/core");
}

#[test]
fn of_the_attribute() {
    check("bpf-subskeleton-macros", "macros");
}

#[test]
fn of_the_generator() {
    check("bpf-subskeleton-codegen", "macros/codegen");
}

#[test]
fn of_the_build_scripts() {
    check("bpf-subskeleton-build", "runtime/build");
}

#[test]
fn of_the_reader() {
    check("bpf-subskeleton-object", "macros/object");
}
