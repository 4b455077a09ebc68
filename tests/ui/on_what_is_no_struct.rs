use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
async fn asynchronous() {}

#[subskeleton(obj = "selection.bpf.o")]
pub const fn constant() {}

#[subskeleton(obj = "selection.bpf.o")]
pub(crate) unsafe extern "C" fn foreign() {}

#[subskeleton(obj = "selection.bpf.o")]
macro_rules! rules {
    () => {};
}

#[subskeleton(obj = "selection.bpf.o")]
rules! {}

#[subskeleton(obj = "selection.bpf.o")]
extern crate core as _;

#[subskeleton(obj = "selection.bpf.o")]
#[allow(unused_imports)]
use std::fmt as _;

#[subskeleton(obj = "selection.bpf.o")]
static STATIC: u8 = 0;

#[subskeleton(obj = "selection.bpf.o")]
static mut MUTABLE: u8 = 0;

#[subskeleton(obj = "selection.bpf.o")]
const CONST: u8 = 0;

#[subskeleton(obj = "selection.bpf.o")]
const _: () = ();

#[subskeleton(obj = "selection.bpf.o")]
/// Documented.
pub enum Enum {}

#[subskeleton(obj = "selection.bpf.o")]
union Union {
    field: u8,
}

#[subskeleton(obj = "selection.bpf.o")]
impl Enum {}

#[subskeleton(obj = "selection.bpf.o")]
unsafe impl Send for Union {}

#[subskeleton(obj = "selection.bpf.o")]
trait Trait {}

#[subskeleton(obj = "selection.bpf.o")]
pub(self) unsafe trait UnsafeTrait {}

#[subskeleton(obj = "selection.bpf.o")]
mod module {}

#[subskeleton(obj = "selection.bpf.o")]
type Type = u8;

#[subskeleton(obj = "selection.bpf.o")]
unsafe extern "C" {}

impl Enum {
    #[subskeleton(obj = "selection.bpf.o")]
    fn method(&self) {}
}

unsafe extern "C" {
    #[subskeleton(obj = "selection.bpf.o")]
    safe fn in_another_language();
}

fn main() {}
