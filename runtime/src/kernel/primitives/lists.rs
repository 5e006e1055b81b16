//! Lists, and tuples of any length.

use super::abi::{Context, ListWord, Words};
use super::code_points::slice as slice_of;
use super::text::LARGEST;
use super::values::{comparable, equal, order};
use super::views::{Items, ListMut, Value, View};
use pyflink_plan::typed::Why;
use std::cmp::Ordering;

/// Words of the largest list that is made here.
const MOST: i128 = LARGEST as i128 / 8;

/// A new list of elements by their numbers.
fn picked(context: &mut Context<'_>, list: Items<'_>, numbers: impl ExactSizeIterator<Item = usize>) -> ListWord {
    let length = numbers.len();
    let mut words = Vec::with_capacity(length * list.stride);
    numbers.for_each(|number| words.extend_from_slice(list.get(number)));
    ListWord(context.memory.list(&words, length))
}

pub fn slice(
    context: &mut Context<'_>,
    list: Items<'_>,
    start: Option<i64>,
    stop: Option<i64>,
    step: Option<i64>,
) -> Result<ListWord, Why> {
    let (start, count, step) = slice_of(list.length, start, stop, step).ok_or(Why::Raises)?;
    if step == 1 {
        let words = &list.words[start * list.stride..(start + count) * list.stride];
        return Ok(ListWord(context.memory.list(words, count)));
    }
    let place = |number: usize| (start as i64).wrapping_add(step.wrapping_mul(number as i64)) as usize;
    Ok(picked(context, list, (0..count).map(place)))
}

pub fn concat(context: &mut Context<'_>, a: Items<'_>, b: Items<'_>) -> Result<ListWord, Why> {
    if (a.words.len() + b.words.len()) as i128 > MOST {
        return Err(Why::Unusual);
    }
    let words = [a.words, b.words].concat();
    Ok(ListWord(context.memory.list(&words, a.length + b.length)))
}

pub fn repeat(context: &mut Context<'_>, list: Items<'_>, times: i64) -> Result<ListWord, Why> {
    let times = times.max(0);
    if (list.stride.max(1) * list.length) as i128 * i128::from(times) > MOST {
        return Err(Why::Unusual);
    }
    let times = if list.length == 0 { 0 } else { times as usize };
    Ok(ListWord(context.memory.list(&list.words.repeat(times), list.length * times)))
}

/// The number of the first element that is equal.
fn position(list: Items<'_>, value: Value<'_>) -> Result<Option<usize>, Why> {
    for (number, item) in list.values().enumerate() {
        if equal(item, value, true)? {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

pub fn contains(_: &mut Context<'_>, list: Items<'_>, value: Value<'_>) -> Result<bool, Why> {
    Ok(position(list, value)?.is_some())
}

pub fn index_of(_: &mut Context<'_>, list: Items<'_>, value: Value<'_>) -> Result<i64, Why> {
    position(list, value)?.map(|number| number as i64).ok_or(Why::Raises)
}

pub fn count(_: &mut Context<'_>, list: Items<'_>, value: Value<'_>) -> Result<i64, Why> {
    let mut count = 0;
    for item in list.values() {
        count += i64::from(equal(item, value, true)?);
    }
    Ok(count)
}

pub fn extend(context: &mut Context<'_>, list: ListMut<'_>, more: Items<'_>) -> Result<(), Why> {
    list.extend(context.memory, more);
    Ok(())
}

pub fn copy(context: &mut Context<'_>, list: Items<'_>) -> Result<ListWord, Why> {
    Ok(ListWord(context.memory.list(list.words, list.length)))
}

pub fn reversed(context: &mut Context<'_>, list: Items<'_>) -> Result<ListWord, Why> {
    Ok(picked(context, list, (0..list.length).rev()))
}

/// The order that elements stand in when they are sorted by their keys.
fn sorted_numbers(keys: Items<'_>, falling: bool) -> Result<Vec<usize>, Why> {
    let mut numbers: Vec<usize> = (0..keys.length).collect();
    if numbers.len() < 2 {
        return Ok(numbers);
    }
    if !keys.values().all(comparable) {
        return Err(Why::Raises);
    }
    // Elements that are equal keep their order, also in falling order.
    let directed = |order: Ordering| if falling { order.reverse() } else { order };
    match keys.value(0).view() {
        View::Int(_) => numbers.sort_by(|a, b| directed((keys.words[*a] as i64).cmp(&(keys.words[*b] as i64)))),
        // All can be compared, and so none of these fails.
        _ => numbers.sort_by(|a, b| directed(order(keys.value(*a), keys.value(*b), true).unwrap_or(Ordering::Equal))),
    }
    Ok(numbers)
}

pub fn sorted(context: &mut Context<'_>, list: Items<'_>, falling: bool) -> Result<ListWord, Why> {
    let numbers = sorted_numbers(list, falling)?;
    Ok(picked(context, list, numbers.into_iter()))
}

pub fn sorted_by(context: &mut Context<'_>, list: Items<'_>, keys: Items<'_>, falling: bool) -> Result<ListWord, Why> {
    if keys.length != list.length {
        return Err(Why::Unusual);
    }
    let numbers = sorted_numbers(keys, falling)?;
    Ok(picked(context, list, numbers.into_iter()))
}

pub fn range(context: &mut Context<'_>, start: i64, stop: i64, step: i64) -> Result<ListWord, Why> {
    let (from, to, by) = (i128::from(start), i128::from(stop), i128::from(step));
    let count = match by.cmp(&0) {
        Ordering::Equal => return Err(Why::Raises),
        Ordering::Greater => (to - from + by - 1).div_euclid(by),
        Ordering::Less => (from - to - by - 1).div_euclid(-by),
    };
    if count > MOST {
        return Err(Why::Unusual);
    }
    let words: Vec<u64> = (0..count.max(0)).map(|number| (from + number * by) as u64).collect();
    Ok(ListWord(context.memory.list(&words, words.len())))
}

pub fn pop<'a>(_: &mut Context<'a>, list: ListMut<'a>) -> Result<Words<'a>, Why> {
    let items = list.items();
    let last = items.length.checked_sub(1).ok_or(Why::Raises)?;
    list.shorten();
    Ok(Words(items.get(last)))
}

pub fn delete(_: &mut Context<'_>, list: ListMut<'_>, index: i64) -> Result<(), Why> {
    let length = list.items().length as i64;
    let index = if index < 0 { index.saturating_add(length) } else { index };
    if !(0..length).contains(&index) {
        return Err(Why::Raises);
    }
    list.delete(index as usize);
    Ok(())
}

pub fn insert(context: &mut Context<'_>, list: ListMut<'_>, index: i64, value: Value<'_>) -> Result<(), Why> {
    let length = list.items().length as i64;
    let index = if index < 0 { index.saturating_add(length).max(0) } else { index.min(length) };
    list.insert(context.memory, index as usize, value.words);
    Ok(())
}

pub fn set(_: &mut Context<'_>, list: ListMut<'_>, index: i64, value: Value<'_>) -> Result<(), Why> {
    let length = list.items().length as i64;
    let index = if index < 0 { index.saturating_add(length) } else { index };
    if !(0..length).contains(&index) {
        return Err(Why::Raises);
    }
    list.set(index as usize, value.words);
    Ok(())
}

pub fn reverse(_: &mut Context<'_>, list: ListMut<'_>) -> Result<(), Why> {
    list.reverse();
    Ok(())
}

pub fn clear(_: &mut Context<'_>, list: ListMut<'_>) -> Result<(), Why> {
    list.clear();
    Ok(())
}
