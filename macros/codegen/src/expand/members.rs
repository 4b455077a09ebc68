//! The members of a library that code is generated for: one list, in one order.
//!
//! The runtime finds members in the order of the table, and constructors take them in that order. Both
//! are printed from this list, as are the structs that hold the members.

mod arena;
mod selection;
mod snapshot;
mod whole;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use crate::growth::Growth;
use crate::layout::Rust;
use crate::names::Names;
use bpf_subskeleton_object::model::{Extent, InitialValue, Map, Variable};

use super::once::{Once, once};
use super::scope::Scope;
use super::{Writer, number};

/// All members.
pub(super) struct Members {
    /// The variables and maps.
    pub(super) groups: Vec<Group>,
    /// The lines of variables that no field has, for `bind` to compare their types.
    pub(super) compared: Vec<Line>,
    /// The variables in an arena, if the library has to do with one.
    pub(super) arena: Option<Group>,
    /// The programs.
    pub(super) programs: Vec<Attachable>,
    /// The `struct_ops`.
    pub(super) struct_ops: Vec<Attachable>,
}

/// Members of one struct.
pub(super) struct Group {
    /// The struct; `None` if they are fields of the user's struct.
    pub(super) of: Option<GroupStruct>,
    /// The members.
    pub(super) members: Vec<Member>,
}

/// A struct of the generated module: `Bss`, `Maps`.
pub(super) struct GroupStruct {
    /// Its field in the user's struct.
    pub(super) field: Ident,
    /// Its name.
    pub(super) ty: Ident,
    /// The docs after load.
    pub(super) docs: String,
    /// The docs of the field before load.
    pub(super) open_docs: String,
    /// The docs of the struct before load.
    pub(super) config_docs: String,
    /// The docs of the values.
    pub(super) snapshot_docs: String,
    /// What it has.
    pub(super) kind: GroupKind,
}

/// What is in a struct of the generated module.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum GroupKind {
    /// The variables of a section, or those declared `extern`.
    Section,
    /// The variables in an arena, which are borrowed.
    Arena,
    /// Maps. Their handles can't be cloned, as each owns a file descriptor.
    Maps,
}

/// A variable or map.
pub(super) struct Member {
    pub(super) name: Ident,
    /// The field after load.
    pub(super) live: Part,
    /// The field before load, if it can be configured.
    pub(super) open: Option<Part>,
    /// The field in a snapshot, if one is wanted, and it is a variable outside an arena.
    pub(super) snapshot: Option<SnapshotPart>,
    /// Its line in the table; `None` for a field with an error.
    pub(super) line: Option<Line>,
    /// How `Debug` shows it.
    pub(super) shown: Shown,
    /// Whether it is a struct that may be longer in the object.
    pub(super) grows: bool,
}

/// How `Debug` shows a variable or map.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// By the type's own `Debug`.
    Itself,
    /// As text: it is a `char[]`.
    Text,
    /// Not at all: a type of the user's in it may have no `Debug`.
    Hidden,
}

/// A field, and how it is taken from what the runtime found.
pub(super) struct Part {
    /// Docs and other attributes.
    pub(super) attrs: TokenStream,
    /// The visibility.
    pub(super) vis: TokenStream,
    /// The type.
    pub(super) ty: TokenStream,
    /// `library.variable()`
    pub(super) taken: TokenStream,
}

/// A field of a snapshot.
pub(super) struct SnapshotPart {
    pub(super) part: Part,
    /// The type from BTF: that of the elements, if it is an array.
    pub(super) rust: Rust,
    /// Whether the field has that type, and not one that the user wrote in its place.
    pub(super) is_known: bool,
    pub(super) is_array: bool,
    /// Whether it is an array of `char`.
    pub(super) is_text: bool,
    /// Whether the value is in a `Box`.
    pub(super) is_boxed: bool,
    pub(super) optional: bool,
}

/// A line of the table.
pub(super) enum Line {
    /// `Variable::new(…)`, and what it holds before anyone sets it.
    Variable { description: Once, initial: Once },
    /// `Map::new(…)`
    Map(Once),
}

/// A program or `struct_ops`.
pub(super) struct Attachable {
    pub(super) name: Ident,
    pub(super) docs: TokenStream,
    /// The field after load.
    pub(super) ty: TokenStream,
    /// How it is taken from what the runtime found there.
    pub(super) taken: TokenStream,
    /// Before load.
    pub(super) open_ty: TokenStream,
    /// The docs of its link.
    pub(super) link_docs: TokenStream,
    /// Its link.
    pub(super) link_ty: TokenStream,
    /// Its line in the table.
    pub(super) line: TokenStream,
}

impl Members {
    /// The members of the whole library, or of the selection.
    pub(super) fn new(writer: &Writer<'_, '_>) -> Self {
        // These share a struct.
        let mut names = Names::default();
        Self {
            groups: match writer.input.selected {
                None => writer.whole(),
                Some(selected) => vec![writer.selection(selected)],
            },
            compared: writer.compared(),
            arena: writer.arena_group(),
            programs: writer.program_members(&mut names),
            struct_ops: writer.struct_ops_members(&mut names),
        }
    }

    /// The lines of all variables and maps. Those that no field has are after all that constructors take, and those of
    /// the arena last.
    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        let groups = self.groups.iter().flat_map(Group::lines);
        let arena = self.arena.iter().flat_map(Group::lines);
        groups.chain(&self.compared).chain(arena)
    }

    /// All groups, that of the arena last.
    pub(super) fn all_groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().chain(&self.arena)
    }
}

impl Group {
    fn lines(&self) -> impl Iterator<Item = &Line> {
        let lines = self.members.iter();
        lines.filter_map(|member| member.line.as_ref())
    }
}

impl Part {
    pub(super) fn field(&self, name: &Ident) -> TokenStream {
        let Self { attrs, vis, ty, .. } = self;
        quote!(#attrs #vis #name: #ty)
    }

    pub(super) fn value(&self, name: &Ident) -> TokenStream {
        let taken = &self.taken;
        quote!(#name: #taken)
    }
}

/// A variable, as generated code presents it.
#[derive(Clone, Copy)]
pub(super) struct VariableMember<'l, 'a> {
    pub(super) variable: &'l Variable<'a>,
    /// The section's name; `extern` where another object defines the variable.
    pub(super) section: &'a str,
    pub(super) extent: Extent,
    /// Whether it is a `Var`: otherwise a `Const`.
    pub(super) writable: bool,
    /// Whether it may be longer in the object.
    pub(super) growth: Growth,
}

impl Writer<'_, '_> {
    fn map_line(&self, map: &Map<'_>, grows: bool, optional: bool) -> Line {
        Line::Map(once(described(self.map_description(map, grows), optional)))
    }

    fn variable_line(&self, member: VariableMember<'_, '_>, optional: bool) -> Line {
        let description = self.variable_description(member);
        Line::Variable {
            description: once(described(description, optional)),
            initial: once(initial(member.variable)),
        }
    }

    /// The handle of a map in the open object.
    fn open_map_type(&self, handle: &TokenStream) -> TokenStream {
        let krate = self.krate();
        quote!(#krate::maps::Open<'obj, #handle>)
    }
}

/// `(4, b"\x01")`: the size, and the bytes before the zeroes at the end.
fn initial(variable: &Variable<'_>) -> TokenStream {
    let bytes = match variable.initial {
        InitialValue::Bytes(bytes) => bytes,
        InitialValue::Zeroes | InitialValue::Unknown => &[],
    };
    let len = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    let bytes = Literal::byte_string(bytes.get(..len).unwrap_or_default());
    let size = number(variable.size);
    quote!((#size, #bytes))
}

/// The line of what may be missing in the final object, or may not.
fn described(description: TokenStream, optional: bool) -> TokenStream {
    match optional {
        true => quote!(#description.optional()),
        false => description,
    }
}

/// Where the struct of a loaded section or map stands, and where that before load.
const LIVE: Scope<'static> = Scope::Module;
const OPEN: Scope<'static> = Scope::Child;
/// Where the struct of a snapshot stands.
const SNAPSHOT: Scope<'static> = Scope::Child;
