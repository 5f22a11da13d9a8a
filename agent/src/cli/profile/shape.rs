//! A portrait as JSON.

use hostward_engine::portrait::{Distribution, Interval, Outlier, Portrait, Season};
use hostward_model::time::rfc3339;
use serde_json::{Map, Value, json};

/// Everything that is known; what could not be found out is null.
pub fn value(name: &str, is_rate: bool, portrait: &Portrait) -> Value {
    let sampling = &portrait.sampling;
    json!({
        "series": name,
        "rate": is_rate,
        "count": sampling.count,
        "missing": sampling.missing,
        "duplicates": sampling.duplicates,
        "late": sampling.late,
        "from": sampling.span_ms.map(|(from, _)| rfc3339(from)),
        "to": sampling.span_ms.map(|(_, to)| rfc3339(to)),
        "interval": sampling.interval.map(interval),
        "distribution": portrait.distribution.as_ref().map(distribution),
        "trend": portrait.trend.map(|own| json!({ "perDay": own.per_day, "tau": own.tau, "sure": own.is_sure })),
        "seasons": portrait.seasons.iter().map(season).collect::<Vec<_>>(),
        "stationarity": portrait.stationarity.map(|own| json!({ "statistic": own.statistic, "stationary": own.is_stationary })),
        "outliers": {
            "count": portrait.outliers.count,
            "share": portrait.outliers.share,
            "farthest": portrait.outliers.farthest.iter().map(outlier).collect::<Vec<_>>(),
        },
        "quality": {
            "score": portrait.quality.score,
            "reasons": portrait.quality.reasons.iter().map(|own| json!({ "cost": own.cost, "text": own.text })).collect::<Vec<_>>(),
        },
    })
}

fn interval(own: Interval) -> Value {
    json!({
        "medianSeconds": own.median_ms / 1000.0,
        "jitterSeconds": own.jitter_ms / 1000.0,
        "gaps": own.gaps,
        "longestGapSeconds": own.longest_gap_ms as f64 / 1000.0,
        "absent": own.absent,
    })
}

fn distribution(own: &Distribution) -> Value {
    let quantiles = own.quantiles.iter().map(|(share, value)| (share.to_string(), json!(value)));
    json!({
        "count": own.count,
        "distinct": own.distinct,
        "zeros": own.zeros,
        "shape": own.shape.as_str(),
        "mean": own.moments.mean,
        "deviation": own.moments.deviation,
        "skewness": own.moments.skewness,
        "kurtosis": own.moments.kurtosis,
        "quantiles": quantiles.collect::<Map<_, _>>(),
        "histogram": own.histogram,
    })
}

fn season(own: &Season) -> Value {
    json!({ "name": own.name, "periodSeconds": own.period_ms / 1000.0, "strength": own.strength })
}

fn outlier(own: &Outlier) -> Value {
    json!({ "at": rfc3339(own.at_ms), "value": own.value, "score": own.score })
}
