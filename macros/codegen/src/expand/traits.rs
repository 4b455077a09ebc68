//! Traits of C types as values, and of snapshots, which are made of them: `PartialEq`, and what `derive(…)` asks for.
//!
//! They are about members, in the order of C: never about padding, or bits that no bitfield has. Where every field is a
//! member, the compiler's own derive macros do.

mod serialize;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt as _;

use crate::attr::{Derive, Standard, Trait};
use crate::layout::{FieldKind, MethodKind, Rust, Struct};
use crate::traits::Contents;

use super::members::SnapshotPart;
use super::scope::Scope;
use super::{Writer, call_site};

/// Where the modules `types` and `snapshot` are: so many levels below the user's struct.
pub(super) const IN_SUBMODULE: usize = 2;

/// For the docs of a union.
pub(super) const NO_COMPARISON_OF_A_UNION: &str =
    "It has no `PartialEq`, since nothing says which of its members holds the value.";

/// Docs, and a paragraph more.
pub(super) fn with_paragraph(text: String, more: Option<String>) -> String {
    match more {
        Some(more) => format!("{text}\n\n{more}"),
        None => text,
    }
}

/// The same code, for which the compiler blames the trait that was asked for: a type of the user's may lack it. Names mean
/// what they meant.
fn blaming(asked: Option<&Derive>, code: TokenStream) -> TokenStream {
    match asked {
        Some(asked) => moved(code, asked.span()),
        None => code,
    }
}

/// The same code at another place.
fn moved(code: TokenStream, place: Span) -> TokenStream {
    let moved = |mut token: TokenTree| {
        let span = token.span().located_at(place);
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), moved(group.stream(), place)).into();
        }
        token.set_span(span);
        token
    };
    code.into_iter().map(moved).collect()
}

/// What is put on a type.
#[derive(Default)]
pub(super) struct TypeTraits {
    /// Paths for `#[derive(…)]`.
    pub(super) derives: Vec<TokenStream>,
    /// Implementations, to stand behind the type.
    pub(super) impls: TokenStream,
}

/// A member of a C type, or of a snapshot.
pub(super) struct ValueMember<'m> {
    /// What it is called where it is serialised.
    name: String,
    /// How it is read from `self`, and that from `other`.
    values: [TokenStream; 2],
    kind: MemberKind<'m>,
}

/// What a member is, for those traits to which it matters.
enum MemberKind<'m> {
    /// A C type as a value; whether it is an array of `char`.
    Value(&'m Rust, bool),
    /// A variable in a snapshot.
    Variable(&'m SnapshotPart),
    /// A section in a snapshot.
    Section,
}

impl<'m> ValueMember<'m> {
    /// A variable in a snapshot.
    pub(super) fn variable(name: &Ident, part: &'m SnapshotPart) -> Self {
        Self::field(name, MemberKind::Variable(part))
    }

    /// A section in a snapshot.
    pub(super) fn section(name: &Ident) -> Self {
        Self::field(name, MemberKind::Section)
    }

    fn field(name: &Ident, kind: MemberKind<'m>) -> Self {
        Self {
            name: name.unraw().to_string(),
            values: [quote!(self.#name), quote!(other.#name)],
            kind,
        }
    }
}

impl Writer<'_, '_> {
    /// The traits of a struct, or none of a union.
    pub(super) fn composite_traits(
        &self,
        name: &Ident,
        composite: &Struct,
        contents: &Contents,
    ) -> TypeTraits {
        let all_members =
            (composite.fields.iter()).all(|field| matches!(field.kind, FieldKind::Member { .. }));
        let derived = all_members && !contents.own;
        let members = self.value_members(composite);
        let mut traits = self.struct_traits(name, contents, derived, &members, IN_SUBMODULE);
        let eq = Trait::Standard(Standard::Eq);
        let asked = self.input.traits.asked().iter();
        let asked = asked.filter(|derive| derive.name == eq && contents.allows(eq));
        if contents.own {
            let proofs = asked.map(|eq| blaming(Some(eq), self.own_types_are_eq(composite)));
            traits.impls.extend(proofs);
        }
        traits
    }

    /// The traits of a struct: derived where all fields are members of known types.
    pub(super) fn struct_traits(
        &self,
        name: &Ident,
        contents: &Contents,
        derived: bool,
        members: &[ValueMember<'_>],
        depth: usize,
    ) -> TypeTraits {
        let mut traits = TypeTraits::default();
        let mut put = |standard: Standard, asked| match derived {
            true => traits.derives.push(blaming(asked, standard.path())),
            false => {
                let code = self.by_member(name, standard, members);
                traits.impls.extend(blaming(asked, code));
            }
        };
        if self.input.traits.can_compare(contents) {
            put(Standard::PartialEq, self.input.traits.asked_comparison());
        }
        let asked = self.input.traits.asked().iter();
        let asked = asked.filter(|derive| contents.allows(derive.name));
        for derive in asked.clone() {
            match derive.name {
                Trait::Standard(Standard::PartialEq) | Trait::Serialize | Trait::Other => {}
                Trait::Standard(standard) => put(standard, Some(derive)),
            }
        }
        for derive in asked {
            match derive.name {
                Trait::Standard(_) => {}
                Trait::Serialize => {
                    let code = self.serialize(name, derive, members, depth);
                    traits.impls.extend(blaming(Some(derive), code));
                }
                Trait::Other => traits.derives.push(derive.path_at(depth)),
            }
        }
        traits
    }

    /// Why a struct with that in it has no `PartialEq`, for its docs.
    pub(super) fn no_comparison(&self, contents: &Contents) -> Option<String> {
        match &contents.union {
            Some(union) => Some(format!("It has no `PartialEq`, since it contains {union}.")),
            None if !self.input.traits.can_compare(contents) => Some(
                "It has no `PartialEq`, since it contains a type that the user wrote; \
                 `derive(PartialEq)` asks for it."
                    .to_owned(),
            ),
            None => None,
        }
    }

    /// The members in the order of C: bitfields are between the fields that they are between there.
    fn value_members<'m>(&self, composite: &'m Struct) -> Vec<ValueMember<'m>> {
        let other = self.local("other");
        let fields = composite.fields.iter().filter_map(|field| {
            let FieldKind::Member { is_text, .. } = field.kind else {
                return None;
            };
            let name = call_site(&field.name);
            // A field of a packed struct can't be borrowed.
            let values = match composite.packed {
                true => [quote!({ self.#name }), quote!({ #other.#name })],
                false => [quote!(self.#name), quote!(#other.#name)],
            };
            let member = ValueMember {
                name: field.name.trim_start_matches("r#").to_owned(),
                values,
                kind: MemberKind::Value(&field.ty, is_text),
            };
            Some((u64::from(field.offset) * 8, member))
        });
        let methods = composite.methods.iter().map(|method| {
            let storage = composite.fields.iter();
            let mut storage = storage.filter(|field| field.name == method.storage);
            let start = storage.next().map_or(0, |storage| storage.offset);
            let offset = match method.kind {
                MethodKind::Bitfield { offset, .. } => u64::from(offset),
                MethodKind::Member { offset, .. } => u64::from(offset) * 8,
            };
            let getter = call_site(&method.getter);
            let member = ValueMember {
                name: method.c_name.clone(),
                values: [quote!(self.#getter()), quote!(#other.#getter())],
                kind: MemberKind::Value(&method.ty, method.is_text),
            };
            (u64::from(start) * 8 + offset, member)
        });
        let mut members: Vec<_> = fields.chain(methods).collect();
        members.sort_by_key(|(offset, _)| *offset);
        members.into_iter().map(|(_, member)| member).collect()
    }

    /// A trait of the standard library, member by member.
    fn by_member(
        &self,
        name: &Ident,
        standard: Standard,
        members: &[ValueMember<'_>],
    ) -> TokenStream {
        let path = standard.path();
        let [other, state, unequal] = ["other", "state", "unequal"].map(|name| self.local(name));
        let [_other, _state] = ["_other", "_state"].map(|name| self.local(name));
        // A struct may have no members.
        let (other, state) = match members.is_empty() {
            true => (_other, _state),
            false => (other, state),
        };
        let pairs = members.iter().map(|member| &member.values);
        let in_order = |compare: TokenStream, equal: &TokenStream| {
            let compared = pairs.clone().map(|[value, other]| {
                quote! {
                    match ::core::cmp::#compare(&#value, &#other) {
                        #equal => {}
                        #unequal => return #unequal,
                    }
                }
            });
            quote!(#(#compared)* #equal)
        };
        let body = match standard {
            Standard::PartialEq => {
                let equal = pairs
                    .clone()
                    .map(|[value, other]| quote!(::core::cmp::PartialEq::eq(&#value, &#other)));
                let equal = match members.is_empty() {
                    true => quote!(true),
                    false => quote!(#(#equal)&&*),
                };
                quote! {
                    #[inline]
                    fn eq(&self, #other: &Self) -> ::core::primitive::bool {
                        #equal
                    }
                }
            }
            Standard::Eq => TokenStream::new(),
            Standard::Hash => {
                let hashed = pairs
                    .clone()
                    .map(|[value, _]| quote!(::core::hash::Hash::hash(&#value, #state);));
                quote! {
                    #[inline]
                    fn hash<H: ::core::hash::Hasher>(&self, #state: &mut H) {
                        #(#hashed)*
                    }
                }
            }
            Standard::PartialOrd => {
                let equal = quote!(::core::option::Option::Some(::core::cmp::Ordering::Equal));
                let compared = in_order(quote!(PartialOrd::partial_cmp), &equal);
                quote! {
                    #[inline]
                    fn partial_cmp(&self, #other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                        #compared
                    }
                }
            }
            Standard::Ord => {
                let compared = in_order(quote!(Ord::cmp), &quote!(::core::cmp::Ordering::Equal));
                quote! {
                    #[inline]
                    fn cmp(&self, #other: &Self) -> ::core::cmp::Ordering {
                        #compared
                    }
                }
            }
        };
        quote! {
            #[automatically_derived]
            impl #path for #name {
                #body
            }
        }
    }

    /// Proof that the members in which types of the user's are, are `Eq`, which nothing else in the struct's `impl Eq` says.
    fn own_types_are_eq(&self, composite: &Struct) -> TokenStream {
        let fields = composite.fields.iter();
        let members = fields.filter(|field| matches!(field.kind, FieldKind::Member { .. }));
        let types = members.map(|field| &field.ty);
        let own = types.filter(|ty| self.input.traits.contents(ty).own);
        let own = own.map(|ty| self.rust(ty, Scope::Types));
        quote! {
            const _: fn() = || {
                fn is_eq<T: ::core::cmp::Eq>() {}
                #(is_eq::<#own>();)*
            };
        }
    }

    /// What is put on an enum beside what each has.
    pub(super) fn enumeration_traits(&self, name: &Ident) -> TypeTraits {
        let mut traits = TypeTraits::default();
        for derive in self.input.traits.asked() {
            match derive.name {
                Trait::Other => traits.derives.push(derive.path_at(IN_SUBMODULE)),
                Trait::Serialize => {
                    let code = self.serialize_enumeration(name, derive);
                    traits.impls.extend(blaming(Some(derive), code));
                }
                // Each enum has them.
                Trait::Standard(_) => {}
            }
        }
        traits
    }
}
