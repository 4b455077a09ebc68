use bpf_subskeleton::libbpf_rs::Object;
use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Hist;

fn attach(object: Object) {
    let programs = Hist::programs(&object).unwrap();
    spawn(move || programs.attach());
}

/// As that of `std`, whose source is shown only where that is installed.
fn spawn<T>(f: impl FnOnce() -> T + Send + 'static) {
    std::thread::spawn(|| drop(f()));
}

fn main() {}
