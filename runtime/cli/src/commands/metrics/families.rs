//! Metrics of a place: a family of samples for each number in it, arrays with an index as label.

use anyhow::Result;
use bpf_subskeleton_object::btf::{Btf, Composite, Type, TypeId};
use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::model;

use crate::globals::{Globals, Target};
use crate::value::Value;

/// Samples that share a name.
#[derive(Debug)]
pub(super) struct Family {
    /// The path that the user exports.
    pub(super) path: String,
    pub(super) name: String,
    pub(super) help: String,
    pub(super) kind: Kind,
    pub(super) samples: Vec<Sample>,
}

/// What a decl tag says of a number. BTF alone does not tell whether it only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Unknown,
    Counter,
    Gauge,
}

#[derive(Debug)]
pub(super) struct Sample {
    /// The indices of the arrays that it is in.
    pub(super) labels: Vec<(String, String)>,
    pub(super) value: Number,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

/// The families of a place and their values now.
pub(super) fn of_target(globals: &Globals<'_>, target: &Target<'_>) -> Result<Vec<Family>> {
    let value = globals.value(target)?;
    let btf = &globals.btf;
    let (name, labels) = name_of_path(&target.path);
    let tags = Tags::of(btf, target.variable.id, None);
    let mut walk = Walk {
        btf,
        path: &target.path,
        families: Vec::new(),
    };
    let at = At {
        name: tags.name.unwrap_or(name),
        array: array_of_path(&target.path).to_owned(),
        help: tags.help.unwrap_or_else(|| {
            let declaration = declaration(btf, target.variable.ty, target.variable.name);
            format!("{declaration}, in {}", target.variable.section)
        }),
        kind: tags.kind,
        labels,
    };
    walk.visit(target.place.ty, &value, &at);
    Ok(walk.families)
}

/// Where a walk is.
#[derive(Debug, Clone)]
struct At {
    name: String,
    /// The name of the variable or member, for the labels of its elements.
    array: String,
    help: String,
    kind: Kind,
    labels: Vec<(String, String)>,
}

/// A walk through a type and a value of it.
struct Walk<'w, 'r> {
    btf: &'w Btf<'r>,
    path: &'w str,
    families: Vec<Family>,
}

impl Walk<'_, '_> {
    fn visit(&mut self, ty: TypeId, value: &Value<'_>, at: &At) {
        match (self.btf.ty(self.btf.resolve(ty)), value) {
            (Type::Array { element, .. }, Value::Array(values)) => {
                // The second dimension of an array needs a label of its own.
                let taken = at.labels.iter().filter(|(label, _)| {
                    label
                        .strip_prefix(at.array.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
                });
                let label = match taken.count() {
                    0 => at.array.clone(),
                    count => format!("{}_{}", at.array, count + 1),
                };
                let mut inner = at.clone();
                for (index, value) in values.iter().enumerate() {
                    inner.labels.truncate(at.labels.len());
                    inner.labels.push((label.clone(), index.to_string()));
                    self.visit(*element, value, &inner);
                }
            }
            (Type::Struct(composite) | Type::Union(composite), Value::Members(members)) => {
                let id = self.btf.resolve(ty);
                for (name, value) in members {
                    if let Some((id, index, ty)) = member(self.btf, id, composite, name) {
                        let tags = Tags::of(self.btf, id, Some(index));
                        let inner = At {
                            name: tags.name.unwrap_or_else(|| format!("{}_{name}", at.name)),
                            array: (*name).to_owned(),
                            help: tags.help.unwrap_or_else(|| at.help.clone()),
                            kind: tags.kind,
                            labels: at.labels.clone(),
                        };
                        self.visit(ty, value, &inner);
                    }
                }
            }
            (_, value) => {
                if let Some(value) = number(value) {
                    self.push(at, value);
                }
            }
        }
    }

    fn push(&mut self, at: &At, value: Number) {
        let sample = Sample {
            labels: at.labels.clone(),
            value,
        };
        let mut families = self.families.iter_mut().rev();
        match families.find(|family| family.name == at.name) {
            Some(family) => family.samples.push(sample),
            None => self.families.push(Family {
                path: self.path.to_owned(),
                name: at.name.clone(),
                help: at.help.clone(),
                kind: at.kind,
                samples: vec![sample],
            }),
        }
    }
}

/// What C authors say of a variable or member in decl tags.
struct Tags {
    /// `btf_decl_tag("doc: …")`
    help: Option<String>,
    /// `btf_decl_tag("metric: NAME")`, `btf_decl_tag("metric: counter NAME")`, `btf_decl_tag("metric: gauge")`
    name: Option<String>,
    kind: Kind,
}

impl Tags {
    fn of(btf: &Btf<'_>, id: TypeId, component: Option<u32>) -> Self {
        let docs = model::docs(btf, id, component).join(" ");
        let words: Vec<_> = docs.split_whitespace().collect();
        let (mut name, mut kind) = (None, Kind::Unknown);
        let tags = btf.decl_tags(id, component);
        for tag in tags.filter_map(|tag| tag.strip_prefix("metric:")) {
            for word in tag.split_whitespace() {
                match word {
                    "counter" => kind = Kind::Counter,
                    "gauge" => kind = Kind::Gauge,
                    word => name = Some(metric_name(word)),
                }
            }
        }
        Self {
            help: (!words.is_empty()).then(|| words.join(" ")),
            name,
            kind,
        }
    }
}

/// The struct, index and type of a member, which may be one of an anonymous struct inside.
fn member(
    btf: &Btf<'_>,
    id: TypeId,
    composite: &Composite<'_>,
    name: &str,
) -> Option<(TypeId, u32, TypeId)> {
    for (index, member) in (0..).zip(&composite.members) {
        if member.name == name {
            return Some((id, index, member.ty));
        }
        let inner_id = btf.resolve(member.ty);
        if member.name.is_empty()
            && let Type::Struct(inner) | Type::Union(inner) = btf.ty(inner_id)
            && let Some(found) = self::member(btf, inner_id, inner, name)
        {
            return Some(found);
        }
    }
    None
}

fn number(value: &Value<'_>) -> Option<Number> {
    match value {
        Value::Int(value) | Value::Enum(_, value) => {
            Some(match (u64::try_from(*value), i64::try_from(*value)) {
                (Ok(value), _) => Number::Unsigned(value),
                (_, Ok(value)) => Number::Signed(value),
                // Prometheus has 64-bit floating-point numbers.
                _ => Number::Float(*value as f64),
            })
        }
        Value::Wide(value) => Some(Number::Float(*value as f64)),
        Value::Bool(value) => Some(Number::Unsigned((*value).into())),
        Value::Float(value) => Some(Number::Float(*value)),
        _ => None,
    }
}

/// The name and the labels that a path gives: `stats.by_cpu[3].packets` is `stats_by_cpu_packets{by_cpu="3"}`.
fn name_of_path(path: &str) -> (String, Vec<(String, String)>) {
    let (mut names, mut labels) = (Vec::new(), Vec::new());
    for part in path.split('.') {
        let mut pieces = part.split(['[', ']']).filter(|piece| !piece.is_empty());
        let name = pieces.next().unwrap_or_default();
        names.push(name);
        for (dimension, index) in (1..).zip(pieces) {
            let label = match dimension {
                1 => name.to_owned(),
                dimension => format!("{name}_{dimension}"),
            };
            labels.push((label, index.trim().to_owned()));
        }
    }
    (metric_name(&names.join("_")), labels)
}

/// The variable or member that a path ends with, without indices.
fn array_of_path(path: &str) -> &str {
    let last = path.rsplit('.').next().unwrap_or(path);
    last.split('[').next().unwrap_or(last)
}

/// A name as OpenMetrics allows it.
fn metric_name(text: &str) -> String {
    let allowed = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else {
            '_'
        }
    };
    let name: String = text.chars().map(allowed).collect();
    match name.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("_{name}"),
        false => name,
    }
}
