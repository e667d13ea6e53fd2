//! `trialbox sample --perplexity`: how likely a model finds completions, which it or another has drawn.
//! Not here: drawing (`sample`), the model (`front`).

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    path::Path,
};

use anyhow::Context;
use serde_json::json;

use crate::{
    args::ModelArguments,
    completions::{self, CompletionRow},
    exit::{DataFault, Exit},
    front::{self, Front},
};

/// One line on stdout for each line of `completions`, in its order: `task_id`, `sample`, `tokens`, `mean_logprob`, `perplexity`,
/// the last two null for a completion without tokens. What was read is the text that the model who wrote it was shown.
pub(crate) fn run(completions: &Path, arguments: &ModelArguments) -> anyhow::Result<Exit> {
    let prompts = completions::prompts_beside(completions)?;
    let model = front::model_of(arguments, false)?;
    let front = Front::open(arguments, &model, 0)?;
    let file = File::open(completions).with_context(|| format!("failed to read {}", completions.display()))?;
    let mut stdout = std::io::stdout().lock();
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let fault = |what: String| DataFault(format!("{}:{}: {what}", completions.display(), index + 1));
        let line = line.with_context(|| format!("failed to read {}", completions.display()))?;
        let row: CompletionRow = serde_json::from_str(&line).map_err(|error| fault(error.to_string()))?;
        let task_id = &row.completion.task_id;
        let prompt = prompts.get(task_id).ok_or_else(|| fault(format!("there is no prompt of {task_id}")))?;
        let score = front.score(prompt, &row.completion.text)?;
        let row = json!({
            "task_id": task_id,
            "sample": row.completion.sample,
            "tokens": score.tokens,
            "mean_logprob": score.mean_logprob,
            "perplexity": score.mean_logprob.map(|mean| (-mean).exp()),
        });
        writeln!(stdout, "{row}")?;
    }
    Ok(Exit::Done)
}
