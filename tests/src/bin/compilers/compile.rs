//! One source through one compiler with one set of options, and what the reader and the generator make of it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use bpf_subskeleton_object::model::Library;
use bpf_subskeleton_tests::companions::expand;
use bpf_subskeleton_tests::layouts::Questions;

use crate::compiler::{Change, Compiler, Options};
use crate::sources::{Source, headers};

/// What came of it.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// The object.
    pub(crate) object: PathBuf,
    /// Whether the reader reads it.
    pub(crate) read: Result<(), String>,
    /// The generated code.
    pub(crate) code: Result<String, String>,
    /// Where the compiler and the generator disagree about its types.
    pub(crate) layouts: Result<(), String>,
}

/// A compiler with the flags that matter for types, a source, and the questions.
type Asked = (String, String, String);

/// Compiles, and remembers what compilers said about types, which most options leave as they are.
pub(crate) struct Workshop {
    folder: PathBuf,
    headers: Vec<PathBuf>,
    answers: Mutex<HashMap<Asked, Result<(), String>>>,
}

impl Workshop {
    /// Puts all objects into this folder.
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            headers: headers(),
            answers: Mutex::default(),
        }
    }

    /// The objects of a compiler and options.
    pub(crate) fn folder(&self, compiler: &Compiler, options: Options) -> PathBuf {
        let name = format!("{}{}", compiler.command, options.flags);
        let name = name.replace([' ', '/', '='], "");
        self.folder.join(name)
    }

    /// Compiles a source, reads the object and generates its companion.
    ///
    /// # Errors
    ///
    /// If the compiler refuses; what it says.
    pub(crate) fn compile(
        &self,
        compiler: &Compiler,
        options: Options,
        source: &Source,
    ) -> Result<Compiled, String> {
        let folder = self.folder(compiler, options);
        let object = folder.join(format!("{}.bpf.o", source.name));
        self.run(compiler.with(options), source, &source.path, &object)?;
        // Equal code of different compilers names one path.
        let any = self.folder.join(format!("{}.bpf.o", source.name));
        fs::copy(&object, &any).map_err(|e| format!("{}: {e}", any.display()))?;
        let code = expand(&object, &any);
        let bytes = fs::read(&object).map_err(|e| format!("{}: {e}", object.display()))?;
        let library = Library::read(&bytes).map_err(|e| e.to_string());
        let layouts = match &library {
            Ok(library) => self.layouts(compiler, options, source, library, &folder),
            Err(_) => Err("it can't be read".to_owned()),
        };
        Ok(Compiled {
            object,
            read: library.map(drop),
            code,
            layouts,
        })
    }

    fn layouts(
        &self,
        compiler: &Compiler,
        options: Options,
        source: &Source,
        library: &Library<'_>,
        folder: &Path,
    ) -> Result<(), String> {
        let questions = Questions::about(library).map_err(|e| e.to_string())?;
        let flags = match options.change {
            Change::Types => options.flags,
            _ => "",
        };
        let key = (
            compiler.command.clone() + flags,
            source.name.clone(),
            format!("{questions:?}"),
        );
        if let Some(answer) = self.answers.lock().unwrap().get(&key) {
            return answer.clone();
        }
        let text = format!(
            "#include \"{}\"\n{}",
            source.path.display(),
            questions.source()
        );
        let input = folder.join(format!("{}.questions.c", source.name));
        let output = input.with_extension("o");
        fs::write(&input, text).map_err(|e| format!("{}: {e}", input.display()))?;
        let answer = self
            .run(compiler.with(options), source, &input, &output)
            .and_then(|()| {
                let bytes = fs::read(&output).map_err(|e| format!("{}: {e}", output.display()))?;
                let differences = questions.differences(&bytes)?;
                match differences.is_empty() {
                    true => Ok(()),
                    false => Err(differences.join("; ")),
                }
            });
        self.answers.lock().unwrap().insert(key, answer.clone());
        answer
    }

    fn run(
        &self,
        mut command: Command,
        source: &Source,
        input: &Path,
        output: &Path,
    ) -> Result<(), String> {
        // Headers beside the source.
        if let Some(folder) = source.path.parent() {
            command.arg("-I").arg(folder);
        }
        for folder in &self.headers {
            command.arg("-I").arg(folder);
        }
        command.arg(input).arg("-o").arg(output);
        let result = command.output().map_err(|e| e.to_string())?;
        if result.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&result.stderr);
        let error = text.lines().find(|line| line.contains("error"));
        let error = error.or(text.lines().next()).unwrap_or("no reason given");
        // Without the place: the same error has many.
        Err(error.split("error: ").last().unwrap_or(error).to_owned())
    }
}
