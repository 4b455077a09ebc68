//! [`Text`]: `char[]` as text.

use core::ffi::CStr;
use core::fmt;
use std::borrow::Cow;

use bytemuck::Pod;

use crate::shared::{Shared, Writable};
use crate::var::Var;

/// The text in a C `char[]`: what is before its first NUL, or all of it if there is none.
///
/// ```
/// use bpf_subskeleton::Text;
///
/// let mut comm = [0_i8; 16];
/// comm.set_text("bash")?;
/// assert_eq!(comm.text(), "bash");
/// assert_eq!(comm.to_c_str(), Some(c"bash"));
/// # Ok::<(), bpf_subskeleton::TooLong>(())
/// ```
///
/// In shared memory an array is [`Shared::text`] and [`Shared::set_text`].
pub trait Text {
    /// The bytes of the text, without the NUL.
    fn text_bytes(&self) -> &[u8];

    /// The text for people: what is not UTF-8 is replaced by `U+FFFD`.
    fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.text_bytes())
    }

    /// The text as C has it, without an allocation; `None` if no NUL ends it.
    fn to_c_str(&self) -> Option<&CStr>;

    /// Replaces the text, and fills the rest with NULs.
    ///
    /// # Errors
    ///
    /// If the text and a NUL don't fit, or the text has a NUL. Then nothing changes.
    fn set_text(&mut self, text: &str) -> Result<(), TooLong>;
}

impl Text for [u8] {
    fn text_bytes(&self) -> &[u8] {
        self.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    fn to_c_str(&self) -> Option<&CStr> {
        CStr::from_bytes_until_nul(self).ok()
    }

    fn set_text(&mut self, text: &str) -> Result<(), TooLong> {
        if text.len() >= self.len() || text.contains('\0') {
            return Err(TooLong {
                text: text.to_owned(),
                len: self.len(),
            });
        }
        let (chars, rest) = self.split_at_mut(text.len());
        chars.copy_from_slice(text.as_bytes());
        rest.fill(0);
        Ok(())
    }
}

/// A `char` of BPF is signed.
impl Text for [i8] {
    fn text_bytes(&self) -> &[u8] {
        bytemuck::cast_slice::<i8, u8>(self).text_bytes()
    }

    fn to_c_str(&self) -> Option<&CStr> {
        bytemuck::cast_slice::<i8, u8>(self).to_c_str()
    }

    fn set_text(&mut self, text: &str) -> Result<(), TooLong> {
        bytemuck::cast_slice_mut::<i8, u8>(self).set_text(text)
    }
}

impl<const N: usize, A> Shared<[i8; N], A> {
    /// The text in the array, for people: what is before its first NUL, with what is not UTF-8 replaced by `U+FFFD`.
    ///
    /// It is copied out byte by byte, so while a BPF program writes it, it may mix old and new.
    pub fn text(&self) -> String {
        self.get().text().into_owned()
    }

    /// Replaces the text in the array, byte by byte, and fills the rest with NULs.
    ///
    /// # Errors
    ///
    /// As [`Text::set_text`].
    pub fn set_text(&self, text: &str) -> Result<(), TooLong>
    where
        A: Writable,
    {
        let mut chars = [0; N];
        chars.set_text(text)?;
        self.set(chars);
        Ok(())
    }
}

/// A text that does not fit into a `char[]`, with the NUL that ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLong {
    text: String,
    len: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, len } = self;
        match text.find('\0') {
            Some(at) => write!(f, "{text:?} has a NUL after {at} bytes, which would end it"),
            None => write!(
                f,
                "{text:?} has {} bytes, and with a NUL doesn't fit into `char[{len}]`",
                text.len()
            ),
        }
    }
}

impl core::error::Error for TooLong {}

/// A `char[]`, or a handle of one, for generated `Debug`. With `-funsigned-char` its elements are `u8`.
pub trait Chars {
    /// Shows it as text.
    fn show_text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl<T, const N: usize> Chars for [T; N]
where
    [T]: Text,
{
    fn show_text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text(), f)
    }
}

impl<T: Pod, const N: usize, A> Chars for Shared<[T; N], A>
where
    [T]: Text,
{
    fn show_text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().show_text(f)
    }
}

impl<T, A> Chars for Var<T, A>
where
    Shared<T, A>: Chars,
{
    fn show_text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).show_text(f)
    }
}

/// In a snapshot.
impl<T> Chars for Vec<T>
where
    [T]: Text,
{
    fn show_text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text(), f)
    }
}

/// In an arena.
impl<C: Chars> Chars for &C {
    fn show_text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).show_text(f)
    }
}

/// Before load.
impl<C: Chars> Chars for &mut C {
    fn show_text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).show_text(f)
    }
}

/// A member or variable, shown as text.
pub struct ShownText<'f, C>(pub &'f C);

impl<C: Chars> fmt::Debug for ShownText<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show_text(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_text() {
        assert_eq!(format!("{:?}", ShownText(&[98_i8, 34, 0, 99])), r#""b\"""#);
        // `-funsigned-char`.
        assert_eq!(format!("{:?}", ShownText(&vec![98_u8, 0])), r#""b""#);
        let mut chars = [98_u8; 2];
        assert_eq!(format!("{:?}", ShownText(&&mut chars)), r#""bb""#);
    }

    #[test]
    fn text_ends_at_the_first_nul() {
        let mut chars = [0_i8; 6];
        assert_eq!((chars.text().as_ref(), chars.to_c_str()), ("", Some(c"")));
        chars.set_text("größe").unwrap_err();
        chars.set_text("größ").unwrap_err();
        chars.set_text("größ\0").unwrap_err();
        chars.set_text("grö").unwrap();
        assert_eq!(
            (chars.text().as_ref(), chars.text_bytes().len()),
            ("grö", 4)
        );
        chars.set_text("a").unwrap();
        assert_eq!(chars, [97, 0, 0, 0, 0, 0]);
        let full = *b"abc";
        assert_eq!((full.text().as_ref(), full.to_c_str()), ("abc", None));
        assert_eq!([-1_i8, 65, 0, 66].text(), "\u{fffd}A");
        assert!([0_u8; 0].set_text("").is_err());
    }

    #[test]
    fn what_does_not_fit_says_why() {
        let error = [0_u8; 4].set_text("four").unwrap_err();
        let text = "\"four\" has 4 bytes, and with a NUL doesn't fit into `char[4]`";
        assert_eq!(error.to_string(), text);
        let error = [0_u8; 9].set_text("a\0b").unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"a\\0b\" has a NUL after 1 bytes, which would end it"
        );
    }
}
