//! Where the values of an attribute are from.

use std::str::FromStr;

use flexmatch::{AttributeType, AttributeValue};
use rand::rngs::StdRng;

use crate::{
    bounds::is_sound,
    synthetic::{
        numbers::Numbers,
        weights::{Weighted, happens, read_pairs},
    },
};

/// How the values of an attribute are written on a command line.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// `normal(1500,300)` and other distributions of numbers.
    Numbers(Numbers),
    /// `choice(ctf:0.7,duel:0.3)`: one of these, by weight.
    Choice(Weighted<String>),
    /// `some(medic:0.2,tank:0.5)`: each of these, by its own probability.
    Some(Vec<(String, f64)>),
    /// `ctf`: always this.
    Always(String),
}

/// Values of an attribute's type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Values {
    Numbers(Numbers),
    ChoiceOfNumbers(Weighted<f64>),
    Texts(Weighted<String>),
    TextLists(Vec<(String, f64)>),
}

impl Source {
    /// The values for an attribute of this type.
    pub(crate) fn values(&self, kind: AttributeType) -> Result<Values, String> {
        match (kind, self) {
            (AttributeType::Number, Self::Numbers(numbers)) => Ok(Values::Numbers(*numbers)),
            (AttributeType::Number, Self::Choice(choice)) => choice
                .map(|text| match text.parse::<f64>() {
                    Ok(number) if is_sound(number) => Ok(number),
                    Ok(number) if !number.is_nan() => Err(format!("{text:?} is too large")),
                    _ => Err(not_a(text, kind)),
                })
                .map(Values::ChoiceOfNumbers),
            (AttributeType::Number, Self::Always(text)) => text.parse().map(Values::Numbers),
            (AttributeType::Text, Self::Choice(choice)) => Ok(Values::Texts(choice.clone())),
            (AttributeType::Text, Self::Always(text)) => Weighted::new(vec![(text.clone(), 1.0)]).map(Values::Texts),
            (AttributeType::TextList, Self::Some(texts)) => Ok(Values::TextLists(texts.clone())),
            (AttributeType::TextList, Self::Always(text)) => Ok(Values::TextLists(vec![(text.clone(), 1.0)])),
            (AttributeType::NumberMap, _) => Err(format!(
                "its type is {kind}, which cannot be drawn; give it a default, or give players in a file (--players)"
            )),
            (AttributeType::Number, _) => Err(wants(kind, "a distribution such as normal(1500,300)")),
            (AttributeType::Text, _) => Err(wants(kind, "a choice such as choice(ctf:0.7,duel:0.3)")),
            (AttributeType::TextList, _) => Err(wants(kind, "some of several, such as some(medic:0.2,tank:0.5)")),
        }
    }
}

fn not_a(text: &str, kind: AttributeType) -> String {
    format!("{text:?} is no {kind}")
}

fn wants(kind: AttributeType, example: &str) -> String {
    format!("its type is {kind}; give {example}")
}

impl Values {
    pub(crate) fn draw(&self, rng: &mut StdRng) -> AttributeValue {
        match self {
            Self::Numbers(numbers) => AttributeValue::Number(numbers.draw(rng)),
            Self::ChoiceOfNumbers(choice) => AttributeValue::Number(*choice.choose(rng)),
            Self::Texts(choice) => AttributeValue::Text(choice.choose(rng).clone()),
            Self::TextLists(texts) => {
                let drawn = texts.iter().filter(|(_, probability)| happens(*probability, rng));
                AttributeValue::TextList(drawn.map(|(text, _)| text.clone()).collect())
            }
        }
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let inside = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(choices) = inside("choice") {
            return choices.parse().map(Self::Choice);
        }
        if let Some(several) = inside("some") {
            let pairs = read_pairs(several)?;
            if let Some((name, probability)) = pairs.iter().find(|(_, probability)| *probability > 1.0) {
                return Err(format!("{name} has the probability {probability}; give 0 to 1"));
            }
            return if pairs.len() > 100 {
                Err("a list has at most 100 strings".to_owned())
            } else {
                Ok(Self::Some(pairs))
            };
        }
        if Numbers::is_named(text) {
            return text.parse().map(Self::Numbers);
        }
        match text.chars().count() {
            1..=100 => Ok(Self::Always(text.to_owned())),
            length => Err(format!("a value has 1 to 100 characters, this one has {length}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use flexmatch::{AttributeType, AttributeValue};
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::Source;

    fn draw(text: &str, kind: AttributeType) -> Result<AttributeValue, String> {
        let values = text.parse::<Source>()?.values(kind)?;
        Ok(values.draw(&mut StdRng::seed_from_u64(1)))
    }

    #[test]
    fn each_type_has_its_sources() {
        let text = |text: &str| AttributeValue::Text(text.to_owned());
        assert_eq!(draw("10", AttributeType::Number), Ok(AttributeValue::Number(10.0)));
        assert_eq!(draw("uniform(7,7)", AttributeType::Number), Ok(AttributeValue::Number(7.0)));
        assert_eq!(draw("choice(1:0,2:1)", AttributeType::Number), Ok(AttributeValue::Number(2.0)));
        assert_eq!(draw("10", AttributeType::Text), Ok(text("10")));
        assert_eq!(draw("choice(ctf:1,duel:0)", AttributeType::Text), Ok(text("ctf")));
        let list = AttributeValue::TextList(vec!["tank".to_owned()]);
        assert_eq!(draw("some(medic:0,tank:1)", AttributeType::TextList), Ok(list.clone()));
        assert_eq!(draw("tank", AttributeType::TextList), Ok(list));
    }

    #[test]
    fn a_source_of_another_type_is_refused() {
        let error = |text: &str, kind| draw(text, kind).unwrap_err();
        assert_eq!(
            error("normal(1,1)", AttributeType::Text),
            "its type is string; give a choice such as choice(ctf:0.7,duel:0.3)"
        );
        assert_eq!(error("choice(a:1)", AttributeType::Number), "\"a\" is no number");
        assert_eq!(error("choice(1e308:1,1:1)", AttributeType::Number), "\"1e308\" is too large");
        assert_eq!(error("choice(NaN:1,1:1)", AttributeType::Number), "\"NaN\" is no number");
        assert!(error("ctf", AttributeType::Number).starts_with("\"ctf\" is no distribution"));
        assert!(error("choice(a:1)", AttributeType::TextList).ends_with("such as some(medic:0.2,tank:0.5)"));
        assert!(error("1", AttributeType::NumberMap).contains("cannot be drawn"));
        assert_eq!(error("some(a:2)", AttributeType::TextList), "a has the probability 2; give 0 to 1");
        assert!(error("", AttributeType::Text).starts_with("a value has 1 to 100 characters"));
    }
}
