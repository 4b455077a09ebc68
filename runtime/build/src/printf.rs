//! libbpf's callbacks in the manner of `vprintf`: its messages, and the C that it writes.

use std::ffi::{c_char, c_int, c_void};
use std::mem::transmute;
use std::sync::Mutex;

use libbpf_sys::{btf_dump_printf_fn_t, libbpf_print_fn_t, libbpf_print_level};

/// A `va_list`. C's calling convention passes one pointer for it on the machines that libbpf-rs supports, which does
/// the same.
type VaList = *mut c_void;

/// The text that `format` makes of its arguments.
///
/// # Safety
///
/// They are as for `vprintf`.
unsafe fn formatted(format: *const c_char, arguments: VaList) -> String {
    // SAFETY: the caller's promise.
    unsafe { vsprintf::vsprintf(format, arguments) }.unwrap_or_default()
}

/// For `btf_dump__new`: appends to the [`String`] that its context points to.
pub(crate) fn append() -> btf_dump_printf_fn_t {
    type Append = extern "C" fn(*mut c_void, *const c_char, VaList);
    extern "C" fn append(text: *mut c_void, format: *const c_char, arguments: VaList) {
        // SAFETY: libbpf passes on the context, which outlives the dumper, and a format with its arguments.
        unsafe { (*text.cast::<String>()).push_str(&formatted(format, arguments)) };
    }
    // SAFETY: they differ in how `VaList` is declared.
    unsafe { transmute::<Append, btf_dump_printf_fn_t>(append) }
}

/// Collects libbpf's warnings, which would go to the terminal.
pub(crate) fn listening<T>(run: impl FnOnce() -> T) -> (T, String) {
    static MESSAGES: Mutex<String> = Mutex::new(String::new());
    type Print = extern "C" fn(libbpf_print_level, *const c_char, VaList) -> c_int;
    extern "C" fn listen(
        level: libbpf_print_level,
        format: *const c_char,
        arguments: VaList,
    ) -> c_int {
        if level == libbpf_sys::LIBBPF_WARN
            && let Ok(mut messages) = MESSAGES.lock()
        {
            // SAFETY: libbpf passes a format and its arguments.
            messages.push_str(&unsafe { formatted(format, arguments) });
        }
        0
    }
    // SAFETY: they differ in how `VaList` is declared.
    let listen = unsafe { transmute::<Print, libbpf_print_fn_t>(listen) };
    // SAFETY: libbpf exchanges what it calls atomically; what it called before is its own or a program's, and stays valid.
    let before = unsafe { libbpf_sys::libbpf_set_print(listen) };
    let result = run();
    // SAFETY: as above.
    unsafe { libbpf_sys::libbpf_set_print(before) };
    let messages = MESSAGES
        .lock()
        .map(|mut messages| std::mem::take(&mut *messages));
    (result, messages.unwrap_or_default())
}
