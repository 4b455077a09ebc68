//! Layouts and names that a generator trips over.

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::objects::object;
use bpf_subskeleton_tests::require_bpf;
use libbpf_rs::{Object, ObjectBuilder, OpenObject};

/// One variable of each odd type.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/odd_types.bpf.o"))]
pub struct OddTypes;

fn load() -> (Object, OddTypes) {
    require_bpf();
    let object = ObjectBuilder::default()
        .open_file(object("odd_types"))
        .and_then(OpenObject::load)
        .unwrap();
    let types = OddTypes::bind(&object).unwrap();
    (object, types)
}

#[test]
fn names_of_generated_code() {
    let (_object, OddTypes { data, .. }) = load();
    assert_eq!((data.odd_a.A.get(), data.odd_a.T()), (1, 2));
    data.odd_a.set_T(5);
    assert_eq!(data.odd_a.get().T(), 5);
    assert_eq!(
        (data.odd_types.types.get(), data.odd_fields.fields.get()),
        (1, 2)
    );
    assert_eq!(
        (data.odd_config.config.get(), data.odd_btf.btf.get()),
        (3, 4)
    );
    assert_eq!(data.odd_library.library.get(), 5);
}
