//! Programs made at random: functions with locals, comprehensions, closures; and rewritings that change nothing.
//! In: choices of proptest. Out: programs.

use proptest::prelude::*;

/// A program in which `$0` to `$3` stand for local variables of its function.
#[derive(Clone, Debug)]
pub(super) struct Program {
    lines: Vec<String>,
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0..4_u8).prop_map(|name| format!("${name}")),
        (0..9_u8).prop_map(|number| number.to_string()),
        Just("param".to_owned()),
        Just("helper(param)".to_owned()),
        Just("'text'".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone(), "[-+*<]").prop_map(|(a, b, op)| format!("({a} {op} {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a} for $0 in {b} if $0]").replace(":=", "+")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("sum({a} for $1, $2 in {b} for $3 in $1)").replace(":=", "+")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(lambda arg: {a} + arg)({b})")),
            inner.clone().prop_map(|a| format!("f'{{{a}}}'")
                .replace("'text'", "param")
                .replace("f'", "f\"")
                .replace("}'", "}\"")),
            inner.prop_map(|a| format!("($3 := {a})")),
        ]
        .prop_filter("f-strings nest no quotes here", |text| text.matches("f\"").count() <= 1 || !text.contains("{"))
    })
}

fn statement() -> impl Strategy<Value = String> {
    prop_oneof![
        ((0..4_u8), expression()).prop_map(|(name, value)| format!("    ${name} = {value}")),
        ((0..4_u8), expression()).prop_map(|(name, value)| format!("    ${name} += {value}")),
        ((0..4_u8), expression()).prop_map(|(name, of)| format!("    for ${name} in {of}:\n        print(${name})")),
        expression().prop_map(|test| format!("    if {test}:\n        helper({test})\n    else:\n        pass")),
        ((0..4_u8), expression()).prop_map(|(name, value)| format!(
            "    def inner(arg=${name}):\n        return {value}\n    print(inner())"
        )),
        expression().prop_map(|value| format!("    print({value}, sep=param)")),
    ]
}

pub(super) fn program() -> impl Strategy<Value = Program> {
    prop::collection::vec(statement(), 1..6).prop_map(|statements| {
        let mut lines = vec!["def helper(x):\n    return x\n".to_owned(), "def main(param):".to_owned()];
        // All four are variables of `main`.
        lines.push("    $0 = $1 = $2 = $3 = param".to_owned());
        lines.extend(statements);
        lines.push("    return $0, $1, $2, $3".to_owned());
        Program { lines }
    })
}

impl Program {
    fn with(&self, names: [&str; 4], noise: u64) -> String {
        let mut text = String::new();
        for (index, line) in self.lines.iter().enumerate() {
            let mut line = line.clone();
            for (index, name) in names.iter().enumerate() {
                line = line.replace(&format!("${index}"), name);
            }
            let is_noisy = |bit: usize| noise >> ((index * 3 + bit) % 64) & 1 == 1;
            if is_noisy(0) && !line.ends_with(':') && index > 1 {
                text.push_str("\n      # said by the way\n");
            }
            if is_noisy(1) && index > 1 {
                line = line.replace("(param)", "(  (param) )");
            }
            text.push_str(&line);
            if index == 1 && is_noisy(2) {
                text.push_str("\n    \"\"\"Says what it does.\"\"\"");
            }
            text.push_str(if is_noisy(2) { "   # and this\n" } else { "\n" });
        }
        text
    }

    pub(super) fn text(&self) -> String {
        self.with(["a", "b", "c", "d"], 0)
    }

    /// With other names for the variables, comments, a docstring, parentheses, blank lines.
    pub(super) fn rewritten(&self, seeds: [u8; 4], noise: u64) -> String {
        let names: Vec<String> =
            seeds.iter().enumerate().map(|(index, seed)| format!("v{}{index}", char::from(b'a' + seed % 26))).collect();
        self.with([&names[0], &names[1], &names[2], &names[3]], noise)
    }

    /// Programs that differ in a number, an operator, or a global name.
    pub(super) fn changes(text: &str) -> Vec<String> {
        let mut changes =
            vec![text.replace("main", "other"), text.replace("param)", "params)"), format!("{text}print(1)\n")];
        for (at, character) in text.char_indices() {
            let other = match character {
                '0'..='9' => "77",
                '<' => ">",
                '*' => "//",
                _ => continue,
            };
            changes.push(format!("{}{other}{}", &text[..at], &text[at + 1..]));
        }
        changes
    }
}
