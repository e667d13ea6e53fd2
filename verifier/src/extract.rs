//! stub
use trialbox_datasets::SampleText;
pub struct Extracted { pub program: String, pub rule: Rule }
pub struct Rule;
impl Rule { pub fn as_str(&self) -> &'static str { "x" } }
pub fn extract(text: &SampleText, prompt: &str, _e: Option<&str>) -> Result<Extracted, String> {
    let program = match text { SampleText::Solution(s) | SampleText::Response(s) => s.clone(), SampleText::Completion(s) => if s.contains("def ") { s.clone() } else { format!("{prompt}{s}") } };
    Ok(Extracted { program, rule: Rule })
}
