//! `eq`, `ne`, `lt`, `le`, `gt` and `ge`: as in Go, only values of one kind compare.

use super::item::Item;
use std::cmp::Ordering;

/// The value of a comparison.
pub fn compare(name: &str, items: &[Item]) -> Result<bool, String> {
    let [first, others @ ..] = items else { return Err(format!("`{name}` compares two values")) };
    if name == "eq" {
        for other in others {
            if order(first, other)? == Some(Ordering::Equal) {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    let [other] = others else { return Err(format!("`{name}` compares two values")) };
    let order = order(first, other)?;
    Ok(match name {
        "ne" => order != Some(Ordering::Equal),
        "lt" => order == Some(Ordering::Less),
        "le" => order.is_some_and(Ordering::is_le),
        "gt" => order == Some(Ordering::Greater),
        _ => order.is_some_and(Ordering::is_ge),
    })
}

fn order(a: &Item, b: &Item) -> Result<Option<Ordering>, String> {
    match (a, b) {
        (Item::Text(a), Item::Text(b)) => Ok(Some(a.cmp(b))),
        (Item::Number(a), Item::Number(b)) => Ok(a.partial_cmp(b)),
        (Item::Int(a), Item::Int(b)) => Ok(Some(a.cmp(b))),
        (Item::Bool(a), Item::Bool(b)) => Ok(Some(a.cmp(b))),
        (Item::Number(_), Item::Int(whole)) | (Item::Int(whole), Item::Number(_)) => Err(format!(
            "incompatible types for comparison: {whole} is a whole number, write {whole}.0 to compare it with a value"
        )),
        _ => Err("incompatible types for comparison".to_owned()),
    }
}
