//! What a plan is, as one hash: plans of one digest judge every program alike.
//! Not here: what else decides about a program, the host it runs on (`known`).
//!
//! Every field is named: one that is added has to be hashed or to be passed over by name.

use trialbox_runner::Limits;

use super::{ExpectedAnswer, FunctionPlan, Plan, PlannedTests, ScriptTest, StdinPlan};
use crate::{content::Content, reference::Answer};

impl Plan {
    /// The digest, computed once.
    pub(crate) fn digest(&self) -> &blake3::Hash {
        self.digest.get_or_init(|| {
            let Self { tests, limits, semantics, loose_call_cpu_ns: _, digest: _ } = self;
            let hash = Content::of("trialbox plan 1").part(format!("{semantics:?}"));
            let hash = add_limits(hash, limits);
            match tests {
                PlannedTests::Function(plan) => add_function(hash, plan),
                PlannedTests::Stdin(plan) => add_stdin(hash, plan),
                PlannedTests::Asserts(plan) => plan.add_to(hash),
            }
            .finish()
        })
    }
}

fn add_limits(hash: Content, limits: &Limits) -> Content {
    let Limits { cpu_ns, load_cpu_ns, call_cpu_ns, firm_percent, idle_ns, memory_bytes, output_bytes, reply_bytes } =
        limits;
    let single = [cpu_ns, load_cpu_ns, firm_percent, idle_ns, memory_bytes, output_bytes, reply_bytes];
    add_numbers(single.into_iter().fold(hash, |hash, limit| hash.number(*limit)), call_cpu_ns)
}

fn add_numbers(hash: Content, numbers: &[u64]) -> Content {
    hash.parts(numbers.iter().map(|number| number.to_le_bytes()))
}

fn add_function(hash: Content, plan: &FunctionPlan) -> Content {
    let FunctionPlan { entry_point, driver, inputs, base_count, expected, rule, call_cpu_ns, gates: _ } = plan;
    let hash = hash.part("function").part(entry_point).part(format!("{driver:?} {rule:?}")).number(*base_count as u64);
    let hash = hash.parts((0..inputs.len()).map(|index| inputs.get(index)));
    let hash = expected.iter().fold(hash.number(expected.len() as u64), |hash, expected| {
        let ExpectedAnswer { answer, equals_itself, tolerance } = expected;
        let (kind, bytes) = match answer {
            Answer::Value(bytes) => ("value", bytes),
            Answer::Digest(bytes) => ("digest", bytes),
        };
        hash.part(kind).part(bytes).part(format!("{equals_itself} {tolerance:?}"))
    });
    add_numbers(hash, call_cpu_ns)
}

fn add_stdin(hash: Content, plan: &StdinPlan) -> Content {
    let StdinPlan { tests, cpu_ns } = plan;
    let hash = hash.part("stdin").number(tests.len() as u64);
    let hash = tests.iter().fold(hash, |hash, ScriptTest { input, output }| hash.part(input).part(output));
    add_numbers(hash, cpu_ns)
}
