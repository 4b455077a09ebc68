//! Values of running objects are what bpftool says, and what C wrote.

use std::process::Command;

use crate::command;
use bpf_subskeleton_tests::golden::assert_golden;
use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::{compile_c, object};
use libbpf_rs::{MapCore as _, Object};
use serde_json::Value;

/// What bpftool makes of the object's sections: variables with their values.
fn of_bpftool(object: &Object) -> Vec<(String, Value)> {
    let mut variables = Vec::new();
    for map in object.maps() {
        let id = map.info().unwrap().info.id.to_string();
        let bpftool = Command::new("bpftool")
            .args(["-j", "map", "dump", "id", &id])
            .output();
        let text = String::from_utf8(bpftool.unwrap().stdout).unwrap();
        // bpftool 7.1 stops at the first floating-point number of a section, and leaves no JSON there.
        let text = text.replace("(unsupported-kind", "null");
        let document: Value = serde_json::from_str(&text).unwrap();
        let sections = document[0]["formatted"]["value"].as_object();
        for section in sections.into_iter().flat_map(|sections| sections.values()) {
            for variable in section.as_array().unwrap() {
                variables.extend(variable.as_object().unwrap().clone());
            }
        }
    }
    variables
}

/// Whether both are the same value. bpftool writes some numbers in hexadecimal, and doesn't extend signs of bitfields.
fn agree(bpftool: &Value, ours: &Value) -> bool {
    match (bpftool, ours) {
        (Value::Null, _) => true,
        (Value::Object(bpftool), Value::Object(members)) => {
            bpftool.iter().all(|(name, value)| match name.as_str() {
                "" | "(anon)" => agree(value, ours),
                name => members.get(name).is_some_and(|ours| agree(value, ours)),
            })
        }
        (Value::Array(bpftool), Value::Array(ours)) => {
            let mut pairs = bpftool.iter().zip(ours);
            // It shows nothing of a flexible array.
            let stopped = bpftool.is_empty()
                || bpftool
                    .last()
                    .is_some_and(|last| last.to_string().contains("null"));
            (bpftool.len() == ours.len() || stopped)
                && pairs.all(|(bpftool, ours)| agree(bpftool, ours))
        }
        // Text with a character that can't be printed; what is after its NUL is not text.
        (Value::Array(bpftool), Value::String(ours)) => {
            let pairs = bpftool.iter().zip(ours.bytes());
            pairs.into_iter().all(|(bpftool, byte)| *bpftool == byte)
        }
        (Value::Number(bpftool), Value::Number(ours)) => bpftool == ours,
        (Value::Number(bpftool), Value::Null) => bpftool.as_u64() == Some(0),
        (Value::Bool(bpftool), Value::Bool(ours)) => bpftool == ours,
        (Value::String(text), ours) => match text.strip_prefix("0x") {
            Some(digits) => same_bits(u128::from_str_radix(digits, 16).unwrap(), ours),
            None => text_agrees(text, ours),
        },
        _ => false,
    }
}

fn same_bits(bits: u128, ours: &Value) -> bool {
    let number: i128 = match ours {
        Value::Number(number) => number.as_i128().unwrap(),
        Value::Bool(value) => (*value).into(),
        Value::Null => 0,
        Value::String(text) => match text.strip_prefix("0x") {
            Some(digits) => i128::from_str_radix(digits, 16).unwrap(),
            None => match text.parse::<u128>() {
                Ok(number) => number as i128,
                Err(_) => match text.parse() {
                    Ok(number) => number,
                    // The name of a constant.
                    Err(_) => return true,
                },
            },
        },
        _ => return false,
    };
    let kept = match number {
        0.. => u128::MAX,
        _ => u128::MAX >> bits.leading_zeros(),
    };
    number as u128 & kept == bits
}

fn text_agrees(bpftool: &str, ours: &Value) -> bool {
    match ours {
        Value::String(ours) => bpftool == ours,
        // A `char`.
        Value::Number(number) => {
            bpftool.as_bytes().first().map(|byte| i64::from(*byte)) == number.as_i64()
        }
        _ => false,
    }
}

#[test]
fn values_are_those_that_bpftool_sees() {
    for (name, least) in [
        ("types", 75),
        ("selection", 15),
        ("drift", 3),
        ("padding", 3),
    ] {
        let loaded = kernel::load(kernel::open(&object(name)));
        let ours = command::json(&["get", &command::name_of(&loaded)]);
        let of_bpftool = of_bpftool(&loaded);
        assert!(of_bpftool.len() >= least, "{name}: {}", of_bpftool.len());
        for (variable, value) in of_bpftool {
            let ours = &ours[&variable];
            assert!(
                agree(&value, ours),
                "{name}: {variable}\nbpftool: {value}\nours: {ours}"
            );
        }
    }
}

/// Written as C writes them: compare with the initialisers in `bpf-src/types.bpf.c`.
#[test]
fn values_are_written_as_in_c() {
    let loaded = kernel::load(kernel::open(&object("types")));
    assert_golden(
        "cli/types.txt",
        &command::said(&["get", &command::name_of(&loaded)]),
    );
}

/// An address that the kernel has a name for.
#[test]
fn pointers_to_symbols_have_names() {
    let source = "
        void *cli_where; void *cli_near;
        extern const void schedule __attribute__((section(\".ksyms\")));
        __attribute__((section(\"syscall\"), used)) int store(void *context) {
            cli_where = (void *)&schedule;
            cli_near = (void *)&schedule + 1;
            return 0;
        }
        char LICENSE[] __attribute__((section(\"license\"), used)) = \"GPL\";";
    let loaded = kernel::load(kernel::open(&compile_c("cli_symbols", source)));
    let name = command::name_of(&loaded);
    let program = loaded.progs_mut().next().unwrap();
    program
        .test_run(libbpf_rs::ProgramInput::default())
        .unwrap();
    let values = command::json(&["get", &name]);
    assert_eq!(values["cli_where"], "schedule");
    assert!(
        values["cli_near"]
            .as_str()
            .unwrap()
            .starts_with("0xffffffff")
    );
}
