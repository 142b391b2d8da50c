//! The difference of two texts, line by line, as a person reads it.

/// Unchanged lines around a change.
const CONTEXT: usize = 3;
/// Differences beyond which the middle is shown as replaced: the time grows with the square of this.
const MOST: usize = 2000;

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `' '` unchanged, `'+'` added, `'-'` removed, `'@'` where a stretch begins.
    pub kind: char,
    /// The line without its end.
    pub text: String,
}

/// The changed stretches with three lines around each.
pub(crate) fn unified(before: &str, after: &str) -> Vec<Line> {
    let (old, new): (Vec<&str>, Vec<&str>) = (lines(before), lines(after));
    let steps = steps(&old, &new);
    let mut shown = vec![false; steps.len()];
    for (at, (kind, _)) in steps.iter().enumerate() {
        if *kind != ' ' {
            let range = at.saturating_sub(CONTEXT)..(at + CONTEXT + 1).min(steps.len());
            shown[range].fill(true);
        }
    }
    let mut found = Vec::new();
    let (mut old_line, mut new_line) = (1, 1);
    for (at, (kind, text)) in steps.iter().enumerate() {
        if shown[at] {
            if at == 0 || !shown[at - 1] {
                found.push(Line { kind: '@', text: format!("-{old_line} +{new_line}") });
            }
            found.push(Line { kind: *kind, text: (*text).to_owned() });
        }
        old_line += usize::from(*kind != '+');
        new_line += usize::from(*kind != '-');
    }
    found
}

fn lines(text: &str) -> Vec<&str> {
    text.strip_prefix('\u{feff}').unwrap_or(text).lines().collect()
}

type Step<'t> = (char, &'t str);

fn steps<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Step<'t>> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_middle, same) = old_rest.split_at(old_rest.len() - tail);
    let new_middle = &new_rest[..new_rest.len() - tail];
    let keep = |lines: &[&'t str]| lines.iter().map(|line| (' ', *line)).collect::<Vec<_>>();
    let mut steps = keep(&old[..head]);
    steps.extend(shortest(old_middle, new_middle));
    steps.extend(keep(same));
    steps
}

/// Myers' greedy search for the shortest script; both ends differ already.
fn shortest<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Step<'t>> {
    let (n, m) = (old.len(), new.len());
    let limit = (n + m).min(MOST);
    let offset = limit + 1;
    let replaced =
        || old.iter().map(|line| ('-', *line)).chain(new.iter().map(|line| ('+', *line))).collect();
    if n.abs_diff(m) > limit {
        return replaced();
    }
    let mut furthest = vec![0usize; 2 * limit + 3];
    let mut trace = Vec::new();
    for distance in 0..=limit {
        trace.push(furthest.clone());
        for k in (0..=2 * distance).step_by(2).map(|step| offset + step - distance) {
            let down =
                k + distance == offset || (k != offset + distance && furthest[k - 1] < furthest[k + 1]);
            let mut x = if down { furthest[k + 1] } else { furthest[k - 1] + 1 };
            // y = x - diagonal; outside the text when it would be negative.
            while x < n && x + offset >= k && x + offset - k < m && old[x] == new[x + offset - k] {
                x += 1;
            }
            furthest[k] = x;
            if k + m == offset + n && x >= n {
                return walk_back(old, new, &trace, offset);
            }
        }
    }
    replaced()
}

fn walk_back<'t>(old: &[&'t str], new: &[&'t str], trace: &[Vec<usize>], offset: usize) -> Vec<Step<'t>> {
    let (mut x, mut y) = (old.len(), new.len());
    let mut steps = Vec::new();
    for (distance, furthest) in trace.iter().enumerate().rev() {
        let k = x + offset - y;
        let down = k + distance == offset || (k != offset + distance && furthest[k - 1] < furthest[k + 1]);
        let before = if down { k + 1 } else { k - 1 };
        let start_x = furthest[before];
        let start_y = (start_x + offset).saturating_sub(before);
        while x > start_x && y > start_y && distance > 0 || distance == 0 && x > 0 && y > 0 {
            x -= 1;
            y -= 1;
            steps.push((' ', old[x]));
        }
        if distance > 0 {
            if down {
                y -= 1;
                steps.push(('+', new[y]));
            } else {
                x -= 1;
                steps.push(('-', old[x]));
            }
        }
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(before: &str, after: &str) -> Vec<String> {
        unified(before, after).iter().map(|line| format!("{}{}", line.kind, line.text)).collect()
    }

    #[test]
    fn only_the_surroundings_of_a_change_are_shown() {
        let before: String = (1..=20).map(|number| format!("{number}\n")).collect();
        let after = before.replace("10\n", "ten\n10½\n");
        assert_eq!(
            text(&before, &after),
            ["@-7 +7", " 7", " 8", " 9", "-10", "+ten", "+10½", " 11", " 12", " 13"]
        );
        assert!(text(&before, &before).is_empty());
        assert_eq!(text("", "a\n"), ["@-1 +1", "+a"]);
    }

    #[test]
    fn a_very_large_change_is_shown_as_replaced() {
        let old: String = (0..3000).map(|number| format!("a{number}\n")).collect();
        let new: String = (0..3000).map(|number| format!("b{number}\n")).collect();
        assert_eq!(unified(&old, &new).len(), 6001);
    }

    proptest! {
        #[test]
        fn the_steps_lead_from_one_text_to_the_other_by_the_shortest_way(
            old in prop::collection::vec("[abc]", 0..8), new in prop::collection::vec("[abc]", 0..8),
        ) {
            let (old, new): (Vec<&str>, Vec<&str>) =
                (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
            let steps = steps(&old, &new);
            let side = |other: char| {
                steps.iter().filter(|(kind, _)| *kind != other).map(|(_, line)| *line).collect::<Vec<_>>()
            };
            prop_assert_eq!(side('+'), old.clone());
            prop_assert_eq!(side('-'), new.clone());
            let changed = steps.iter().filter(|(kind, _)| *kind != ' ').count();
            prop_assert_eq!(changed, old.len() + new.len() - 2 * common(&old, &new));
        }
    }

    /// Length of the longest common sequence, the slow and obvious way.
    fn common(old: &[&str], new: &[&str]) -> usize {
        match (old.split_first(), new.split_first()) {
            (Some((a, old_rest)), Some((b, new_rest))) if a == b => 1 + common(old_rest, new_rest),
            (Some((_, old_rest)), Some((_, new_rest))) => common(old_rest, new).max(common(old, new_rest)),
            _ => 0,
        }
    }
}
