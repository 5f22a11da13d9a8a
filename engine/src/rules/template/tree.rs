//! A template once it is read.

use super::function::Function;
use std::collections::BTreeMap;

/// Parentheses and blocks may nest so deep.
pub const NESTED_MAX: usize = 16;

/// Parts, in order.
pub type Block = Vec<Part>;

/// Templates that are defined in the text, by name.
pub type Defined = BTreeMap<String, Block>;

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Text(String),
    Action(Pipeline),
    /// `if`, `with` and `range`.
    Control(Control, Pipeline, Block, Block),
    /// `template` and `block`.
    Call(String, Option<Pipeline>),
    Break,
    Continue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    If,
    With,
    Range,
}

/// Each command's value is the last argument of the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// Variables that get the value, without `$`.
    pub names: Vec<String>,
    /// They are there already.
    pub assigns: bool,
    pub commands: Vec<Command>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Operand(Operand),
    Call(Function, Vec<Operand>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// `.A.B`
    Dot(Vec<String>),
    /// `$a.B`
    Variable(String, Vec<String>),
    Text(String),
    Number(f64),
    Int(i64),
    Bool(bool),
    Nothing,
    Nested(Box<Pipeline>, Vec<String>),
}
