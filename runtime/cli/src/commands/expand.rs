//! `subskeleton expand`: the code that the attribute would generate.

use std::ffi::OsStr;
use std::path::{self, Path};
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};
use bpf_subskeleton_codegen::internals::{self, Environment};
use bpf_subskeleton_object::map_type::{MapType, Parameters};
use bpf_subskeleton_object::model::{Library, Map, MapDefinition, Shape};
use proc_macro2::{Literal, TokenStream};
use serde_json::json;

use crate::args::Expand;
use crate::library::ObjectFile;
use crate::output;

pub(crate) fn run(args: &Expand, as_json: bool) -> Result<ExitCode> {
    let file = ObjectFile::read(&args.library)?;
    let code = code(args, &file)?;
    match as_json {
        true => output::write_json(&json!({ "code": code }))?,
        false => output::write(code)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn code(args: &Expand, file: &ObjectFile) -> Result<String> {
    let shown = file.path().display();
    let library = file.library()?;
    let item = item(&name(args, file)?, &args.fields, &library)?;
    let (folder, object) = crate_of(file)?;
    let attribute = format!("obj = {}", Literal::string(&object));
    let environment = Environment::with([("CARGO_MANIFEST_DIR".to_owned(), folder)]);
    let code = internals::expand_in(&environment, tokens(&attribute)?, tokens(&item)?);
    let code = code.map_err(|messages| {
        let written = format!("`{object}`: ");
        let messages = messages.iter();
        let messages = messages.map(|text| text.strip_prefix(&written).unwrap_or(text));
        let messages: Vec<_> = messages.map(|text| format!("{shown}: {text}")).collect();
        anyhow!(messages.join("\n"))
    })?;
    let code = syn::parse2(code).context("the generated code is not Rust, which is a bug")?;
    Ok(prettyplease::unparse(&code))
}

/// The folder of a crate that has the object in it, and the path that the crate's author writes.
fn crate_of(file: &ObjectFile) -> Result<(String, String)> {
    let context = || file.path().display().to_string();
    let absolute = path::absolute(file.path()).with_context(context)?;
    let text = |part: Option<&OsStr>| part.and_then(OsStr::to_str).map(str::to_owned);
    let folder = text(absolute.parent().map(Path::as_os_str));
    let parts = folder.zip(text(absolute.file_name()));
    parts.with_context(|| format!("{}: the path is not UTF-8", context()))
}

/// The name of the struct.
fn name(args: &Expand, file: &ObjectFile) -> Result<String> {
    match &args.name {
        None => Ok(internals::names::section_type(&file.name())),
        Some(name) if syn::parse_str::<syn::Ident>(name).is_ok() => Ok(name.clone()),
        Some(name) => bail!("`{name}` can't be the name of a struct in Rust"),
    }
}

/// The struct that the attribute is on.
fn item(name: &str, fields: &[String], library: &Library<'_>) -> Result<String> {
    if fields.is_empty() {
        return Ok(format!("pub struct {name};"));
    }
    let mut names = internals::names::Names::default();
    let fields = fields.iter().map(|field| {
        let handle = handle(field, library);
        let rust = names.unique(field, &[]);
        let c = Literal::string(field);
        match rust.strip_prefix("r#").unwrap_or(&rust) == field {
            true => format!("pub {rust}: {handle}"),
            false => format!("#[bpf(name = {c})] pub {rust}: {handle}"),
        }
    });
    let fields: Vec<_> = fields.collect();
    Ok(format!("pub struct {name} {{ {} }}", fields.join(", ")))
}

/// The handle of a variable or map, with its types from BTF. Of any other name the generator says what is wrong.
fn handle(name: &str, library: &Library<'_>) -> String {
    let map = library.maps.iter().find(|map| map.name == name);
    let mut variables = library.variables();
    let variable = variables.find(|(_, variable)| variable.name == name);
    match (variable, map) {
        (Some((_, variable)), _) if variable.read_only => "Const<_>".to_owned(),
        (None, Some(map)) => map_handle(map),
        _ => "Var<_>".to_owned(),
    }
}

/// The handle of a map; an untyped one if BTF lacks a type that it needs.
fn map_handle(map: &Map<'_>) -> String {
    match has_types(&map.definition) {
        true => internals::map_handle(map),
        false => "maps::Untyped".to_owned(),
    }
}

fn has_types(definition: &MapDefinition) -> bool {
    let (key, value) = (is_type(definition.key), is_type(definition.value));
    let inner = || definition.inner.as_deref().is_some_and(has_types);
    let map_type = definition.map_type.and_then(MapType::by_number);
    match map_type.map(|map_type| map_type.parameters) {
        Some(Parameters::KeyValue) => key && value,
        Some(Parameters::Value) => value,
        Some(Parameters::Key) => key,
        Some(Parameters::Inner) => inner(),
        Some(Parameters::KeyInner) => key && inner(),
        Some(Parameters::None | Parameters::Record) => true,
        None => false,
    }
}

fn is_type(shape: Shape) -> bool {
    matches!(shape, Shape::Type(_))
}

fn tokens(code: &str) -> Result<TokenStream> {
    let tokens = code.parse::<TokenStream>();
    tokens.map_err(|error| anyhow!("`{code}` is not Rust: {error}"))
}
