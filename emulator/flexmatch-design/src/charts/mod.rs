//! Charts of a simulation as SVG.

pub(crate) mod charts_of;
pub(crate) mod line_chart;
