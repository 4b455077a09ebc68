//! Metrics as OpenMetrics text.

use std::fmt;

use anyhow::{Context as _, Result};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::Registry;

use super::families::{Family, Kind, Number, Sample};

/// The text, up to its `# EOF`.
pub(super) fn encode(families: Vec<Family>) -> Result<String> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Families(families)));
    let mut encoded = String::new();
    text::encode(&mut encoded, &registry).context("can't write the metrics")?;
    Ok(encoded)
}

#[derive(Debug)]
struct Families(Vec<Family>);

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for family in &self.0 {
            let metric_type = match family.kind {
                Kind::Unknown => MetricType::Unknown,
                Kind::Counter => MetricType::Counter,
                Kind::Gauge => MetricType::Gauge,
            };
            // The format ends the name of a counter's samples with `_total` itself.
            let name = match family.kind {
                Kind::Counter => family.name.trim_end_matches("_total"),
                _ => &family.name,
            };
            let mut metric = encoder.encode_descriptor(name, &family.help, None, metric_type)?;
            for Sample { labels, value } in &family.samples {
                match labels.is_empty() {
                    true => encode_value(&mut metric, family.kind, *value)?,
                    false => encode_value(&mut metric.encode_family(labels)?, family.kind, *value)?,
                }
            }
        }
        Ok(())
    }
}

fn encode_value(metric: &mut MetricEncoder<'_>, kind: Kind, value: Number) -> fmt::Result {
    let none = None::<&Exemplar<NoLabelSet, f64>>;
    match (kind, value) {
        (Kind::Counter, Number::Unsigned(value)) => metric.encode_counter(&value, none),
        (Kind::Counter, Number::Signed(value)) => metric.encode_counter(&(value as f64), none),
        (Kind::Counter, Number::Float(value)) => metric.encode_counter(&value, none),
        (_, Number::Unsigned(value)) => metric.encode_gauge(&value),
        (_, Number::Signed(value)) => metric.encode_gauge(&value),
        (_, Number::Float(value)) => metric.encode_gauge(&value),
    }
}
