//! Every default that can be weakened has one row here: the configuration key, the field of the Engine API it
//! changes, the sentence a person reads, and the points of the posture it costs.

/// One kind of relaxation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Stable name.
    pub name: &'static str,
    /// The configuration key that asks for it.
    pub key: &'static str,
    /// The field of the Engine API that it changes.
    pub field: &'static str,
    /// The sentence of the catalogue.
    pub sentence: &'static str,
    /// What it costs of the hundred points.
    pub points: u8,
}

/// A default that this plan relaxes, and how far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relaxation {
    /// Its row.
    pub row: &'static Row,
    /// The value that stands in the place of the default.
    pub value: String,
    /// Why, where not the person but the runtime table asks for it.
    pub because: Option<String>,
}
