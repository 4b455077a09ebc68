//! Numbers as OpenMetrics text.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::{compile_c, object};

use crate::command::{name_of, refused, said};

const SOURCE: &str = "
    #define TAG(text) __attribute__((btf_decl_tag(text)))
    struct cpu { unsigned long long packets TAG(\"doc: Packets seen.\") TAG(\"metric: counter\"); int load;
        int waiting TAG(\"metric: gauge queue\"); };
    struct { struct cpu by_cpu[2]; char name[8]; } stats = { .by_cpu = {{ 1, -2, 6 }, { 3, 4, 7 }} };
    unsigned dropped TAG(\"metric: counter lost_total\") = 5;
    double ratio TAG(\"metric: gauge\") = 0.25;
    _Bool on = 1;
    int table[2][2] = {{ 1, 2 }, { 3, 4 }};
    int cube[1][1][2] = {{{ 1, 2 }}};
    int refused TAG(\"metric: 4xx\") = 404;
    unsigned long long most = ~0ull;
    unsigned __int128 wide = (unsigned __int128)1 << 70, widest = ~(unsigned __int128)0;
    void *nowhere;
    const volatile int limit = 9;
    unsigned many[2000], enough[1024];
    char LICENSE[] __attribute__((section(\"license\"), used)) = \"GPL\";";

#[test]
fn numbers_have_names_help_and_labels() {
    let object = kernel::load(kernel::open(&compile_c("cli_metrics", SOURCE)));
    let name = name_of(&object);
    let said = said(&["metrics", &name]);
    let mut lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.pop(), Some("# EOF"));
    for line in [
        "# HELP stats_by_cpu_packets Packets seen.",
        "# TYPE stats_by_cpu_packets counter",
        "stats_by_cpu_packets_total{by_cpu=\"0\"} 1",
        "stats_by_cpu_packets_total{by_cpu=\"1\"} 3",
        "# TYPE stats_by_cpu_load unknown",
        "stats_by_cpu_load{by_cpu=\"0\"} -2",
        "# HELP lost unsigned int dropped, in .data",
        "# TYPE lost counter",
        "lost_total 5",
        "# TYPE ratio gauge",
        "ratio 0.25",
        "on 1",
        "table{table=\"1\",table_2=\"0\"} 3",
        "cube{cube=\"0\",cube_2=\"0\",cube_3=\"1\"} 2",
        "queue{by_cpu=\"1\"} 7",
        "# TYPE queue gauge",
        "_4xx 404",
        "enough{enough=\"1023\"} 0",
        "most 18446744073709551615",
    ] {
        assert!(lines.contains(&line), "{line}\n{said}");
    }
    // OpenMetrics knows wider numbers only as floating-point ones.
    for (name, value) in [("wide ", 2_f64.powi(70)), ("widest ", 2_f64.powi(128))] {
        let mut lines = lines.iter();
        let found = lines.find_map(|line| line.strip_prefix(name));
        assert_eq!(
            found.and_then(|found| found.parse().ok()),
            Some(value),
            "{said}"
        );
    }
    // Neither text, nor addresses, nor what never changes, nor thousands of series that nobody asked for.
    for name in ["stats_name", "nowhere", "limit", "many"] {
        assert!(!said.contains(name), "{name}\n{said}");
    }
    let said = crate::command::said(&["metrics", &name, "limit", "stats.by_cpu[1].load", "many"]);
    assert!(said.contains("\nlimit 9\n") && said.contains("\nmany{many=\"1999\"} 0\n"));
    assert!(
        said.contains("\nstats_by_cpu_load{by_cpu=\"1\"} 4\n") && !said.contains("by_cpu=\"0\"")
    );
    let said = crate::command::said(&["metrics", &name, "table[1][0]"]);
    assert!(
        said.contains("\ntable{table=\"1\",table_2=\"0\"} 3\n"),
        "{said}"
    );
    assert_eq!(
        refused(&["metrics", &name, "nowhere"]),
        "`nowhere`: there are no numbers in it"
    );
    assert!(
        refused(&["metrics", &name, "table", "table[0]"])
            .contains("would both be the metric table")
    );
}

#[test]
fn a_counter_and_a_gauge_of_one_name() {
    let source = "
        #define TAG(text) __attribute__((btf_decl_tag(text)))
        unsigned tasks TAG(\"metric: gauge\");
        unsigned others[1] TAG(\"metric: counter tasks\");
        char LICENSE[] __attribute__((section(\"license\"), used)) = \"GPL\";";
    let object = kernel::load(kernel::open(&compile_c("cli_kinds", source)));
    let said = refused(&["metrics", &name_of(&object)]);
    assert!(
        said.contains("would both be the metric tasks: export one of them"),
        "{said}"
    );
}

/// As Prometheus does.
fn scrape(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn metrics_are_served_until_the_object_is_gone() {
    let loaded = kernel::load(kernel::open(&object("selection")));
    let name = name_of(&loaded);
    let mut server = Command::new(env!("CARGO_BIN_EXE_subskeleton"))
        .args(["metrics", &name, "samples", "--listen", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut errors = BufReader::new(server.stderr.take().unwrap());
    errors.read_line(&mut line).unwrap();
    let address = line
        .trim()
        .strip_prefix("subskeleton: serving http://")
        .and_then(|line| line.strip_suffix("/metrics"));
    let address = address.unwrap_or_else(|| panic!("{line}"));

    let response = scrape(address, "/metrics");
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert!(
        response
            .contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    assert!(response.contains("\nsamples 0\n# EOF\n"), "{response}");
    said(&["set", &name, "samples=3"]);
    assert!(scrape(address, "/metrics").contains("\nsamples 3\n"));
    assert!(scrape(address, "/").starts_with("HTTP/1.1 404 "));

    drop(loaded);
    let mut response = scrape(address, "/metrics");
    // The kernel frees programs and maps a little later, one by one: maps may be gone before the last program.
    for _ in 0..1000 {
        if response.contains("the object is gone") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
        response = scrape(address, "/metrics");
    }
    assert!(response.starts_with("HTTP/1.1 503 "), "{response}");
    assert!(
        response.contains("the object is gone: no running object is called `btf:"),
        "{response}"
    );
    server.kill().unwrap();
    server.wait().unwrap();
}
