//! `conf/flink-conf.yaml` in the current folder.

use std::fs;
use std::io::ErrorKind;

const PATH: &str = "conf/flink-conf.yaml";
const KEY: &str = "parallelism.default";

/// `parallelism.default`, or 1. The error names the file and the line.
pub fn default_parallelism() -> Result<u32, String> {
    match fs::read_to_string(PATH) {
        Ok(text) => parse(&text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(1),
        Err(error) => Err(format!("can't read {PATH}: {error}")),
    }
}

/// Flink reads this file as lines of `key: value`, not as YAML, and so do we.
fn parse(text: &str) -> Result<u32, String> {
    let mut parallelism = 1;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or("").trim();
        let Some((key, value)) = line.split_once(':') else { continue };
        if key.trim() == KEY {
            let value = value.trim();
            parallelism = value
                .parse()
                .ok()
                .filter(|&parallelism| parallelism > 0)
                .ok_or_else(|| format!("{PATH}:{number}: {KEY} must be a whole number from 1 up, not {value:?}"))?;
        }
    }
    Ok(parallelism)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_read_as_flink_reads_it() {
        assert_eq!(parse("# comment\njobmanager.rpc.port: 6123\nparallelism.default: 4 # of slots\n"), Ok(4));
        assert_eq!(parse(""), Ok(1));
        assert!(parse("a: b\nparallelism.default: 0").is_err_and(|why| why.contains("flink-conf.yaml:2")));
    }
}
