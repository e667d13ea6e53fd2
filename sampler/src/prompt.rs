//! What a model is shown, and which answers to it are wanted.
//! Not here: the words of a benchmark's prompts (the command's `prompts`), a model's chat template (`chat`).

use serde::Deserialize;
use serde::Serialize;

/// What a model is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Text that the model continues as it stands.
    Text(String),
    /// A conversation that the model answers.
    Chat {
        /// What was said.
        messages: Vec<Message>,
        /// How the answer begins, where it is begun for the model; empty where it is not. No part of the completion.
        #[serde(default)]
        prefill: String,
    },
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Whose turn.
    pub role: Role,
    /// What was said.
    pub content: String,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The one who sets the frame.
    System,
    /// The one who asks.
    User,
    /// The model.
    Assistant,
}

/// A prompt and the completions of it that are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The problem's name. What is drawn for it depends on this name, not on when or beside what it is drawn.
    pub task_id: String,
    /// What the model is shown.
    pub prompt: Prompt,
    /// Texts that end a completion, and are no part of it.
    pub stop: Vec<String>,
    /// Which samples are wanted, by index; each index has draws of its own.
    pub samples: Vec<u32>,
}
