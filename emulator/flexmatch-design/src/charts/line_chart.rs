//! A chart of lines over time.

use plotters::{
    drawing::DrawingAreaErrorKind,
    prelude::{
        ChartBuilder, Color as _, IntoDrawingArea as _, LineSeries, PathElement, RGBColor, SVGBackend,
        SeriesLabelPosition, WHITE,
    },
};

const SIZE: (u32, u32) = (720, 300);
/// Blue, orange and green, which people who see colours differently tell apart (Okabe and Ito).
const COLOURS: [RGBColor; 3] = [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115)];
const FONT: &str = "sans-serif";
/// Greater values are left out: an axis to an infinite one has no end.
const GREATEST: f64 = 1e300;

/// A chart.
#[derive(Clone, Debug)]
pub(crate) struct LineChart {
    pub(crate) title: String,
    /// What the numbers are, such as `seconds`.
    pub(crate) unit: &'static str,
    /// Three at most.
    pub(crate) lines: Vec<Line>,
}

/// A line of a chart.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    /// Seconds and values.
    pub(crate) points: Vec<(f64, f64)>,
}

impl Line {
    /// The points that can be drawn.
    fn drawn(&self) -> impl Iterator<Item = (f64, f64)> {
        self.points.iter().copied().filter(|(_, value)| *value <= GREATEST)
    }
}

impl LineChart {
    /// The chart as an SVG document.
    pub(crate) fn svg(&self) -> String {
        let mut svg = String::new();
        self.draw(&mut svg).expect("a string takes everything that is drawn");
        svg
    }

    fn draw(&self, svg: &mut String) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
        let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let greatest =
            |axis: fn((f64, f64)) -> f64| self.lines.iter().flat_map(Line::drawn).map(axis).fold(0.0, f64::max);
        let end = greatest(|point| point.0);
        let (unit_of_time, seconds) = if end > 180.0 { ("minutes", 60.0) } else { ("seconds", 1.0) };
        // An axis has a length, also if all values are 0.
        let (width, height) = ((end / seconds).max(1.0), (greatest(|point| point.1) * 1.1).max(1.0));
        let mut chart = ChartBuilder::on(&area)
            .caption(&self.title, (FONT, 18))
            .margin(10)
            .x_label_area_size(36)
            .y_label_area_size(56)
            .build_cartesian_2d(0.0..width, 0.0..height)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(WHITE)
            .x_desc(unit_of_time)
            .y_desc(self.unit)
            .label_style((FONT, 13))
            .draw()?;
        for (line, colour) in self.lines.iter().zip(COLOURS) {
            let points = line.drawn().map(|(time, value)| (time / seconds, value));
            let series = chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
            series
                .label(line.name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE.mix(0.8))
            .label_font((FONT, 13))
            .draw()?;
        area.present()
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, LineChart};

    #[test]
    fn a_chart_of_values_that_cannot_be_drawn_is_a_chart_without_them() {
        let chart = |points: &[(f64, f64)]| {
            let lines = vec![Line { name: "line", points: points.to_vec() }];
            LineChart { title: "Differences".to_owned(), unit: "points", lines }.svg()
        };
        let sound = [(0.0, 1.0), (60.0, 2.0)];
        let unsound = [f64::INFINITY, f64::NAN, f64::MAX].map(|value| (30.0, value));
        assert_eq!(chart(&[&sound[..], &unsound].concat()), chart(&sound));
        assert!(chart(&[(0.0, 1e300)]).ends_with("</svg>\n"));
    }
}
