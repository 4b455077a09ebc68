//! The `#[subskeleton]` attribute of [bpf-subskeleton](https://docs.rs/bpf-subskeleton), which re-exports
//! and documents it.

use proc_macro::TokenStream;

/// Generates typed access to a BPF library: see the documentation of `bpf-subskeleton`.
#[proc_macro_attribute]
pub fn subskeleton(args: TokenStream, item: TokenStream) -> TokenStream {
    bpf_subskeleton_codegen::subskeleton(args.into(), item.into()).into()
}
