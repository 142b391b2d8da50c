//! How much is tested, measured over the whole workspace.

use super::Source;

const TESTS_PER_THOUSAND_LINES: usize = 10;

#[test]
fn there_are_enough_tests_for_the_amount_of_code() {
    let mut tests = 0;
    let mut code = 0;
    for source in Source::rust() {
        for (_, line, _) in source.lines() {
            let line = line.trim();
            tests += usize::from(line == "#[test]" || line.starts_with("#[tokio::test"));
            code += usize::from(!line.is_empty() && !line.starts_with("//"));
        }
    }
    println!("{tests} tests for {code} lines of code");
    assert!(
        tests * 1000 >= code * TESTS_PER_THOUSAND_LINES,
        "{tests} tests for {code} lines of code: fewer than {TESTS_PER_THOUSAND_LINES} per 1,000"
    );
}
