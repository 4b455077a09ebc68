//! Loads the objects that a file lists, and binds companions to each; see `bind` in `companions.rs`.

mod values;

use std::panic;
use std::path::Path;
use std::sync::{LazyLock, Mutex};
use std::{env, fs};

use bpf_subskeleton::BindError;
use bpf_subskeleton::libbpf_rs::{self, Object, ObjectBuilder, OpenObject, PrintLevel};

use crate::values::{Values, bytes, slice};

/// What libbpf says while it loads an object.
static SAID: LazyLock<Mutex<Vec<String>>> = LazyLock::new(Mutex::default);

fn main() {
    libbpf_rs::set_print(Some((PrintLevel::Warn, |_, text| {
        SAID.lock().unwrap().extend(text.lines().map(str::to_owned));
    })));
    let compare = env::args().nth(2).is_some_and(|arg| arg == "values");
    let list = fs::read_to_string(env::args().nth(1).unwrap()).unwrap();
    for line in list.lines() {
        let mut columns = line.split('\t');
        let path = Path::new(columns.next().unwrap());
        println!("object");
        SAID.lock().unwrap().clear();
        let open = ObjectBuilder::default().open_file(path);
        match open.and_then(OpenObject::load) {
            Err(error) => println!("refused\t{}", reason(&error, path)),
            Ok(object) => {
                for companion in columns {
                    let index = companion.parse().unwrap();
                    let bound = panic::catch_unwind(|| bind(index, &object));
                    let (problems, values) =
                        bound.unwrap_or_else(|_| ("it panics".to_owned(), Values::new()));
                    println!("companion\t{companion}\t{}", line_of(&problems));
                    if !compare {
                        continue;
                    }
                    let (equal, differences) = values::compare(&object, &values);
                    println!("equal\t{equal}");
                    for difference in differences {
                        println!("value\t{}", line_of(&difference));
                    }
                }
            }
        }
    }
}

/// What a companion says to an object, and the values that it reads.
macro_rules! bind {
    ($library:ty, $object:ident, [$(($name:literal, $bytes:ident, $section:ident, $field:ident)),*]) => {{
        let bound = <$library>::bind($object);
        let values = match &bound {
            Ok(_library) => vec![$(($name, $bytes(&_library.$section.$field))),*],
            Err(_) => Values::new(),
        };
        (problems(bound, <$library>::programs($object)), values)
    }};
}

fn bind(companion: usize, object: &Object) -> (String, Values) {
    match companion {
        0 => (String::new(), Values::new()), // companions
        _ => ("there is no such companion".to_owned(), Values::new()),
    }
}

fn problems<A, B>(bound: Result<A, BindError>, programs: Result<B, BindError>) -> String {
    let results = [bound.err(), programs.err()];
    let errors: Vec<_> = results.iter().flatten().collect();
    let problems = errors.iter().flat_map(|error| error.problems());
    let problems: Vec<_> = problems.map(ToString::to_string).collect();
    problems.join("; ")
}

/// Why an object was refused: the verifier's last word or libbpf's first, and what the system call returned.
fn reason(error: &libbpf_rs::Error, path: &Path) -> String {
    let said = SAID.lock().unwrap();
    let verifier = said.iter().position(|line| line.starts_with("processed "));
    let last = verifier.and_then(|end| said.get(end.checked_sub(1)?));
    let first = said.iter().find(|line| line.starts_with("libbpf: "));
    let word = last.or(first).map_or("", |line| line.trim());
    let path = path.display().to_string();
    line_of(&format!("{word} ({error:#})").replace(&path, "OBJECT"))
}

fn line_of(text: &str) -> String {
    text.replace(['\n', '\t'], " ")
}
