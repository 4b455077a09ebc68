//! Does the compiler that made an object lay its types out as the generator does? Asked of that compiler: sizes
//! and offsets by `sizeof` and `offsetof`, bitfields by initialising one at a time and looking at the bytes.
//!
//! That rustc agrees with the generator is proven wherever generated code compiles: it asserts as much.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::ops::Range;

use bpf_subskeleton_codegen::internals::layout::{
    FieldKind, Layout, LayoutError, MethodKind, NamedTypeKind, Roots, Struct,
};
use bpf_subskeleton_codegen::internals::names::identifier;
use bpf_subskeleton_object::btf::{Composite, Type, TypeId};
use bpf_subskeleton_object::elf::{Elf, Endianness};
use bpf_subskeleton_object::model::{Library, MapDefinition, Shape};

/// The array of numbers in the compiler's answer.
const NUMBERS: &str = "subskeleton_numbers";

/// What to ask a compiler about the types of one library, and what the generator says.
#[derive(Debug)]
pub struct Questions {
    endian: Endianness,
    numbers: Vec<Number>,
    bits: Vec<Bits>,
    /// What the compiler has and the generator has not.
    missing: Vec<String>,
}

/// `sizeof`, `offsetof`, `_Alignof`, or an enumerator.
#[derive(Debug)]
struct Number {
    /// In C.
    expression: String,
    generated: u64,
    /// BTF doesn't record alignment: the generator may assume less of it, never more.
    at_most: bool,
}

/// A bitfield.
#[derive(Debug)]
struct Bits {
    /// The struct, as a C expression of its type.
    of: String,
    member: String,
    /// The whole struct, with this bitfield's bits set.
    generated: Vec<u8>,
}

impl Questions {
    /// All questions about the types that a companion crate gets.
    ///
    /// # Errors
    ///
    /// If the library's types contradict themselves.
    pub fn about(library: &Library<'_>) -> Result<Self, LayoutError> {
        let layout = Layout::new(&library.btf, &Roots::of(library))?;
        let mut walk = Walk {
            library,
            layout: &layout,
            seen: HashSet::new(),
            questions: Self {
                endian: library.endian,
                numbers: Vec::new(),
                bits: Vec::new(),
                missing: Vec::new(),
            },
        };
        walk.all();
        Ok(walk.questions)
    }

    /// The number of facts asked for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len() + self.bits.len()
    }

    /// Whether the library has no types of its own.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// C to compile behind the library's source.
    #[must_use]
    pub fn source(&self) -> String {
        let mut source = format!("const unsigned long long {NUMBERS}[] = {{ 0,\n");
        for number in &self.numbers {
            let _ = writeln!(source, "(unsigned long long)({}),", number.expression);
        }
        source += "};\n";
        for (i, bits) in self.bits.iter().enumerate() {
            let Bits { of, member, .. } = bits;
            let _ = writeln!(
                source,
                "const __typeof__({of}) subskeleton_bits_{i} = {{ .{member} = -1 }};"
            );
        }
        source
    }

    /// What the compiler and the generator disagree about; `object` is what the compiler made of
    /// [`source`](Self::source).
    ///
    /// # Errors
    ///
    /// If the object lacks an answer.
    pub fn differences(&self, object: &[u8]) -> Result<Vec<String>, String> {
        let elf = Elf::parse(object).map_err(|e| e.to_string())?;
        let mut differences = self.missing.clone();
        let answers = bytes_of(&elf, NUMBERS)?;
        let answers = answers.chunks_exact(8).skip(1).map(|answer| {
            let answer = answer.try_into().unwrap_or_default();
            match self.endian {
                Endianness::Little => u64::from_le_bytes(answer),
                Endianness::Big => u64::from_be_bytes(answer),
            }
        });
        let answers: Vec<_> = answers.collect();
        if answers.len() != self.numbers.len() {
            return Err(format!("{} answers", answers.len()));
        }
        for (number, answer) in self.numbers.iter().zip(answers) {
            let fits = match number.at_most {
                true => number.generated <= answer,
                false => number.generated == answer,
            };
            if !fits {
                differences.push(format!(
                    "{}: {answer} in C, {} generated",
                    number.expression, number.generated
                ));
            }
        }
        for (i, bits) in self.bits.iter().enumerate() {
            let answer = bytes_of(&elf, &format!("subskeleton_bits_{i}"))?;
            if answer != bits.generated {
                let Bits { of, member, .. } = bits;
                differences.push(format!(
                    "bits of ({of}).{member}: {answer:02x?} in C, {:02x?} generated",
                    bits.generated
                ));
            }
        }
        Ok(differences)
    }
}

/// The initial bytes of a variable.
fn bytes_of<'a>(elf: &Elf<'a>, name: &str) -> Result<&'a [u8], String> {
    let symbol = elf.symbols.iter().find(|symbol| symbol.name == name);
    let symbol = symbol.ok_or_else(|| format!("no `{name}`"))?;
    let (start, size) = (symbol.value as usize, symbol.size as usize);
    let section = symbol.section.and_then(|index| elf.sections.get(index));
    let bytes = section.and_then(|section| section.data.get(start..start.checked_add(size)?));
    bytes.ok_or_else(|| format!("`{name}` has no bytes"))
}

/// A walk over all types that a companion crate gets. Each is spoken of as an expression of that type, which is never
/// evaluated: anonymous types have no other name.
struct Walk<'l, 'a> {
    library: &'l Library<'a>,
    layout: &'l Layout,
    seen: HashSet<TypeId>,
    questions: Questions,
}

impl Walk<'_, '_> {
    fn all(&mut self) {
        for (_, variable) in self.library.variables() {
            self.visit(variable.ty, variable.name);
        }
        for map in &self.library.maps {
            self.map(&map.definition, map.name);
        }
        for program in &self.library.programs {
            if let Some(id) = program.call.context() {
                // Kernel structs, which have tags.
                let tag = self.library.btf.ty(self.library.btf.resolve(id)).name();
                self.visit(id, &format!("*(struct {tag} *)0"));
            }
        }
        for struct_ops in &self.library.struct_ops {
            let id = self.library.btf.resolve(struct_ops.ty);
            let item = self.layout.struct_ops(&self.library.btf, struct_ops);
            if let Some(NamedTypeKind::Struct(composite)) = item.map(|item| &item.kind) {
                self.composite(id, composite, struct_ops.name);
            }
        }
    }

    fn map(&mut self, definition: &MapDefinition, expression: &str) {
        for (shape, part) in [(definition.key, "key"), (definition.value, "value")] {
            if let Shape::Type(id) = shape {
                self.visit(id, &format!("*({expression}).{part}"));
            }
        }
        if let Some(inner) = &definition.inner {
            self.map(inner, &format!("*({expression}).values[0]"));
        }
    }

    fn visit(&mut self, id: TypeId, expression: &str) {
        let id = self.library.btf.resolve(id);
        if let Type::Array { element, .. } = self.library.btf.ty(id) {
            return self.visit(*element, &format!("({expression})[0]"));
        }
        let Some(item) = self.layout.item_of(id) else {
            return;
        };
        if !self.seen.insert(id) {
            return;
        }
        match &item.kind {
            NamedTypeKind::Struct(composite) => self.composite(id, composite, expression),
            NamedTypeKind::Enum(enumeration) => {
                let size = u64::from(enumeration.size);
                self.number(format!("sizeof({expression})"), size, false);
                // clang before 16 doesn't write whether an enum is signed.
                let mask = u64::MAX >> 64_u32.saturating_sub(enumeration.size * 8);
                for (_, name, value) in &enumeration.values {
                    let expression = format!("{name} & {mask:#x}");
                    self.number(expression, *value as u64 & mask, false);
                }
            }
            NamedTypeKind::Alias(_) | NamedTypeKind::Opaque => {}
        }
    }

    fn composite(&mut self, id: TypeId, item: &Struct, expression: &str) {
        let (Type::Struct(composite) | Type::Union(composite)) = self.library.btf.ty(id) else {
            return;
        };
        let (size, align) = (u64::from(item.size), u64::from(item.align));
        self.number(format!("sizeof({expression})"), size, false);
        self.number(format!("_Alignof(__typeof__({expression}))"), align, true);
        self.members(item, composite, expression);
    }

    fn members(&mut self, item: &Struct, composite: &Composite<'_>, expression: &str) {
        for member in &composite.members {
            if member.name.is_empty() {
                let id = self.library.btf.resolve(member.ty);
                // In C, as in Rust, these are members of the struct around them.
                if let Type::Struct(inner) | Type::Union(inner) = self.library.btf.ty(id) {
                    self.members(item, inner, expression);
                }
                continue;
            }
            let offset = format!(
                "__builtin_offsetof(__typeof__({expression}), {})",
                member.name
            );
            match place(item, member.name) {
                Some(Place::Byte(at)) => self.number(offset, at, false),
                Some(Place::Bits(bits)) => self.bits(item, expression, member.name, bits),
                None => self
                    .questions
                    .missing
                    .push(format!("({expression}).{} is not generated", member.name)),
            }
            if member.bitfield_size == 0 {
                self.visit(member.ty, &format!("({expression}).{}", member.name));
            }
        }
    }

    fn number(&mut self, expression: String, generated: u64, at_most: bool) {
        self.questions.numbers.push(Number {
            expression,
            generated,
            at_most,
        });
    }

    fn bits(&mut self, item: &Struct, expression: &str, member: &str, bits: Range<u32>) {
        let mut generated = vec![0; item.size as usize];
        for bit in bits {
            // BTF counts bits as the compiler fills them.
            let mask = match self.questions.endian {
                Endianness::Little => 1 << (bit % 8),
                Endianness::Big => 0x80 >> (bit % 8),
            };
            if let Some(byte) = generated.get_mut(bit as usize / 8) {
                *byte |= mask;
            }
        }
        self.questions.bits.push(Bits {
            of: expression.to_owned(),
            member: member.to_owned(),
            generated,
        });
    }
}

/// Where the generator has a member.
enum Place {
    /// Its offset in bytes.
    Byte(u64),
    /// The bits of a bitfield.
    Bits(Range<u32>),
}

fn place(item: &Struct, member: &str) -> Option<Place> {
    let name = identifier(member);
    let is_member = |kind: &FieldKind| matches!(kind, FieldKind::Member { .. });
    let mut fields = item.fields.iter();
    if let Some(field) = fields.find(|field| field.name == name && is_member(&field.kind)) {
        return Some(Place::Byte(field.offset.into()));
    }
    let method = item.methods.iter().find(|method| method.c_name == member)?;
    let mut fields = item.fields.iter();
    let storage = fields.find(|field| field.name == method.storage)?;
    Some(match method.kind {
        MethodKind::Member { offset, .. } => Place::Byte((storage.offset + offset).into()),
        MethodKind::Bitfield { offset, width } => {
            let first = storage.offset * 8 + offset;
            Place::Bits(first..first + width)
        }
    })
}
