//! Layouts and names that a code generator can easily get wrong.

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::objects::{compile_c, link, object};
use bpf_subskeleton_tests::require_bpf;
use libbpf_rs::{Object, ObjectBuilder, OpenObject};

/// One variable of each odd type.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/odd_types.bpf.o"))]
pub struct OddTypes;

fn load() -> (Object, OddTypes) {
    require_bpf();
    let length = compile_c("odd_length", "int odd_length[3] = { 1, 2, 3 };");
    let object = ObjectBuilder::default()
        .open_file(link("odd_types", &[&object("odd_types"), &length]))
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
    let enums = (
        data.odd_value.get(),
        data.odd_storage.get(),
        data.odd_f.get(),
    );
    assert_eq!(format!("{enums:?}"), "(VALUE, STORAGE, F)");
}

#[test]
fn bitfields_in_unions_of_several_words() {
    let (_object, OddTypes { data, .. }) = load();
    let words = &data.odd_words_32;
    words.set_more(0x3fff_ffff);
    assert_eq!(
        (words.low(), words.high(), words.more()),
        (1, 2, 0x3fff_ffff)
    );
    words.set_low(31);
    assert_eq!(
        (words.low(), words.high(), words.more()),
        (31, 2, 0x3fff_ffff)
    );
    let (words, word) = (&data.odd_words_64, &data.odd_word_128);
    words.set_second(1 << 59);
    word.set_second(1 << 59);
    assert_eq!((words.first(), words.second()), (1, 1 << 59));
    assert_eq!((word.first(), word.second()), (1, 1 << 59));
    words.set_first(7);
    word.set_first(7);
    assert_eq!((words.first(), words.second()), (7, 1 << 59));
    #[cfg(target_endian = "little")]
    assert_eq!(word.whole(), 7 | 1 << (64 + 59));
}

#[test]
fn an_array_without_a_length_has_debug() {
    let (_object, OddTypes { externs, .. }) = load();
    assert_eq!(externs.odd_length.len(), 3);
    assert_eq!(format!("{externs:?}"), "Externs { odd_length: [1, 2, 3] }");
}

#[test]
fn alignment_of_a_bitfield() {
    let (_object, OddTypes { data, .. }) = load();
    assert_eq!(align_of::<odd_types::bit_then_char>(), 4);
    let bits = &data.odd_bit_then_char;
    assert_eq!((bits.bits(), bits.rest.get()), (3, 4));
    let inner = data.odd_bit_then_char_packed.inner.get();
    assert_eq!((inner.bits(), inner.rest), (2, 3));
}

#[test]
fn a_flexible_array_may_end_anywhere() {
    let (_object, OddTypes { data, .. }) = load();
    let flexible = &data.odd_flexible_end;
    assert_eq!(flexible.first.get(), 1);
    assert_eq!(flexible.items.get(), b"0123456789\0".map(|byte| byte as i8));
    flexible.items.set([-1; 11]);
    assert_eq!(data.odd_behind_flexible_end.get(), 7);
}

#[test]
fn enums_of_bitfields_are_named_after_their_path() {
    let (_object, OddTypes { data, .. }) = load();
    assert_eq!(data.odd_modes.mode(), odd_types::odd_modes_mode::ODD_ON);
    assert_eq!(data.odd_modes.side(), odd_types::odd_modes_side::ODD_RIGHT);
}

#[test]
fn members_named_as_methods() {
    let (_object, OddTypes { data, .. }) = load();
    let shared = &data.odd_methods;
    let [get, set, iter] = [shared.get_(), shared.set_(), shared.iter()];
    assert_eq!((get, set, iter), (1, 2, 3));
    assert_eq!((shared.as_atomic_(), shared.project_()), (4, 5));
    assert_eq!((shared.clone_(), shared.into_()), (6, 7));
    assert_eq!(
        (shared.from(), shared.get_boxed_(), shared.text()),
        (8, 8, 8)
    );

    shared.set_get_(9);
    shared.set_set_(10);
    shared.set_iter(11);
    shared.set_from_(12);
    let mut value = shared.get();
    assert_eq!((value.get_(), value.set_(), value.iter()), (9, 10, 11));
    assert_eq!((value.text(), value.into_()), (12, 7));
    value.set_into_(13);
    shared.set(value);
    assert_eq!((shared.into_(), shared.clone_()), (13, 6));
}

#[test]
fn packed_structs_that_look_ordinary() {
    let (_object, OddTypes { data_packed, .. }) = load();
    let packed = &data_packed.odd_packed_like_any;
    assert_eq!(
        (packed.first.get(), packed.second.get(), packed.third.get()),
        (1, 2, 3)
    );
    packed.first.set(u64::MAX);
    assert_eq!(data_packed.odd_before_packed.get(), 1);
    assert_eq!((packed.first.get(), packed.second.get()), (u64::MAX, 2));
    let inner = data_packed.odd_packed_by_member[1].inner.get();
    assert_eq!(({ inner.first }, { inner.third }), (7, 9));
}
