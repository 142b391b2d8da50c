//! Finding tools by words. The ranking comes from a library behind [`Index`], so that it can be exchanged.

use std::sync::Arc;

use bm25::{DefaultTokenizer, Embedder, EmbedderBuilder, Language, LanguageMode, Scorer};

/// A document found: its place in the list the index was built from, and how well it fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Found {
    pub(crate) place: usize,
    pub(crate) score: f32,
}

/// Ranks documents by words. Equal input gives equal output: ties go by place.
pub(crate) trait Index: Send + Sync {
    /// The documents that share a word with `query`, best first.
    fn search(&self, query: &str, limit: usize) -> Vec<Found>;
}

/// Builds an index over documents, in the order given.
pub(crate) fn build(documents: &[String]) -> Arc<dyn Index> {
    let texts: Vec<String> = documents.iter().map(|document| words(document)).collect();
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let embedder = EmbedderBuilder::<u32, DefaultTokenizer>::with_fit_to_corpus(
        LanguageMode::Fixed(Language::English),
        &borrowed,
    )
    .build();
    let mut scorer = Scorer::new();
    for (place, text) in borrowed.iter().enumerate() {
        scorer.upsert(&place, embedder.embed(text));
    }
    Arc::new(Bm25 { embedder, scorer })
}

struct Bm25 {
    embedder: Embedder<u32, DefaultTokenizer>,
    scorer: Scorer<usize, u32>,
}

impl Index for Bm25 {
    fn search(&self, query: &str, limit: usize) -> Vec<Found> {
        let mut found: Vec<Found> = self
            .scorer
            .matches(&self.embedder.embed(&words(query)))
            .into_iter()
            .filter(|document| document.score > 0.0)
            .map(|document| Found { place: document.id, score: document.score })
            .collect();
        // The library leaves equal scores in the order of a hash map.
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.place.cmp(&b.place)));
        found.truncate(limit);
        found
    }
}

/// Identifiers as the words they are made of, beside the identifiers themselves:
/// `createIssue_v2` is found by "create issue" too.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    out.push_str(text);
    out.push(' ');
    let mut before = ' ';
    for letter in text.chars() {
        if !letter.is_alphanumeric() {
            out.push(' ');
        } else {
            if letter.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) {
                out.push(' ');
            }
            out.push(letter);
        }
        before = letter;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index() -> Arc<dyn Index> {
        build(&[
            "github create_issue Create a new issue in a repository".to_owned(),
            "github listPullRequests List pull requests of a repository".to_owned(),
            "time get_current_time Get the current time in a timezone".to_owned(),
        ])
    }

    fn places(query: &str) -> Vec<usize> {
        index().search(query, 10).into_iter().map(|found| found.place).collect()
    }

    #[test]
    fn the_tool_that_fits_best_comes_first() {
        assert_eq!(places("create an issue")[0], 0);
        assert_eq!(places("current time")[0], 2);
    }

    #[test]
    fn parts_of_identifiers_are_found() {
        assert_eq!(places("pull")[0], 1);
        assert_eq!(places("listPullRequests")[0], 1);
        assert_eq!(places("get_current_time")[0], 2);
    }

    #[test]
    fn a_query_without_a_match_finds_nothing() {
        assert!(places("zebra").is_empty());
        assert!(places("").is_empty());
        assert!(build(&[]).search("x", 5).is_empty());
    }

    #[test]
    fn equal_documents_keep_their_order() {
        let same = vec!["read a file".to_owned(); 40];
        let found: Vec<usize> =
            build(&same).search("file", 40).into_iter().map(|found| found.place).collect();
        assert_eq!(found, (0..40).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn results_are_stable_bounded_and_sorted(
            documents in proptest::collection::vec("[a-z]{1,4}( [a-z]{1,4}){0,6}", 0..30),
            query in "[a-z]{1,4}( [a-z]{1,4}){0,3}",
            limit in 0_usize..10,
        ) {
            let first = build(&documents).search(&query, limit);
            let second = build(&documents).search(&query, limit);
            prop_assert_eq!(&first, &second);
            prop_assert!(first.len() <= limit);
            prop_assert!(first.windows(2).all(|pair| pair[0].score >= pair[1].score));
            prop_assert!(first.iter().all(|found| found.place < documents.len()));
        }
    }
}
