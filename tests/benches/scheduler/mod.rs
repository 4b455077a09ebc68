//! The source of a BPF library as large as a scheduler; its object has 1.4 MB.

/// Structs of each kind, and programs.
const KINDS: usize = 12;
const PROGRAMS: usize = 48;

/// C as schedulers have it: structs for tasks, CPUs and domains with counters, states and links to each other, options,
/// maps of them, and programs.
pub(crate) fn scheduler() -> String {
    let mut source = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n".to_owned();
    for i in 0..KINDS {
        let counters: String = (0..10).map(|c| format!("__u64 nr_{c}_{i};\n")).collect();
        let states: Vec<_> = (0..6).map(|state| format!("STATE_{i}_{state}")).collect();
        let link = if i == 0 { i } else { i - 1 };
        source += &format!(
            "enum state_{i} {{ {} }};\n\
             struct stats_{i} {{ {counters} }};\n\
             struct context_{i} {{\n\
             struct stats_{i} stats[4]; enum state_{i} state; char comm[16];\n\
             __u32 queued : 1; __u32 idle : 1; __u32 weight : 14;\n\
             struct context_{link} *before; __u64 vtime; __u32 cpus[8];\n\
             union {{ __u64 deadline; __u32 halves[2]; }} until;\n\
             }};\n\
             struct context_{i} context_{i};\n\
             struct stats_{i} totals_{i}[8];\n\
             const volatile __u64 slice_{i} = {i};\n\
             volatile __u32 limit_{i} = {i} + 1;\n",
            states.join(", "),
        );
        if i % 3 == 0 {
            source += &format!(
                "struct {{ __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32);\n\
                 __type(value, struct context_{i}); }} contexts_{i} SEC(\".maps\");\n"
            );
        }
    }
    for i in 0..PROGRAMS {
        source += &format!("SEC(\"syscall\") int program_{i}(void *context) {{\n");
        for j in 0..60 {
            let (from, to) = ((i + 7 * j) % KINDS, (i + 11 * j) % KINDS);
            source += &format!(
                "if (context_{from}.vtime > slice_{from} + limit_{to})\n\
                 __sync_fetch_and_add(&totals_{to}[{}].nr_{}_{to}, limit_{from});\n",
                j % 8,
                j % 10
            );
        }
        source += "return 0; }\n";
    }
    source + "char LICENSE[] SEC(\"license\") = \"GPL\";\n"
}
