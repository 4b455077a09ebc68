//! The `#[subskeleton]` attribute of [bpf-subskeleton](https://docs.rs/bpf-subskeleton), which re-exports
//! and documents it.

use proc_macro::TokenStream;

#[expect(missing_docs, reason = "it is documented where it is re-exported")]
#[proc_macro_attribute]
pub fn subskeleton(args: TokenStream, item: TokenStream) -> TokenStream {
    bpf_subskeleton_codegen::subskeleton(args.into(), item.into()).into()
}
