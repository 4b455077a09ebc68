//! [`Enumeration`]: the constants of a C enum.

use core::fmt;

/// A C enum, as generated: an integer that may hold any value, and the constants that have names.
///
/// ```
/// use bpf_subskeleton::Enumeration;
///
/// fn help<Mode: Enumeration>() -> String {
///     let names = Mode::CONSTANTS.iter().map(|(name, _)| *name);
///     format!("one of {}", names.collect::<Vec<_>>().join(", "))
/// }
/// ```
///
/// `Display` and `Debug` write the constant's name, and of any other value the integer. `TryFrom` takes the integer of a
/// constant, and [`from_name`](Self::from_name) its name.
pub trait Enumeration: Copy + Eq + 'static {
    /// The integer that it is.
    type Int: fmt::Display + fmt::Debug;

    /// The constants and their C names, in the order of the C code.
    const CONSTANTS: &'static [(&'static str, Self)];

    /// The integer.
    fn to_int(self) -> Self::Int;

    /// The name of the constant with this value, the first if there are several; `None` if there is none.
    fn name(self) -> Option<&'static str> {
        let mut constants = Self::CONSTANTS.iter();
        let (name, _) = constants.find(|(_, constant)| *constant == self)?;
        Some(name)
    }

    /// The constant of that name.
    fn from_name(name: &str) -> Option<Self> {
        let mut constants = Self::CONSTANTS.iter();
        let (_, constant) = constants.find(|(constant, _)| *constant == name)?;
        Some(*constant)
    }
}

/// An integer that is no constant of a C enum: the error of its `TryFrom`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoConstant<Int> {
    name: &'static str,
    value: Int,
}

impl<Int> NoConstant<Int> {
    /// The integer.
    pub fn value(self) -> Int {
        self.value
    }
}

impl<Int: fmt::Display> fmt::Display for NoConstant<Int> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value } = self;
        write!(f, "`{name}` has no constant of the value {value}")
    }
}

impl<Int: fmt::Display + fmt::Debug> core::error::Error for NoConstant<Int> {}

/// `Display` of an enum.
pub fn display_constant<E: Enumeration>(value: E, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value.name() {
        Some(name) => f.pad(name),
        None => fmt::Display::fmt(&value.to_int(), f),
    }
}

/// `Debug` of an enum that C calls `name`.
pub fn debug_constant<E: Enumeration>(
    value: E,
    name: &str,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match value.name() {
        Some(constant) => f.write_str(constant),
        None => f.debug_tuple(name).field(&value.to_int()).finish(),
    }
}

/// `TryFrom` of an enum that C calls `name`.
///
/// # Errors
///
/// If it has no such constant.
pub fn constant<E: Enumeration>(value: E, name: &'static str) -> Result<E, NoConstant<E::Int>> {
    match value.name() {
        Some(_) => Ok(value),
        None => Err(NoConstant {
            name,
            value: value.to_int(),
        }),
    }
}
