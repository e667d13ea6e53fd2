//! The command line, as clap reads it.
//! Not here: what the arguments lead to (one file per verb).

use std::{
    net::SocketAddr,
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    str::FromStr,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use trialbox_datasets::{
    Dataset, DatasetError,
    livecodebench::{Day, Difficulty, Platform, Releases, Selection},
    toy::{Draw, MOST_PROBLEMS, Split},
};
use trialbox_sampler::Sampling;
use trialbox_verifier::{
    Semantics,
    extract::{LcbStyle, Style},
};

use crate::prompts::PromptArgument;

/// Runs model-written programs and says, beyond doubt, whether they are right.
///
/// Exit codes: 0 done; 1 unexpected failure; 2 usage; 3 known verdicts were not met; 4 this host cannot enforce the
/// profile, or has no usable Python, or no usable C++ compiler where one is needed; 5 a dataset, samples, jobs, profile or model
/// file is bad or missing; 130 interrupted.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Judges samples of a dataset and reports pass@k
    Eval(EvalArguments),
    /// Has a model answer the problems of a dataset, many times each
    Sample(SampleArguments),
    /// Has a model answer the problems of a dataset, judges the answers and reports pass@k
    Run(ExperimentArguments),
    /// Judges jobs of any problems, one JSON object a line
    Verify(VerifyArguments),
    /// Answers over HTTP, until it is told to end
    Serve(ServeArguments),
    /// Sets models beside each other: pass@k with intervals, crossings, who solved what
    Compare(CompareArguments),
    /// Writes what `compare` says as a page with charts, problems and samples, and as tables
    Report(ReportArguments),
    /// Writes a run's verdicts as EvalPlus or lcb_runner would
    Export(ExportArguments),
    /// Judges a run's samples again, and says whether the verdicts are the same
    Replay(ReplayArguments),
    /// Computes pass@k of results that are graded already
    #[command(name = "pass-at-k")]
    PassAtK(PassAtKArguments),
    /// Looks after the verdicts that are kept between runs
    Cache {
        #[command(subcommand)]
        verb: CacheVerb,
    },
    /// Says what this host can enforce, layer by layer
    Doctor(HostArguments),
    /// Lists the known datasets and where their files are
    Datasets {
        #[command(subcommand)]
        verb: Option<DatasetsVerb>,
    },
    /// Says what a sandbox policy allows, and why
    Profile {
        #[command(subcommand)]
        verb: ProfileVerb,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DatasetsVerb {
    /// Checks a dataset: its canonical solutions pass, wrong and cheating programs fail
    Check(CheckArguments),
    /// Prints problems of the toy family as JSON lines, with right programs; its lines are a file for `--data`
    Toy(ToyArguments),
}

#[derive(Debug, Subcommand)]
pub(crate) enum CacheVerb {
    /// Prints what the verdict cache holds, as JSON
    Stats(CacheArguments),
    /// Judges a random share of the cached verdicts again, and reports any that has changed
    Verify(CacheVerifyArguments),
    /// Takes out what is damaged, what no other run can use and what is beyond --cache-size, and gives the space back
    Gc(RunArguments),
}

/// Which cache.
#[derive(Args, Debug)]
pub(crate) struct CacheArguments {
    /// The folder [default: the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct CacheVerifyArguments {
    /// Which share of the verdicts, drawn by chance
    #[arg(long, value_name = "SHARE", default_value_t = 0.01)]
    pub(crate) share: f64,
    /// What the chance begins with; the same number draws the same verdicts
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileVerb {
    /// Prints the policy in words: what is allowed, what is refused how, and what never can be allowed
    Explain(ExplainArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArguments {
    /// A profile that ships with trialbox (python, cpp, cpp-compile, bash), or the path of a profile file
    #[arg(value_name = "NAME|FILE.toml")]
    pub(crate) profile: PathBuf,
}

/// What every verb that runs programs needs to know.
#[derive(Args, Clone, Debug)]
pub(crate) struct HostArguments {
    /// The CPython (3.9 or later) that runs the candidates natively [default: python3]
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
    /// The C++ compiler (GNU's) for candidates in C++; looked at when the first one comes
    #[arg(long, value_name = "PATH", default_value = "g++")]
    pub(crate) cxx: PathBuf,
    /// What runs Python programs: the host's CPython behind the kernel's walls, or the one in WebAssembly that trialbox brings
    /// along; auto takes the former where --python names it, or where this host has it and can enforce the whole profile
    #[arg(long, value_enum, default_value_t = BackendName::Auto)]
    pub(crate) backend: BackendName,
    /// Count instructions and no time, so that every machine gives the same verdict: the wasi backend, for Python alone
    #[arg(long)]
    pub(crate) deterministic: bool,
    /// Run although this host grants neither namespaces nor landlock; the report says so
    #[arg(long)]
    pub(crate) allow_degraded: bool,
}

/// How many programs at once, and where expected values are kept.
#[derive(Args, Clone, Debug)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) host: HostArguments,
    /// How many programs run at once [default: one per core]
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<NonZeroUsize>,
    /// Where verdicts, expected values and the compiled wasi guest are kept between runs [default: the user's cache folder];
    /// `off` keeps the guest alone, there
    #[arg(long, value_name = "DIR|off")]
    pub(crate) cache: Option<PathBuf>,
    /// What the verdicts in the cache may take, in bytes or as 512M or 4G; the oldest go first
    #[arg(long, value_name = "SIZE", default_value = "2G")]
    pub(crate) cache_size: Size,
    /// Judge equal programs of a problem once, in this run and those whose verdicts are in the cache
    #[arg(long, value_enum, default_value_t = Switch::On)]
    pub(crate) dedupe: Switch,
}

impl RunArguments {
    /// As if nothing had been judged before.
    pub(crate) fn without_memory(self) -> Self {
        Self { cache: Some("off".into()), dedupe: Switch::Off, ..self }
    }
}

/// On or off, as a word of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

/// A number of bytes, as people write it: `4096`, `512M`, `2G`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(u64);

impl Size {
    pub(crate) fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let units = [("K", 10), ("M", 20), ("G", 30), ("T", 40)];
        let unit = units.into_iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, shift)));
        let (number, shift) = unit.unwrap_or((text, 0));
        let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
        bytes.map(Self).ok_or_else(|| "expected a number of bytes, perhaps with K, M, G or T behind it".to_owned())
    }
}

#[derive(Args, Clone, Debug)]
pub(crate) struct EvalArguments {
    /// A dataset by name, as `trialbox datasets` lists them
    pub(crate) dataset: Dataset,
    /// The dataset's file (jsonl or one JSON list, perhaps .gz) instead of the one in the cache; livecodebench takes
    /// several, parquet files and folders of test.jsonl to test6.jsonl too
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) data: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: SelectionArguments,
    /// Samples: jsonl or .gz with task_id (or question_id) and solution, code, completion or response, or a JSON list
    /// as lcb_runner's; quickstart has its own
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) samples: Vec<PathBuf>,
    /// Where verdicts.jsonl is written as verdicts come, and report.json at the end. A folder that holds a part of the same run
    /// is gone on with: only what is missing is judged
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Go on with the run that --out holds, and refuse where it holds none
    #[arg(long, requires = "out")]
    pub(crate) resume: bool,
    /// Throw away what --out holds of an earlier run
    #[arg(long, requires = "out", conflicts_with = "resume")]
    pub(crate) fresh: bool,
    /// What the problem means, or what the benchmark's own grader does
    #[arg(long, value_enum, default_value_t = ReadingName::Real)]
    pub(crate) semantics: ReadingName,
    /// How a program is taken out of a model's text [default: that of the semantics]
    #[arg(long, value_enum, value_name = "STYLE")]
    pub(crate) extraction: Option<ExtractionName>,
    /// The values of k [default: those of 1, 10, 100 and 128 that the samples allow]
    #[arg(long, value_name = "K", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) k: Vec<u32>,
    /// Leave bad rows out and count them in the report, instead of refusing to start
    #[arg(long)]
    pub(crate) skip_bad_rows: bool,
    /// Leave problems without samples out and count them in the report, instead of refusing to start
    #[arg(long)]
    pub(crate) partial: bool,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

/// Drawing alone, and what else `sample` does.
#[derive(Args, Debug)]
pub(crate) struct SampleArguments {
    /// A dataset by name, as `trialbox datasets` lists them
    #[arg(required_unless_present = "perplexity")]
    pub(crate) dataset: Option<Dataset>,
    #[command(flatten)]
    pub(crate) draw: DrawArguments,
    /// Print what the model is asked, and draw nothing
    #[arg(long)]
    pub(crate) show_prompt: bool,
    /// Draw nothing; say how likely --model finds these completions, which `sample` or `run` has written: one JSON object a line
    #[arg(long, value_name = "completions.jsonl", conflicts_with_all = ["dataset", "show_prompt", "out"])]
    pub(crate) perplexity: Option<PathBuf>,
}

/// Drawing, judging and reporting in one.
#[derive(Args, Debug)]
pub(crate) struct ExperimentArguments {
    /// A dataset by name, as `trialbox datasets` lists them
    pub(crate) dataset: Dataset,
    #[command(flatten)]
    pub(crate) draw: DrawArguments,
    /// What the problem means, or what the benchmark's own grader does
    #[arg(long, value_enum, default_value_t = ReadingName::Real)]
    pub(crate) semantics: ReadingName,
    /// The values of k [default: powers of 2 up to the number of samples]
    #[arg(long, value_name = "K", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) k: Vec<u32>,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

/// What is asked of which model, and where its answers go.
#[derive(Args, Clone, Debug)]
pub(crate) struct DrawArguments {
    /// The dataset's file instead of the one in the cache, as for `eval`
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) data: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: SelectionArguments,
    #[command(flatten)]
    pub(crate) model: ModelArguments,
    #[command(flatten)]
    pub(crate) sampling: SamplingArguments,
    /// Where completions.jsonl, and what `run` judges, is written as it comes; `run` needs no folder. One that holds a part of
    /// the same run is gone on with: only what is missing is drawn
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Go on with the run that --out holds, and refuse where it holds none
    #[arg(long, requires = "out")]
    pub(crate) resume: bool,
    /// Throw away what --out holds of an earlier run
    #[arg(long, requires = "out", conflicts_with = "resume")]
    pub(crate) fresh: bool,
    /// Leave bad rows of the dataset out, instead of refusing to start
    #[arg(long)]
    pub(crate) skip_bad_rows: bool,
}

/// Which model, and how it is run.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "model")]
pub(crate) struct ModelArguments {
    /// A folder as Hugging Face has them, a GGUF file, the address of an OpenAI-compatible server (http://...), or `toy`, the
    /// small model that trialbox brings along [default: toy, for the dataset toy]
    #[arg(long, value_name = "DIR|FILE|URL|toy")]
    pub(crate) model: Option<String>,
    /// What computes a local model [default: a GPU where there is one and this program was built for it]
    #[arg(long, value_enum)]
    pub(crate) device: Option<DeviceName>,
    /// In what a local model computes; f16 is f32 on a CPU [default: f32 on a CPU, bf16 on a GPU]
    #[arg(long, value_enum)]
    pub(crate) dtype: Option<PrecisionName>,
    /// The longest sequence, prompt included, in tokens [default: what the model was made for]
    #[arg(long, value_name = "TOKENS")]
    pub(crate) context: Option<NonZeroUsize>,
    /// How many sequences a local model computes side by side; completions that are the same so far are one
    #[arg(long, value_name = "N", default_value = "128")]
    pub(crate) batch: NonZeroUsize,
    /// What a local model's keys and values may take; who finds no room waits [default: half of what is free, on a GPU nine
    /// tenths of what the weights leave]
    #[arg(long, value_name = "SIZE")]
    pub(crate) kv_memory: Option<Size>,
    /// Threads of a local model [default: one per core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// A token, by number, that ends a completion besides those that a local model's files name; may be given again
    #[arg(long, value_name = "ID")]
    pub(crate) end_token: Vec<u32>,
    /// What a local model's chat template is given, as enable_thinking=false; the value is JSON, or else a text
    #[arg(long, value_name = "NAME=VALUE", value_parser = template_variable)]
    pub(crate) template_variable: Vec<(String, serde_json::Value)>,
    /// The server's model [default: the only one it has]
    #[arg(long, value_name = "NAME")]
    pub(crate) model_name: Option<String>,
    /// How many requests to a server are under way at once
    #[arg(long, value_name = "N", default_value = "16")]
    pub(crate) concurrency: NonZeroUsize,
    /// How many completions one request to a server asks for
    #[arg(long, value_name = "N", default_value = "8")]
    pub(crate) chunk: NonZeroU32,
    /// How long one request to a server may take, all its completions included, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    pub(crate) timeout_s: u64,
    /// How often a request to a server that fails is made again, before the run ends
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub(crate) retries: u32,
}

/// NAME=VALUE.
fn template_variable(text: &str) -> Result<(String, serde_json::Value), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| value.into())))
}

/// What computes a model, as a word of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeviceName {
    Cpu,
    Gpu,
}

/// In what a model computes, as a word of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PrecisionName {
    F32,
    Bf16,
    F16,
}

/// How completions are drawn.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "sampling")]
pub(crate) struct SamplingArguments {
    /// How many completions of each problem
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) n: u32,
    /// By what logits are divided; 0 takes the likeliest token always
    #[arg(long, value_name = "T", default_value_t = Sampling::default().temperature)]
    pub(crate) temperature: f64,
    /// Tokens may be drawn while the likelier ones have less than this of the probability
    #[arg(long, value_name = "P", default_value_t = Sampling::default().top_p)]
    pub(crate) top_p: f64,
    /// Only so many of the likeliest tokens may be drawn [default: all]
    #[arg(long, value_name = "K")]
    pub(crate) top_k: Option<u32>,
    /// How long a completion may become, in tokens
    #[arg(long, value_name = "TOKENS", default_value_t = Sampling::default().max_tokens)]
    pub(crate) max_tokens: u32,
    /// What all draws begin with: the same seed has a local model write the same
    #[arg(long, value_name = "SEED", default_value_t = Sampling::default().seed)]
    pub(crate) seed: u64,
    /// Keep the log-probability of every token
    #[arg(long)]
    pub(crate) logprobs: bool,
    /// How problems are put: a style (docs/prompts.md lists them), or a file of one's own
    #[arg(long, value_name = "STYLE|FILE.toml", default_value = "auto")]
    pub(crate) prompt: PromptArgument,
}

impl SamplingArguments {
    /// As the sampler knows it.
    pub(crate) fn sampling(&self) -> Sampling {
        let Self { temperature, top_p, top_k, max_tokens, seed, logprobs, .. } = *self;
        Sampling { temperature, top_p, top_k, max_tokens, seed, logprobs }
    }
}

/// Which problems count. LiveCodeBench alone has what the first of these ask for, and the toy set what the last do.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "livecodebench")]
pub(crate) struct SelectionArguments {
    /// v1 to v6, each with all before it; v4_v6 is what v4, v5 and v6 added, v5_v5 what v5 added [default: all there is]
    #[arg(long, value_name = "VERSION")]
    release: Option<Releases>,
    /// The first contest date, as 2024-08-01
    #[arg(long, value_name = "DATE")]
    from: Option<Day>,
    /// The last contest date
    #[arg(long, value_name = "DATE")]
    to: Option<Day>,
    /// Difficulties: easy, medium, hard
    #[arg(long, value_name = "WORD", value_delimiter = ',')]
    difficulty: Vec<Difficulty>,
    /// Platforms: leetcode, codeforces, atcoder
    #[arg(long, value_name = "WORD", value_delimiter = ',')]
    platform: Vec<Platform>,
    /// Keep problems whose tests are known to be wrong, which real semantics leaves out
    #[arg(long)]
    pub(crate) with_errata: bool,
    /// How many problems are drawn [default: 60]
    #[arg(long, value_name = "N", help_heading = "toy", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_PROBLEMS)))]
    problems: Option<u32>,
    /// What they are drawn by: another seed has other problems [default: 0]
    #[arg(long, value_name = "SEED", help_heading = "toy")]
    problem_seed: Option<u64>,
}

impl SelectionArguments {
    /// All problems that there are.
    pub(crate) fn everything() -> Self {
        Self { with_errata: true, ..Self::default() }
    }

    /// How many toy problems were asked for, and by which seed.
    pub(crate) fn drawn(&self) -> (Option<u32>, Option<u64>) {
        (self.problems, self.problem_seed)
    }

    /// Whether anything of LiveCodeBench's was asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.selection() == Selection::default() && !self.with_errata
    }

    /// Whether releases are all that was asked for.
    pub(crate) fn is_of_releases_alone(&self) -> bool {
        self.selection() == Selection { releases: self.release, ..Selection::default() }
    }

    pub(crate) fn selection(&self) -> Selection {
        Selection {
            releases: self.release,
            from: self.from,
            to: self.to,
            difficulties: self.difficulty.clone(),
            platforms: self.platform.clone(),
        }
    }
}

/// What is set beside each other, and how.
#[derive(Args, Debug)]
pub(crate) struct BesideArguments {
    /// Runs: folders of `run` and `eval`, or what others graded: EvalPlus' *_eval_results.json, lcb_runner's *_eval_all.json,
    /// {"n": 100, "correct": {"problem": 97}}, alone or by the names of models; .gz too. The first is set beside each other one
    #[arg(value_name = "[NAME=]DIR|FILE")]
    pub(crate) runs: Vec<String>,
    /// The values of k [default: four to each doubling, up to the fewest samples that a problem has]
    #[arg(long, value_name = "K", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) k: Vec<u32>,
    /// Compare also what was judged in other ways, or not judged well enough, and say so
    #[arg(long)]
    pub(crate) force: bool,
    /// What stands above it [default: the dataset and the runs]
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct CompareArguments {
    #[command(flatten)]
    pub(crate) beside: BesideArguments,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
    /// Instead, the points of published curves: {"title": {"base": [[1, 0.8], [2, 0.85]], "rl": [[1, 0.83], [2, 0.84]]}}
    #[arg(long, value_name = "FILE", conflicts_with_all = ["runs", "k", "force", "title"])]
    pub(crate) curves: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ReportArguments {
    #[command(flatten)]
    pub(crate) beside: BesideArguments,
    /// Where report.html and the same as Markdown, JSON, CSV and Parquet are written
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// What was judged, where a run's folder does not have it; by the name of the run where there are several
    #[arg(long, value_name = "[NAME=]FILE")]
    pub(crate) samples: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ExportArguments {
    /// Whose file
    #[arg(value_enum)]
    pub(crate) form: ExportName,
    /// The folder of a complete run
    #[arg(value_name = "DIR")]
    pub(crate) run: PathBuf,
    /// The file that is written; EvalPlus looks for SAMPLES_eval_results.json beside SAMPLES.jsonl
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// What was judged, where the folder does not have it
    #[arg(long, value_name = "FILE")]
    pub(crate) samples: Option<PathBuf>,
}

/// Whose file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportName {
    /// EvalPlus' *_eval_results.json
    Evalplus,
    /// lcb_runner's *_eval_all.json
    Lcb,
}

#[derive(Args, Debug)]
pub(crate) struct ReplayArguments {
    /// The folder of a run
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Only this problem
    #[arg(long, value_name = "ID")]
    pub(crate) task: Option<String>,
    /// Only this sample of it
    #[arg(long, value_name = "N", requires = "task")]
    pub(crate) sample: Option<u32>,
    /// The problems, where the dataset comes in no one file or another one was judged
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Vec<PathBuf>,
    /// What was judged, where the folder does not have it
    #[arg(long, value_name = "FILE")]
    pub(crate) samples: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

#[derive(Args, Debug)]
pub(crate) struct PassAtKArguments {
    /// lcb_runner's *_eval_all.json, EvalPlus' *_eval_results.json, a verdicts.jsonl of trialbox, or counts; .gz too
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The values of k [default: those of lcb_runner, and 128, that the samples allow]
    #[arg(long, value_name = "K", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) k: Vec<u32>,
}

/// Which datasets jobs may name.
#[derive(Args, Debug)]
pub(crate) struct CatalogueArguments {
    /// A dataset's file, read at once; may be given again, for livecodebench too. What lies in the cache is there anyway
    #[arg(long, value_name = "DATASET=FILE", value_parser = named_file)]
    pub(crate) data: Vec<(Dataset, PathBuf)>,
}

#[derive(Args, Debug)]
pub(crate) struct VerifyArguments {
    /// The jobs, or `-` for stdin: each brings its problem along, or names one of a dataset (docs/http.md)
    #[arg(long, value_name = "FILE|-")]
    pub(crate) jobs: PathBuf,
    #[command(flatten)]
    pub(crate) catalogue: CatalogueArguments,
    /// What the problem means, or what the benchmark's own grader does
    #[arg(long, value_enum, default_value_t = SemanticsName::Real)]
    pub(crate) semantics: SemanticsName,
    /// Leave bad rows out, instead of refusing to start
    #[arg(long)]
    pub(crate) skip_bad_rows: bool,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ServeArguments {
    /// Where to listen; port 0 takes one that is free, and the line on stdout names it
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8077")]
    pub(crate) listen: SocketAddr,
    /// Listen at a socket that only this user may open, instead
    #[arg(long, value_name = "PATH", conflicts_with = "listen")]
    pub(crate) unix: Option<PathBuf>,
    /// A file that holds the token that clients must show (Authorization: Bearer); needed where others can reach the address
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) catalogue: CatalogueArguments,
    /// How many jobs may wait for a worker
    #[arg(long, value_name = "N", default_value = "16384")]
    pub(crate) max_queue: NonZeroUsize,
    /// How many jobs a request may have
    #[arg(long, value_name = "N", default_value = "8192")]
    pub(crate) max_batch: NonZeroUsize,
    /// How large a request may be
    #[arg(long, value_name = "SIZE", default_value = "64M")]
    pub(crate) max_body: Size,
    /// How long a request may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    pub(crate) max_request_s: u64,
    /// How much CPU time a job may ask for, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) max_time_s: u64,
    /// How much memory a job may ask for
    #[arg(long, value_name = "SIZE", default_value = "8G")]
    pub(crate) max_memory: Size,
    /// How long to go on with requests that were begun, once told to end, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) drain_s: u64,
    /// End where stdin does: with whoever started this, however that came to its end
    #[arg(long)]
    pub(crate) while_stdin_is_open: bool,
    /// Print the description of the API (OpenAPI) and end
    #[arg(long)]
    pub(crate) openapi: bool,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

/// A dataset and one of its files.
fn named_file(text: &str) -> Result<(Dataset, PathBuf), String> {
    let (name, file) = text.split_once('=').ok_or("expected DATASET=FILE")?;
    let dataset = name.parse().map_err(|error: DatasetError| error.to_string())?;
    Ok((dataset, PathBuf::from(file)))
}

#[derive(Args, Debug)]
pub(crate) struct CheckArguments {
    /// A dataset by name, as `trialbox datasets` lists them
    pub(crate) dataset: Dataset,
    /// The dataset's file (jsonl or one JSON list, perhaps .gz) instead of the one in the cache
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// Leave bad rows out, instead of refusing to start
    #[arg(long)]
    pub(crate) skip_bad_rows: bool,
    /// What the problem means, or what the benchmark's own grader does
    #[arg(long, value_enum, default_value_t = SemanticsName::Real)]
    pub(crate) semantics: SemanticsName,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ToyArguments {
    /// Which part of the family, of which no problem is in another: eval is the dataset `toy`, rl is for reinforcement learning,
    /// base is the corpus of a base model, in which `noisy` is a program that may be wrong
    #[arg(long, value_name = "base|rl|eval", default_value_t = Split::Eval)]
    pub(crate) split: Split,
    /// How many problems; the first ones are the same whatever their number
    #[arg(long, value_name = "N", default_value_t = Draw::default().size)]
    pub(crate) size: u32,
    /// What they are drawn by
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub(crate) seed: u64,
    /// How often the corpus errs: 1 is as usual, 0 never
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub(crate) noise: f64,
}

/// [`Backend`](trialbox_runner::Backend) as a word of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BackendName {
    Auto,
    Native,
    Wasi,
}

/// One reading of a benchmark or both, as a word of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReadingName {
    Real,
    Official,
    /// One after the other, and where they differ; needs --out
    Both,
}

/// [`Semantics`] as a word of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SemanticsName {
    Real,
    Official,
}

impl From<SemanticsName> for Semantics {
    fn from(name: SemanticsName) -> Self {
        match name {
            SemanticsName::Real => Semantics::Real,
            SemanticsName::Official => Semantics::Official,
        }
    }
}

/// [`Style`] as a word of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExtractionName {
    /// The last complete Python block that parses, and rules for whatever else models write
    Default,
    /// EvalPlus: solutions as they are, completions behind their prompts
    Evalplus,
    /// lcb_runner's chat styles: what stands between the last two lines with ```
    Lcb,
    /// lcb_runner's GenericBase: the whole output, stripped
    LcbBase,
    /// lcb_runner's CodeLLaMaInstruct: nothing, as its code has it
    LcbCodellama,
    /// The text as it is
    Raw,
}

impl From<ExtractionName> for Style {
    fn from(name: ExtractionName) -> Self {
        match name {
            ExtractionName::Default => Style::Default,
            ExtractionName::Evalplus => Style::EvalPlus,
            ExtractionName::Lcb => Style::Lcb(LcbStyle::Chat),
            ExtractionName::LcbBase => Style::Lcb(LcbStyle::Base),
            ExtractionName::LcbCodellama => Style::Lcb(LcbStyle::CodeLlama),
            ExtractionName::Raw => Style::Raw,
        }
    }
}
