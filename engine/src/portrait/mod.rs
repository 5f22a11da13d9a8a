//! What a series is like.

mod quantile;

pub use quantile::quantile;
