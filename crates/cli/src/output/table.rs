//! Columns, cut to the width of the terminal.

use super::plain;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Narrowest a cut column gets.
const NARROWEST: usize = 8;

/// What the last column keeps while others can still give way.
const SENTENCE: usize = 40;

/// Rows of text under headings.
#[derive(Debug)]
pub(crate) struct Table {
    heads: Vec<&'static str>,
    rows: Vec<(String, Vec<String>)>,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(heads: &[&'static str]) -> Self {
        Self { heads: heads.to_vec(), rows: Vec::new() }
    }

    /// Adds a row with its glyph, which may hold colour codes.
    pub(crate) fn row(&mut self, glyph: String, cells: Vec<String>) {
        let cells = cells.into_iter().map(|cell| plain(&cell).into_owned()).collect();
        self.rows.push((glyph, cells));
    }

    /// The table as text, each line at most `width` columns wide.
    pub(crate) fn text(&self, width: usize) -> String {
        let mut widths: Vec<usize> = self.heads.iter().map(|head| head.width()).collect();
        for (_, cells) in &self.rows {
            for (widest, cell) in widths.iter_mut().zip(cells) {
                *widest = (*widest).max(cell.width());
            }
        }
        fit(&mut widths, width.saturating_sub(2));
        let mut text =
            line(" ", &self.heads.iter().map(|&head| head.to_owned()).collect::<Vec<_>>(), &widths);
        for (glyph, cells) in &self.rows {
            text.push('\n');
            text.push_str(&line(glyph, cells, &widths));
        }
        text
    }
}

/// Takes room away until everything fits, but never below what can still be read: from the last column as long as a
/// sentence in it is understood, then from those in the middle, then from whatever there is.
fn fit(widths: &mut [usize], room: usize) {
    let gaps = 2 * widths.len().saturating_sub(1);
    let last = widths.len().saturating_sub(1);
    let middle = (1..last).rev().map(|position| (position, NARROWEST));
    for (position, floor) in
        [(last, SENTENCE)].into_iter().chain(middle).chain([(last, NARROWEST), (0, NARROWEST)])
    {
        let used = widths.iter().sum::<usize>() + gaps;
        if used <= room {
            return;
        }
        if let Some(width) = widths.get_mut(position) {
            *width -= width.saturating_sub(floor).min(used - room);
        }
    }
}

fn line(glyph: &str, cells: &[String], widths: &[usize]) -> String {
    let mut text = format!("{glyph} ");
    for (position, (cell, &width)) in cells.iter().zip(widths).enumerate() {
        let cut = cut(cell, width);
        let padding = if position + 1 == cells.len() { 0 } else { width.saturating_sub(cut.width()) + 2 };
        text.push_str(&cut);
        text.extend(std::iter::repeat_n(' ', padding));
    }
    text.trim_end().to_owned()
}

/// Cuts to columns of the terminal, where a letter of East Asia or a picture takes two.
fn cut(cell: &str, width: usize) -> String {
    if cell.width() <= width {
        return cell.to_owned();
    }
    let mut room = width.saturating_sub(1);
    let fits = |letter: &char| {
        let left = room.checked_sub(letter.width().unwrap_or(0));
        room = left.unwrap_or(0);
        left.is_some()
    };
    cell.chars().take_while(fits).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(&["NAME", "STATE"]);
        table.row("●".to_owned(), vec!["time".to_owned(), "Ready, 2 tools.".to_owned()]);
        table.row(
            "✕".to_owned(),
            vec!["a-longer-name".to_owned(), "Stopped while starting, exit code 1.".to_owned()],
        );
        table
    }

    #[test]
    fn columns_line_up() {
        let text = sample().text(120);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "  NAME           STATE");
        assert_eq!(lines[1], "● time           Ready, 2 tools.");
        assert_eq!(lines[2], "✕ a-longer-name  Stopped while starting, exit code 1.");
    }

    #[test]
    fn the_last_column_gives_way_first() {
        let text = sample().text(40);
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        assert!(text.contains("a-longer-name"), "{text}");
        assert!(text.contains('…'), "{text}");
    }

    #[test]
    fn the_middle_gives_way_before_a_sentence_is_lost() {
        let mut table = Table::new(&["NAME", "IMAGE", "STATE"]);
        let image = "registry.example.com/team/tools:2026.11".to_owned();
        table.row(
            "●".to_owned(),
            vec!["time".to_owned(), image, "Ready, 2 tools, last call a while ago.".to_owned()],
        );
        let text = table.text(70);
        assert!(text.contains("Ready, 2 tools, last call a while ago."), "{text}");
        assert!(text.contains("registry"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 70), "{text}");
    }

    #[test]
    fn wide_letters_take_their_two_columns() {
        let mut table = Table::new(&["NAME", "STATE"]);
        table.row("●".to_owned(), vec!["時計".to_owned(), "Ready".to_owned()]);
        table.row("●".to_owned(), vec!["🦀🦀🦀🦀🦀🦀🦀🦀".to_owned(), "Ready".to_owned()]);
        let text = table.text(19);
        let columns: Vec<usize> = text
            .lines()
            .map(|line| line.split_once("Ready").map_or(0, |(before, _)| before.width()))
            .collect();
        assert_eq!(columns[1], columns[2], "{text}");
        assert!(text.lines().all(|line| line.width() <= 19), "{text}");
    }

    #[test]
    fn a_cell_cannot_break_its_line() {
        let mut table = Table::new(&["NAME"]);
        table.row("●".to_owned(), vec!["two\nlines".to_owned()]);
        assert_eq!(table.text(80).lines().count(), 2);
    }
}
