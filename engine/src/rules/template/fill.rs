//! Fills a template: walks its parts with the variables that are in scope.

use super::item::Item;
use super::tree::{Block, Command, Control, Defined, Operand, Part, Pipeline};
use super::{Around, RENDERED_BYTES_MAX};

/// Templates may call each other so deep.
const CALLS_MAX: usize = 32;
/// So many parts may be filled: loops in loops end there.
const PARTS_MAX: usize = 100_000;

/// The text of a block.
pub fn fill(block: &Block, defined: &Defined, dot: Item, around: Around<'_>) -> Result<String, String> {
    let named = ["labels", "externalLabels", "externalURL", "value"];
    let fields = ["Labels", "ExternalLabels", "ExternalURL", "Value"];
    let mut variables = vec![(String::new(), dot.clone())];
    for (name, field) in named.iter().zip(fields) {
        variables.push(((*name).to_owned(), dot.field(field)?));
    }
    let mut filling = Filling { defined, around, variables, out: String::new(), calls: 0, parts: 0 };
    filling.block(block, &dot)?;
    Ok(filling.out)
}

struct Filling<'a> {
    defined: &'a Defined,
    around: Around<'a>,
    /// By name, the innermost last; `$` has none.
    variables: Vec<(String, Item)>,
    out: String,
    calls: usize,
    parts: usize,
}

/// What happens after a part.
#[derive(PartialEq)]
enum Flow {
    On,
    Break,
    Continue,
}

impl Filling<'_> {
    fn block(&mut self, block: &Block, dot: &Item) -> Result<Flow, String> {
        let scope = self.variables.len();
        let mut flow = Flow::On;
        for part in block {
            self.parts += 1;
            if self.parts > PARTS_MAX {
                return Err(format!("the template has more than {PARTS_MAX} parts to fill"));
            }
            if self.out.len() > RENDERED_BYTES_MAX {
                break;
            }
            flow = self.part(part, dot)?;
            if flow != Flow::On {
                break;
            }
        }
        self.variables.truncate(scope);
        Ok(flow)
    }

    fn part(&mut self, part: &Part, dot: &Item) -> Result<Flow, String> {
        match part {
            Part::Text(text) => self.out.push_str(text),
            Part::Action(pipeline) => {
                let item = self.pipeline(pipeline, dot)?;
                if pipeline.names.is_empty() {
                    self.out.push_str(&item.to_text());
                }
            }
            Part::Control(Control::Range, pipeline, body, otherwise) => {
                return self.range(pipeline, body, otherwise, dot);
            }
            Part::Control(control, pipeline, body, otherwise) => {
                let scope = self.variables.len();
                let item = self.pipeline(pipeline, dot)?;
                let within = if *control == Control::With { &item } else { dot };
                let flow =
                    if item.is_true() { self.block(body, within) } else { self.block(otherwise, dot) }?;
                self.variables.truncate(scope);
                return Ok(flow);
            }
            Part::Call(name, pipeline) => self.call(name, pipeline.as_ref(), dot)?,
            Part::Break => return Ok(Flow::Break),
            Part::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    fn range(
        &mut self,
        pipeline: &Pipeline,
        body: &Block,
        otherwise: &Block,
        dot: &Item,
    ) -> Result<Flow, String> {
        let over = self.commands(pipeline, dot)?;
        let pairs: Vec<(Item, Item)> = match over {
            Item::List(items) => (0..).map(Item::Int).zip(items).collect(),
            Item::Labels(labels) => {
                let text = |text: &str| Item::Text(text.to_owned());
                labels.iter().map(|(name, value)| (text(name), text(value))).collect()
            }
            Item::Map(map) => map.into_iter().map(|(name, item)| (Item::Text(name), item)).collect(),
            Item::Nothing => Vec::new(),
            other => return Err(format!("range cannot go over {}", other.to_text())),
        };
        if pairs.is_empty() {
            return self.block(otherwise, dot);
        }
        let scope = self.variables.len();
        for (key, item) in pairs {
            match pipeline.names.as_slice() {
                [] => {}
                [value] => self.variables.push((value.clone(), item.clone())),
                [first, second, ..] => {
                    self.variables.extend([(first.clone(), key), (second.clone(), item.clone())]);
                }
            }
            let flow = self.block(body, &item)?;
            self.variables.truncate(scope);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::On)
    }

    fn call(&mut self, name: &str, pipeline: Option<&Pipeline>, dot: &Item) -> Result<(), String> {
        let block = self.defined.get(name).ok_or_else(|| format!("there is no template {name:?}"))?;
        let dot = pipeline.map_or(Ok(Item::Nothing), |pipeline| self.pipeline(pipeline, dot))?;
        if self.calls == CALLS_MAX {
            return Err(format!("templates call each other deeper than {CALLS_MAX}"));
        }
        let outer = std::mem::replace(&mut self.variables, vec![(String::new(), dot.clone())]);
        self.calls += 1;
        self.block(block, &dot)?;
        self.calls -= 1;
        self.variables = outer;
        Ok(())
    }

    /// The value of a pipeline, which its variables get.
    fn pipeline(&mut self, pipeline: &Pipeline, dot: &Item) -> Result<Item, String> {
        let item = self.commands(pipeline, dot)?;
        for name in &pipeline.names {
            if pipeline.assigns {
                let known = self.variables.iter_mut().rev().find(|(own, _)| own == name);
                known.ok_or_else(|| format!("there is no variable ${name}"))?.1 = item.clone();
            } else {
                self.variables.push((name.clone(), item.clone()));
            }
        }
        Ok(item)
    }

    fn commands(&mut self, pipeline: &Pipeline, dot: &Item) -> Result<Item, String> {
        let mut carried = None;
        for command in &pipeline.commands {
            carried = Some(match command {
                Command::Operand(operand) => self.operand(operand, dot)?,
                Command::Call(function, operands) => {
                    let mut items = Vec::with_capacity(operands.len() + 1);
                    for operand in operands {
                        items.push(self.operand(operand, dot)?);
                        if function.decides(items.last()) {
                            break;
                        }
                    }
                    items.extend(carried.take());
                    function.call(items, self.around)?
                }
            });
        }
        carried.ok_or_else(|| "an empty pipeline".to_owned())
    }

    fn operand(&mut self, operand: &Operand, dot: &Item) -> Result<Item, String> {
        let (item, path): (Item, &[String]) = match operand {
            Operand::Dot(path) => (dot.clone(), path),
            Operand::Variable(name, path) => {
                let known = self.variables.iter().rev().find(|(own, _)| own == name);
                (known.ok_or_else(|| format!("there is no variable ${name}"))?.1.clone(), path)
            }
            Operand::Nested(pipeline, path) => (self.pipeline(pipeline, dot)?, path),
            Operand::Text(text) => return Ok(Item::Text(text.clone())),
            Operand::Number(number) => return Ok(Item::Number(*number)),
            Operand::Int(number) => return Ok(Item::Int(*number)),
            Operand::Bool(truth) => return Ok(Item::Bool(*truth)),
            Operand::Nothing => return Ok(Item::Nothing),
        };
        path.iter().try_fold(item, |item, name| item.field(name))
    }
}
