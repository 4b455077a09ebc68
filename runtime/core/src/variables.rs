//! [`Variables`]: the handles of a section with many variables.
//!
//! Such a section has a struct with thousands of fields. An optimiser needs minutes for a function that touches each of
//! them, be it a constructor, `clone`, `Debug` or the drop of the struct: its time grows with the square of the fields.
//! So generated code has a table of the fields instead, and all of these are loops here.

use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::Deref;
use core::ptr::NonNull;

use bytemuck::Pod;

use crate::arena::Arena;
use crate::bind::addresses::OUT_OF_STEP;
use crate::bind::handles::{Bound, BoundArena, Configured};
use crate::shared::{Access, Shared};
use crate::strided::{Elements, Strided};
use crate::text::Chars;
use crate::user_types::Plain;
use crate::var::Var;

/// The variables of a section that has more than 128 of them, as the fields of a generated struct.
///
/// It dereferences to the struct, so a variable is `hist.bss.total` as in a smaller section. The struct is on the heap,
/// and no field can be moved out of it: clone the handle.
///
/// ```
/// # use bpf_subskeleton::{Var, Variables, private};
/// # #[repr(C)]
/// # struct Bss { total: Var<u64> }
/// # // SAFETY: it is `repr(C)`, and has one field, of this kind.
/// # unsafe impl private::Group for Bss {
/// #     type Library = private::Bound;
/// #     const KINDS: &'static [private::Kind] = &[private::kind::<Var<u64>>()];
/// #     const ROWS: &'static [u32] = &[0];
/// #     const NAMES: &'static str = "total";
/// # }
/// fn total(bss: &Variables<Bss>) -> Var<u64> {
///     bss.total.clone()
/// }
/// ```
///
/// The compiler takes time in proportion to the number of variables. A struct with each of the fields in it takes
/// it minutes from some thousands on.
pub struct Variables<S: Group<Library = Bound>> {
    /// All fields are initialised. They are dropped by the table.
    handles: Box<MaybeUninit<S>>,
}

/// A generated struct that the runtime fills, by a table of its fields.
///
/// # Safety
///
/// The struct is `repr(C)`. `ROWS` has a row for each of its fields, in their order: the place in `KINDS` of one with the
/// field's type. These are taken from a `Library` with the lifetime of the struct.
pub unsafe trait Group {
    /// What the fields are taken from.
    type Library;
    /// The kinds of its fields. They have pointers, so a row, of which there are thousands, has only a number: in a program
    /// that is loaded anywhere, a pointer takes 32 bytes.
    const KINDS: &'static [Kind];
    /// The fields.
    const ROWS: &'static [u32];
    /// Their names, with a space between two.
    const NAMES: &'static str;
}

/// A field of this type.
pub const fn kind<H: Taken + fmt::Debug>() -> Kind {
    Of::<H>::SHOWN
}

/// A struct that may be longer in the object.
pub const fn growing_kind<H: TakenLonger + fmt::Debug>() -> Kind {
    Of::<H>::LONGER
}

/// A field that is a `char[]`, and shown as text.
pub const fn text_kind<H: Taken + Chars>() -> Kind {
    Of::<H>::TEXT
}

/// A field that can't be shown, because a type of the user's is in it.
pub const fn hidden_kind<H: Taken>() -> Kind {
    Of::<H>::HIDDEN
}

/// A struct that may be longer in the object, and can't be shown.
pub const fn hidden_growing_kind<H: TakenLonger>() -> Kind {
    Of::<H>::HIDDEN_LONGER
}

/// What is done with a field of some type, at an address.
#[derive(Debug)]
pub struct Kind {
    size: usize,
    /// Writes the field: what is next in the library, which the first pointer leads to.
    take: unsafe fn(NonNull<()>, *mut u8),
    /// Writes a clone of the first field to the second, if it can be cloned.
    clone: Option<unsafe fn(*const u8, *mut u8)>,
    drop: unsafe fn(*mut u8),
    show: Option<Show>,
}

type Show = unsafe fn(*const u8, &mut fmt::Formatter<'_>) -> fmt::Result;

/// The table of what is done with fields of type `H`.
struct Of<H>(PhantomData<H>);

impl<H: Taken> Of<H> {
    const HIDDEN: Kind = Kind {
        size: {
            // So that no padding is between fields, and a field's offset is the sum of the sizes before it.
            assert!(align_of::<H>() == align_of::<usize>());
            size_of::<H>()
        },
        take: Self::take,
        clone: H::CLONE,
        drop: Self::drop,
        show: None,
    };

    /// # Safety
    ///
    /// The first leads to a `H::Library`, which nobody else uses meanwhile, the second to memory for an `H`.
    unsafe fn take(library: NonNull<()>, field: *mut u8) {
        // SAFETY: the caller's promise.
        unsafe {
            let taken = H::take(library.cast::<H::Library>().as_mut());
            field.cast::<H>().write(taken);
        }
    }

    /// # Safety
    ///
    /// `field` is an `H` that nobody uses from then on.
    unsafe fn drop(field: *mut u8) {
        // SAFETY: the caller's promise.
        unsafe { field.cast::<H>().drop_in_place() };
    }
}

impl<H: TakenLonger> Of<H> {
    const HIDDEN_LONGER: Kind = Kind {
        take: Self::take_longer,
        ..Self::HIDDEN
    };

    /// # Safety
    ///
    /// As for `take`.
    unsafe fn take_longer(library: NonNull<()>, field: *mut u8) {
        // SAFETY: the caller's promise.
        unsafe {
            let taken = H::take_longer(library.cast::<H::Library>().as_mut());
            field.cast::<H>().write(taken);
        }
    }
}

impl<H: Taken + fmt::Debug> Of<H> {
    const SHOWN: Kind = Kind {
        show: Some(Self::show),
        ..Self::HIDDEN
    };

    /// # Safety
    ///
    /// `field` is an `H`.
    unsafe fn show(field: *const u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: the caller's promise.
        unsafe { (*field.cast::<H>()).fmt(f) }
    }
}

impl<H: Taken + Chars> Of<H> {
    const TEXT: Kind = Kind {
        show: Some(Self::show_text),
        ..Self::HIDDEN
    };

    /// # Safety
    ///
    /// `field` is an `H`.
    unsafe fn show_text(field: *const u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: the caller's promise.
        unsafe { (*field.cast::<H>()).show_text(f) }
    }
}

impl<H: TakenLonger + fmt::Debug> Of<H> {
    const LONGER: Kind = Kind {
        take: Self::take_longer,
        ..Self::SHOWN
    };
}

/// The type of a field, which the runtime takes from a library.
#[doc(hidden)]
pub trait Taken: Sized {
    /// What it is taken from.
    type Library;
    /// Clones a handle; references before load can't be cloned.
    const CLONE: Option<unsafe fn(*const u8, *mut u8)> = None;

    /// What is next.
    fn take(library: &mut Self::Library) -> Self;
}

/// The type of a field whose variable may be longer in the object.
#[doc(hidden)]
pub trait TakenLonger: Taken {
    /// What is next.
    fn take_longer(library: &mut Self::Library) -> Self;
}

/// # Safety
///
/// The first is an `H`, the second memory for another.
unsafe fn clone<H: Clone>(field: *const u8, to: *mut u8) {
    // SAFETY: the caller's promise.
    unsafe { to.cast::<H>().write((*field.cast::<H>()).clone()) };
}

impl<T, A: Access> Taken for Var<T, A> {
    type Library = Bound;
    const CLONE: Option<unsafe fn(*const u8, *mut u8)> = Some(clone::<Self>);

    fn take(library: &mut Bound) -> Self {
        library.variable()
    }
}

impl<T, A: Access> TakenLonger for Var<T, A> {
    fn take_longer(library: &mut Bound) -> Self {
        library.growing_variable()
    }
}

impl<T, A: Access> Taken for Var<[T], A> {
    type Library = Bound;
    const CLONE: Option<unsafe fn(*const u8, *mut u8)> = Some(clone::<Self>);

    fn take(library: &mut Bound) -> Self {
        library.unsized_variable()
    }
}

impl<E: Elements, A: Access> Taken for Var<Strided<E>, A> {
    type Library = Bound;
    const CLONE: Option<unsafe fn(*const u8, *mut u8)> = Some(clone::<Self>);

    fn take(library: &mut Bound) -> Self {
        library.strided_variable()
    }
}

impl<'obj, T: Plain> Taken for &'obj mut T {
    type Library = Configured<'obj>;

    fn take(library: &mut Configured<'obj>) -> Self {
        library.variable()
    }
}

impl<'obj, T: Plain> TakenLonger for &'obj mut T {
    fn take_longer(library: &mut Configured<'obj>) -> Self {
        library.growing_variable()
    }
}

impl<'obj, T: Pod> Taken for &'obj mut [T] {
    type Library = Configured<'obj>;

    fn take(library: &mut Configured<'obj>) -> Self {
        library.unsized_variable()
    }
}

impl<'obj, E: Elements<Element: Plain>> Taken for &'obj mut Strided<E> {
    type Library = Configured<'obj>;

    fn take(library: &mut Configured<'obj>) -> Self {
        library.strided_variable()
    }
}

impl<'obj, T: Pod> Taken for &'obj Shared<T> {
    type Library = BoundArena<'obj>;

    fn take(library: &mut BoundArena<'obj>) -> Self {
        library.variable()
    }
}

impl<'obj, T: Pod> Taken for &'obj Shared<[T]> {
    type Library = BoundArena<'obj>;

    fn take(library: &mut BoundArena<'obj>) -> Self {
        library.unsized_variable()
    }
}

impl<'obj> Taken for Arena<'obj> {
    type Library = BoundArena<'obj>;

    fn take(library: &mut BoundArena<'obj>) -> Self {
        library.arena()
    }
}

/// The fields' kinds, and where in the struct each field begins. Each is inside, and the last ends where the struct does.
fn fields<S: Group>() -> impl Iterator<Item = (usize, &'static Kind)> {
    let mut end = 0;
    let (kinds, rows) = table::<S>();
    rows.iter().enumerate().map(move |(index, row)| {
        let kind = kinds.get(*row as usize).expect(OUT_OF_STEP);
        let begin = end;
        end = begin + kind.size;
        let fits = match index + 1 == rows.len() {
            true => end == size_of::<S>(),
            false => end < size_of::<S>(),
        };
        assert!(fits, "{OUT_OF_STEP}");
        (begin, kind)
    })
}

/// In a function of its own, so that programs have the table once.
#[inline(never)]
fn table<S: Group>() -> (&'static [Kind], &'static [u32]) {
    (S::KINDS, S::ROWS)
}

/// Initialises all fields of `group` from the library. If one can't be taken, this panics, and the others leak.
fn fill<S: Group>(library: &mut S::Library, group: &mut MaybeUninit<S>) {
    let first = group.as_mut_ptr().cast::<u8>();
    for (offset, kind) in fields::<S>() {
        // SAFETY: `S` promises that the kind is that of the field that begins there, and that such fields are taken from
        // its library; `fields` checked that the field is inside.
        unsafe { (kind.take)(NonNull::from(&mut *library).cast(), first.add(offset)) };
    }
}

/// A group whose fields need no drop, by value.
pub(crate) fn filled<S: Group>(library: &mut S::Library) -> S {
    let mut group = MaybeUninit::uninit();
    fill(library, &mut group);
    // SAFETY: all fields are initialised.
    unsafe { group.assume_init() }
}

/// Shows the fields that can be shown.
pub fn debug_group<S: Group>(
    name: &'static str,
    group: &S,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let first = (&raw const *group).cast::<u8>();
    let mut text = f.debug_struct(name);
    let mut all = true;
    let mut names = S::NAMES.split(' ');
    for (offset, kind) in fields::<S>() {
        let name = names.next().expect(OUT_OF_STEP);
        match kind.show {
            Some(show) => {
                // SAFETY: as in `fill`.
                let field = unsafe { first.add(offset) };
                text.field(name, &Shown { field, show });
            }
            None => all = false,
        }
    }
    match all {
        true => text.finish(),
        false => text.finish_non_exhaustive(),
    }
}

/// A field of a struct that is borrowed meanwhile, and how it is shown.
struct Shown {
    field: *const u8,
    show: Show,
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: `debug_group`, the only one that has these, takes both from the same group.
        unsafe { (self.show)(self.field, f) }
    }
}

impl<S: Group<Library = Bound>> Variables<S> {
    /// The next variables of the library, as many as `S` has.
    pub(crate) fn new(library: &mut Bound) -> Self {
        let mut handles = Box::new_uninit();
        fill(library, &mut handles);
        Self { handles }
    }
}

impl<S: Group<Library = Bound>> Deref for Variables<S> {
    type Target = S;

    #[inline]
    fn deref(&self) -> &S {
        // SAFETY: `new` and `clone` initialise all fields.
        unsafe { self.handles.assume_init_ref() }
    }
}

impl<S: Group<Library = Bound>> Clone for Variables<S> {
    fn clone(&self) -> Self {
        let mut handles = Box::<S>::new_uninit();
        let (from, to) = (self.handles.as_ptr(), handles.as_mut_ptr());
        for (offset, kind) in fields::<S>() {
            let clone = kind.clone.expect(OUT_OF_STEP);
            // SAFETY: as in `fill`; in `self` each field is initialised.
            unsafe { clone(from.cast::<u8>().add(offset), to.cast::<u8>().add(offset)) };
        }
        Self { handles }
    }
}

impl<S: Group<Library = Bound>> Drop for Variables<S> {
    fn drop(&mut self) {
        let first = self.handles.as_mut_ptr().cast::<u8>();
        for (offset, kind) in fields::<S>() {
            // SAFETY: as in `fill`; each field is initialised, and nobody uses them after this.
            unsafe { (kind.drop)(first.add(offset)) };
        }
    }
}

impl<S: Group<Library = Bound> + fmt::Debug> fmt::Debug for Variables<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
