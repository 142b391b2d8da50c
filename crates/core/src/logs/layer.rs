//! Turns tracing events into records: the message, the server (from the event or the span around it), the fields.
use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    layer::Context,
    registry::LookupSpan,
};

use super::{Level, LogLine, line::printable, writer::Outlet};

/// Our own crates at the chosen level, everybody else's from `warn` on.
pub(super) fn filter(level: Level) -> Targets {
    Targets::new().with_default(LevelFilter::WARN).with_target("mcpproxy", level.filter())
}

/// The field that holds a list.
const RUN_ARGS: &str = "docker_run_args";

/// The layer.
pub(super) struct RecordLayer {
    outlet: Outlet,
}

impl RecordLayer {
    pub(super) const fn new(outlet: Outlet) -> Self {
        Self { outlet }
    }
}

/// What a span says about the server its events belong to.
struct SpanServer(String);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for RecordLayer {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let mut collected = Collected::default();
        attributes.record(&mut collected);
        if let (Some(Value::String(server)), Some(span)) =
            (collected.fields.shift_remove("server"), context.span(id))
        {
            span.extensions_mut().insert(SpanServer(server));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut collected = Collected::default();
        event.record(&mut collected);
        let server = match collected.fields.shift_remove("server") {
            Some(Value::String(server)) => Some(server),
            _ => context.event_scope(event).and_then(|mut scope| {
                scope.find_map(|span| span.extensions().get::<SpanServer>().map(|server| server.0.clone()))
            }),
        };
        let metadata = event.metadata();
        let file = metadata.file().map_or("", |path| path.rsplit(['/', '\\']).next().unwrap_or(path));
        self.outlet.send(LogLine {
            time: Some(Timestamp::now()),
            level: Level::from(*metadata.level()),
            place: format!("{file}:{}", metadata.line().unwrap_or(0)),
            message: collected.message,
            server,
            fields: collected.fields,
        });
    }
}

#[derive(Default)]
struct Collected {
    message: String,
    fields: Map<String, Value>,
}

impl Collected {
    fn put(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            (name, value) => {
                self.fields.insert(name.to_owned(), value);
            }
        }
    }
}

impl Visit for Collected {
    fn record_str(&mut self, field: &Field, value: &str) {
        let value = match field.name() {
            // People look for this list as it is written in JSON; a string would put a backslash before each quote.
            RUN_ARGS => serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned())),
            _ => Value::String(printable(value).into_owned()),
        };
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.put(field, Value::String(printable(&format!("{value:?}")).into_owned()));
    }
}
