//! The nearest known name for one that isn't known.

/// The candidate most like `name`, if it is like it at all: same letters but for case and underscores, or few edits.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, candidate) = closest(name, candidates)?;
    (distance <= (plain(name).chars().count().max(3) / 3).max(1)).then_some(candidate)
}

/// The candidate most like `name`, however far.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<(usize, &'a str)> {
    let wanted = plain(name);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| (distance(&wanted, &plain(candidate)), candidate))
        .min_by_key(|(distance, candidate)| (*distance, candidate.len(), *candidate))
}

/// Words that other systems, and Flink's other APIs, use for calls of this one.
pub fn synonym(name: &str) -> Option<&'static str> {
    Some(match plain(name).as_str() {
        "groupby" | "keyedby" | "partitionby" => "key_by",
        "collect" | "show" | "printtostdout" => "output",
        "addsource" | "sourcefunction" => "create_python_source",
        "fromlist" | "parallelize" | "fromiterable" => "from_collection",
        "range" | "fromsequence" => "generate_sequence",
        "readfile" | "textfile" | "readcsv" => "read_text_file",
        "writetofile" | "saveastext" | "saveastextfile" | "writetext" => "write_as_text",
        "window" | "tumblingwindow" | "slidingwindow" | "timewindowall" => "time_window",
        "close" | "closewindow" => "close_with",
        "process" => "flat_map",
        "start" | "run" | "executeasync" | "submit" => "execute",
        "connect" | "merge" | "unionall" => "union",
        _ => return None,
    })
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

/// Edits (insert, delete, replace, swap neighbours) that make one of the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camel_case_and_slips_find_their_name() {
        let names = ["map", "flat_map", "filter", "key_by", "time_window"];
        assert_eq!(nearest("flatMap", names), Some("flat_map"));
        assert_eq!(nearest("fliter", names), Some("filter"));
        assert_eq!(nearest("keyby", names), Some("key_by"));
        assert_eq!(nearest("checkpoint", names), None);
    }
}
