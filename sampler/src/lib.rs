//! Sampler: prompts become completions, by a model on this machine or by a server that has one.
//! Not here: what the prompts of a benchmark say (the command), taking programs out of completions (`verifier::extract`).
//! In: [`Request`]s. Out: [`Completion`]s as they come, in no order.

mod completion;
pub mod local;
mod prompt;
mod sampling;
mod server;

pub use completion::Completion;
pub use completion::Event;
pub use completion::FinishReason;
pub use prompt::Message;
pub use prompt::Prompt;
pub use prompt::Request;
pub use prompt::Role;
pub use sampling::Sampling;
pub use server::ResponseLogprobs;
pub use server::Server;
pub use server::ServerError;
pub use server::ServerFault;
pub use server::ServerSettings;
