//! What is shown, as text.

use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::model::{Extent, InitialValue, Program, Section, Variable};

use super::{Interface, maps};

/// The lines under a heading are indented by this much.
const MARGIN: &str = "    ";

impl Interface {
    pub(super) fn to_text(&self) -> String {
        let sections = self.library.sections.iter();
        let mut blocks: Vec<_> = sections.map(|section| self.section(section)).collect();
        let in_arena = self.library.arena.iter();
        let in_arena = in_arena.flat_map(|arena| self.variables(&arena.variables));
        blocks.push(block("arena", in_arena.collect()));
        blocks.push(block("maps", self.maps()));
        blocks.push(block("programs", self.programs()));
        blocks.push(block("struct_ops", self.struct_ops()));
        blocks.push(block(
            "functions that BPF code can call",
            self.function_lines(),
        ));
        blocks.push(block("needs", self.need_lines()));
        blocks.push(block("out of reach", self.out_of_reach_lines()));
        blocks.push(block("hazards", self.hazards()));
        let blocks: Vec<_> = blocks.into_iter().flatten().collect();
        match blocks.is_empty() {
            true => "nothing that user space can bind\n".to_owned(),
            false => blocks.join("\n"),
        }
    }

    fn section(&self, section: &Section<'static>) -> Option<String> {
        let heading = match (section.read_only, section.configurable) {
            (_, false) => format!("{}, set by libbpf at load", section.name),
            (true, true) => format!("{}, read-only once loaded", section.name),
            (false, true) => section.name.to_owned(),
        };
        block(&heading, self.variables(&section.variables))
    }

    fn variables(&self, variables: &[Variable<'static>]) -> Vec<String> {
        let lines = variables.iter().flat_map(|variable| {
            let mut lines = comments(&variable.docs);
            lines.push(self.variable(variable));
            lines
        });
        lines.collect()
    }

    fn variable(&self, variable: &Variable<'static>) -> String {
        let declaration = declaration(&self.library.btf, variable.ty, variable.name);
        let value = match variable.initial {
            // As in C, what has no value is zero.
            InitialValue::Zeroes | InitialValue::Unknown => None,
            InitialValue::Bytes(_) => self.initial_value(variable),
        };
        let value = value.map_or_else(String::new, |value| format!(" = {value:#}"));
        let size = match (variable.extent, variable.size) {
            (Extent::Unknown, _) => "any size".to_owned(),
            (_, 1) => "1 byte".to_owned(),
            (_, size) => format!("{size} bytes"),
        };
        let weak = if variable.weak { ", weak" } else { "" };
        let resizable = match variable.extent {
            Extent::Resizable => ", resizable before load",
            Extent::Fixed | Extent::Flexible | Extent::Unknown => "",
        };
        format!("{declaration}{value}; // {size}{weak}{resizable}")
    }

    fn maps(&self) -> Vec<String> {
        let maps = self.library.maps.iter().filter(|map| !map.external);
        let lines = maps.flat_map(|map| {
            let text = maps::to_text(&self.library.btf, &map.definition);
            let mut lines = comments(&map.docs);
            lines.push(format!("{}: {text}", map.name));
            lines
        });
        lines.collect()
    }

    fn programs(&self) -> Vec<String> {
        let programs = self.library.programs.iter();
        let lines = programs.flat_map(|program| {
            let mut lines = comments(&program.docs);
            lines.push(self.program(program));
            lines
        });
        lines.collect()
    }

    fn program(&self, program: &Program<'static>) -> String {
        let Program { name, section, .. } = program;
        match program.call.context() {
            Some(context) => {
                let context = declaration(&self.library.btf, context, "");
                format!("{name}: SEC(\"{section}\"), called with {context}")
            }
            None => format!("{name}: SEC(\"{section}\")"),
        }
    }

    fn struct_ops(&self) -> Vec<String> {
        let struct_ops = self.library.struct_ops.iter();
        let lines = struct_ops.flat_map(|ops| {
            let declaration = declaration(&self.library.btf, ops.ty, ops.name);
            let mut lines = comments(&ops.docs);
            lines.push(format!("{declaration}: SEC(\"{}\")", ops.section));
            lines
        });
        lines.collect()
    }

    fn function_lines(&self) -> Vec<String> {
        let functions = self.functions();
        functions
            .map(|function| format!("{};", function.declaration(&self.library.btf)))
            .collect()
    }

    fn need_lines(&self) -> Vec<String> {
        let needs = self.library.needs();
        let needs = needs.iter().map(|need| {
            let weak = if need.weak { ", may be missing" } else { "" };
            format!("{}; // {}{weak}", need.declaration, need.kind)
        });
        needs.collect()
    }

    fn out_of_reach_lines(&self) -> Vec<String> {
        let hidden = self.out_of_reach();
        let lines = hidden.map(|(hidden, reason)| {
            let declaration = hidden.declaration(&self.library.btf);
            let section = hidden.section.map(|section| format!(", in {section}"));
            format!("{declaration}; // {reason}{}", section.unwrap_or_default())
        });
        lines.collect()
    }
}

/// A heading and what is under it, unless that is nothing.
fn block(heading: &str, lines: Vec<String>) -> Option<String> {
    if lines.is_empty() {
        return None;
    }
    let mut text = format!("{heading}\n");
    for line in lines.iter().flat_map(|line| line.split('\n')) {
        text.push_str(&format!("{MARGIN}{line}\n"));
    }
    Some(text)
}

/// What the C author wrote about something.
fn comments(docs: &[&str]) -> Vec<String> {
    let lines = docs.iter().flat_map(|text| text.lines());
    lines.map(|line| format!("// {line}")).collect()
}
