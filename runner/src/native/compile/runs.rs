//! C++ compiled and run for real: what comes of it, and what it cannot reach.

use std::{path::Path, sync::Arc};

use trialbox_sandbox_profiles::{SyscallRule, cpp, cpp_compile};

use super::*;
use crate::{
    HostError, LimitHit,
    native::{
        host::Host,
        jail::Guest,
        test_host::{host_fit_for, new_host},
    },
};

fn host() -> Option<Arc<Host>> {
    host_fit_for("judge C++", |host| host.toolchain().map(drop).map_err(ToString::to_string))
}

fn compile(worker: &mut Worker, source: &str) -> Compilation {
    worker.compile(&source.as_bytes().into(), Standard::Cpp17, &Limits::default()).expect("the host works")
}

fn said(worker: &mut Worker, source: &str) -> String {
    compile(worker, source).result.expect_err("does not compile").said
}

fn run(worker: &mut Worker, program: &Arc<[u8]>, stdin: &str) -> Outcome {
    // So little memory that it is filled long before the second is over.
    let memory_bytes = 256 << 20;
    let limits = Limits { cpu_ns: 1_000_000_000, idle_ns: 1_000_000_000, memory_bytes, ..Limits::default() };
    let job = Job {
        program: Arc::clone(program),
        task: Task::Execute { stdin: stdin.as_bytes().into(), extras: Some(Arc::default()) },
        limits,
    };
    worker.run(&job, Vec::<Reply>::new).expect("the host works").0
}

fn run_source(worker: &mut Worker, source: &str) -> Outcome {
    let program = compile(worker, source).result.unwrap_or_else(|failure| panic!("{failure:?}"));
    run(worker, &program, "")
}

#[test]
fn a_program_reads_stdin_and_writes_stdout_as_often_as_it_is_run() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let source = "#include <bits/stdc++.h>\nint main() { long a, b; std::cin >> a >> b; std::cout << a + b << '\\n'; }";
    let program = compile(&mut worker, source).result.expect("compiles");
    for (stdin, expected) in [("1 2\n", "3\n"), ("-5 2\n", "-3\n"), ("7 7\n", "14\n")] {
        let outcome = run(&mut worker, &program, stdin);
        assert_eq!((outcome.ending, outcome.stdout), (Ending::Exited { status: 0 }, expected.as_bytes().to_vec()));
    }
    let other = compile(&mut worker, "#include <cstdio>\nint main() { puts(\"other\"); return 3; }");
    let outcome = run(&mut worker, &other.result.expect("compiles"), "");
    assert_eq!((outcome.ending, outcome.stdout), (Ending::Exited { status: 3 }, b"other\n".to_vec()));
    assert_eq!(run(&mut worker, &program, "1 1").stdout, b"2\n");
}

#[test]
fn a_source_that_does_not_compile_says_why_and_names_no_folder() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let text = said(&mut worker, "#include <vector>\nint main() { std::vector<int> v; v.push_back(nonsense); }");
    assert!(
        text.starts_with("solution.cpp: In function 'int main()'") && text.contains("'nonsense' was not declared"),
        "{text}"
    );
    let text = said(&mut worker, "extern int missing();\nint main() { return missing(); }");
    assert!(text.contains("undefined reference to `missing()'") && !text.contains("/usr"), "{text}");
}

#[test]
fn a_source_shows_no_file_of_the_host() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    for path in ["/etc/passwd", "/etc/hostname", "/dev/zero", "/dev/urandom", "/proc/self/environ", "/root/.bashrc"] {
        let text = said(&mut worker, &format!("#include \"{path}\"\nint main() {{}}"));
        assert!(text.contains("fatal error") && !text.contains("root:"), "{path}: {text}");
        let text = said(&mut worker, &format!("asm(\".incbin \\\"{path}\\\"\");\nint main() {{}}"));
        assert!(!text.contains("root:"), "{path}: {text}");
    }
}

#[test]
fn a_source_that_never_ends_to_compile_stops_at_a_limit() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let mut compile = |source: &str, limits: Limits| {
        let compiled = worker.compile(&source.as_bytes().into(), Standard::Cpp17, &limits).expect("the host works");
        compiled.result.expect_err("stopped").ending
    };
    let bomb = "template <int N> struct A { A<N - 1> a; A<N - 2> b; static constexpr long v = A<N-1>::v + A<N-2>::v; };\n\
                constexpr long f(long n) { long s = 0; for (long i = 0; i < n; ++i) for (long j = 0; j < n; ++j) s += j; return s; }\n\
                int main() { constexpr long x = f(3000); constexpr long y = f(3001); constexpr long z = f(3002); return x + y + z; }";
    let hungry = "#include <array>\nconstexpr auto make() { std::array<int, 30000000> a{}; for (auto &x : a) x = 1; return a; }\n\
                  constexpr auto a = make(); int main() { return a[1]; }";
    let ending = compile(bomb, Limits { cpu_ns: 300_000_000, ..Limits::default() });
    assert!(matches!(ending, Ending::Limit(LimitHit::Cpu { .. } | LimitHit::CallCpu { .. })), "{ending:?}");
    let ending = compile(hungry, Limits { memory_bytes: 200 << 20, ..Limits::default() });
    assert!(matches!(ending, Ending::Limit(LimitHit::Memory { .. })), "{ending:?}");
}

#[test]
fn a_program_ends_as_its_kind_of_failure() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let ending = |worker: &mut Worker, body: &str| {
        run_source(worker, &format!("#include <bits/stdc++.h>\nint main() {{ {body} }}")).ending
    };
    for body in ["volatile int *p = nullptr; *p = 1;", "abort();", "throw 1;", "std::vector<int>().at(1);"] {
        let ending = ending(&mut worker, body);
        assert!(matches!(ending, Ending::Signaled { .. }), "{body}: {ending:?}");
    }
    let looped = ending(&mut worker, "for (volatile int i = 0;; i = i + 1) {}");
    assert!(matches!(looped, Ending::Limit(LimitHit::Cpu { .. } | LimitHit::CallCpu { .. })), "{looped:?}");
    let slept = ending(&mut worker, "std::this_thread::sleep_for(std::chrono::seconds(60));");
    assert!(matches!(slept, Ending::Limit(LimitHit::Idle { .. })), "{slept:?}");
    let grown = ending(&mut worker, "for (;;) memset(malloc(1 << 20), 1, 1 << 20);");
    assert!(matches!(grown, Ending::Limit(LimitHit::Memory { .. })), "{grown:?}");
    let flood = ending(&mut worker, "std::string s(1 << 20, 'x'); for (;;) std::cout << s << std::flush;");
    assert!(matches!(flood, Ending::Limit(LimitHit::Output { .. })), "{flood:?}");
}

#[test]
fn a_compiler_that_is_missing_is_told_before_anything_runs() {
    let Some(_) = host() else { return };
    let host = new_host().expect("it was fit before").with_compiler(Path::new("/nowhere/g++"));
    assert!(matches!(host.toolchain(), Err(HostError::Toolchain(_))));
}

#[test]
fn a_sandbox_in_which_something_forbidden_succeeds_is_refused() {
    let Some(host) = host() else { return };
    let toolchain = &host.cpp().expect("settled").toolchain;
    for (guest, mut profile) in [(Guest::Program, cpp()), (Guest::Compiler(Arc::clone(toolchain)), cpp_compile())] {
        let (allow, reason) = (vec!["setsid".to_owned()], "x".to_owned());
        profile.syscalls.push(SyscallRule { allow, arguments: Vec::new(), only_under: Vec::new(), reason });
        let refused = host.python.beside(guest, profile).expect_err("must be refused").to_string();
        assert!(refused.contains("leave its session"), "{refused}");
    }
}

#[test]
fn a_launcher_that_died_is_replaced() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let program = compile(&mut worker, "#include <cstdio>\nint main() { puts(\"here\"); }").result.expect("compiles");
    for _ in 0..2 {
        assert_eq!(run(&mut worker, &program, "").stdout, b"here\n");
        worker.executing.as_ref().expect("it has run one").kill();
    }
    assert_eq!(run(&mut worker, &program, "").stdout, b"here\n");
}
