#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::allow_attributes_without_reason)]
use std::{path::Path, sync::Arc, time::Instant};
use trialbox_runner::*;
fn main() {
    tracing_subscriber::fmt::init();
    let python = std::env::args().nth(1).unwrap_or("python3".into());
    let interpreter = Interpreter::probe(Path::new(&python)).unwrap();
    println!("{interpreter:?}");
    let host = Arc::new(Host::start(interpreter, trialbox_sandbox_profiles::python(), std::env::args().nth(2).is_some()).unwrap());
    println!("{:#?}", host.enforcement());
    let mut worker = Worker::new(host);
    let inputs = Arc::new(Inputs::new((0..10u8).map(|i| vec![b'(', 2, 0, 0, 0, b'i', i, 0, 0, 0, b'i', 1, 0, 0, 0])));
    let job = |src: &str, limits: Limits| Job { program: src.as_bytes().into(), limits, task: Task::Calls(Calls { entry_point: "add".into(), inputs: inputs.clone(), range: 0..10, gates: vec![8], exact_cpu: false, prelude: Prelude::None }) };
    let limits = Limits { cpu_ns: 1_000_000_000, idle_ns: 1_000_000_000, ..Limits::default() };
    for src in ["def add(a, b): return a + b", "def add(a,b): return [a, {1:2.5}, 'x', (1<<99), {3}, b'z', None, True]", "def add(a,b):\n  import os; os._exit(3)", "x = (", "1/0", "def add(a,b):\n while 1: pass", "def add(a,b):\n import time; time.sleep(100)",
      "def add(a,b):\n import os; return [os.getpid(), os.getuid(), os.listdir('/'), os.listdir('/tmp'), os.listdir('/dev')]",
      "def add(a,b):\n open('/tmp/x','w').write('x'); import os; return os.listdir('/tmp')",
      "def add(a,b):\n import os; return os.listdir('/tmp')",
      "def add(a,b):\n hog=[]\n while 1: hog.append(bytearray(b'x')*(64<<20))",
      "def add(a,b):\n import os; return os.fork()", "import threading\ndef add(a,b):\n  r=[]; t=threading.Thread(target=lambda:r.append(1)); t.start(); t.join(); return r",
      "def add(a,b):\n import socket; socket.socket()", "def add(a,b):\n import subprocess; subprocess.run(['ls'])", "import numpy as np\ndef add(a,b): return [np.int64(3), np.array([1.5,2])]" ] {
        let mut seen = 0;
        let o = worker.run(&job(src, limits.clone()), |r| { seen = r.len(); Next::Continue }).unwrap();
        println!("--- {src:?}\n  {:?} {:?} seen {seen} replies {} cpu {} wall {} mem {}MB", o.ending, o.progress, o.replies.len(), o.cpu_ns / 1000, o.wall_ns / 1000, o.peak_memory_bytes >> 20);
        if let Some(r) = o.replies.first() { println!("  {:?} {}", r.kind, String::from_utf8_lossy(&r.payload)); }
    }
    let script = |src: &str, stdin: &str| Job { program: src.as_bytes().into(), limits: limits.clone(), task: Task::Script { stdin: stdin.as_bytes().into(), any_exit_status: false, prelude: Prelude::None } };
    for src in ["print(sum(map(int, input().split())))", "import sys\nfor l in sys.stdin: print(l)", "print(open(0).read())", "import sys; print(1); sys.exit(3)", "print(1)\n1/0", "import os\nwhile 1: os.write(1, b'6'*100000)", "import os; os.write(1,b'x'); os._exit(0)", "if __name__=='__main__': print(__name__)", "import sys\nprint(sys.stdin.buffer.readline(), sys.argv, sys.path)"] {
        let o = worker.run(&script(src, "1 2\n3\n"), |_| Next::Continue).unwrap();
        println!("--- {src:?}\n  {:?} {:?} out {:?} cpu {} wall {}", o.ending, o.progress, String::from_utf8_lossy(&o.stdout[..o.stdout.len().min(300)]), o.cpu_ns / 1000, o.wall_ns / 1000);
        if let Some(r) = o.replies.first() { println!("  {:?} {}", r.kind, String::from_utf8_lossy(&r.payload)); }
    }
    let j = job("def add(a, b): return a + b", limits.clone());
    let t = Instant::now();
    let mut cpu = 0;
    for _ in 0..2000 { cpu += worker.run(&j, |_| Next::Continue).unwrap().cpu_ns; }
    println!("2000 trivial: wall {:?} each, child cpu {} us", t.elapsed() / 2000, cpu / 2_000_000);

}
