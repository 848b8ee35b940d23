//! The players who are refused whatever token they have: the value of `LIFTGATE_DENIED_PLAYERS`.

use std::collections::BTreeSet;

use shared::{
    config::environment::{list, variable},
    error::Error,
};

use crate::{config::issuers::IssuerConfig, id::is_id};

const VARIABLE: &str = "LIFTGATE_DENIED_PLAYERS";

const FORM: &str = "has to be players' ids with commas between, such as apple:000123,guest:9f86d0, or a JSON array of them, such as [\"apple:000123\",\"oidc:a,b\"]. An id has 1 to 255 visible ASCII characters, and outside an array none of \"';{}.";

/// Players' ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeniedPlayers(BTreeSet<String>);

impl DeniedPlayers {
    /// Reads the environment.
    ///
    /// # Errors
    /// As [`DeniedPlayers::parse`].
    pub fn from_env() -> Result<Self, Error> {
        Self::parse(&variable(VARIABLE).unwrap_or_default())
    }

    /// Reads ids with commas between, or a JSON array of them: an id may have a comma.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a text in another form, and for an item that can be nobody's id. Such an item would
    /// deny nobody, and nobody would notice.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let ids = if text.starts_with('[') {
            serde_json::from_str(text).map_err(|_| Error::bad_variable(VARIABLE, FORM))?
        } else {
            list(text)
        };
        let can_be = |id: &str| is_id(id) && (text.starts_with('[') || !is_of_another_form(id));
        match ids.iter().position(|id| !can_be(id)) {
            None => Ok(Self(ids.into_iter().collect())),
            Some(place) => Err(Error::bad_variable(VARIABLE, format!("{FORM} Number {} is no id.", place + 1))),
        }
    }

    /// Whether the issuer's player with this subject is denied. The id may stand there with the issuer's name in front
    /// and without: a ban outlives the change from one issuer to several, when the names come in front, and back.
    pub(crate) fn has(&self, issuer: &IssuerConfig, sub: &str) -> bool {
        !self.0.is_empty() && (self.0.contains(sub) || self.0.contains(&format!("{}:{sub}", issuer.name)))
    }
}

/// Whether an item looks like part of a list with other separators, of a shell's text or of other JSON.
fn is_of_another_form(item: &str) -> bool {
    item == "null" || item.contains(['"', '\'', ';', '{', '}'])
}

impl FromIterator<String> for DeniedPlayers {
    fn from_iter<I: IntoIterator<Item = String>>(ids: I) -> Self {
        Self(ids.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::config::{issuers::parse_issuers, url::PlainHttp};

    #[rstest]
    #[case::none("", &[])]
    #[case::one("a", &["a"])]
    #[case::several("a, b ,,c", &["a", "b", "c"])]
    #[case::lines("a,\n b\n", &["a", "b"])]
    #[case::array(" [\"a,b\", \"c;{'}\"]\n", &["a,b", "c;{'}"])]
    #[case::no_players("[]", &[])]
    fn ids_have_commas_between_or_stand_in_an_array(#[case] text: &str, #[case] ids: &[&str]) {
        assert_eq!(DeniedPlayers::parse(text).unwrap(), ids.iter().map(|id| (*id).to_owned()).collect());
    }

    #[test]
    fn a_ban_holds_with_the_issuers_name_in_front_and_without() {
        let json = r#"[{"provider":"apple","audiences":["a"]}]"#;
        let apple = parse_issuers(json, PlainHttp::Never).unwrap().remove(0);
        let denied = DeniedPlayers::parse("1,apple:2,google:3").unwrap();
        let of_apple = ["1", "2", "3", "apple:2"].map(|sub| denied.has(&apple, sub));
        // An issuer of our own has whole ids as subjects.
        assert_eq!(of_apple, [true, true, false, true]);
    }

    #[rstest]
    #[case::cut_off("[\"a\"")]
    #[case::numbers("[1]")]
    #[case::not_quoted("[a,b]")]
    #[case::more("[\"a\"],b")]
    #[case::spaces("a b")]
    #[case::semicolons("a;b")]
    #[case::lines("a\nb")]
    #[case::quotes("\"a\",\"b\"")]
    #[case::single_quotes("'a,b'")]
    #[case::null("null")]
    #[case::object("{\"a\":[\"b\"]}")]
    #[case::space_in_an_array("[\" a\"]")]
    #[case::empty_in_an_array("[\"\"]")]
    #[case::not_ascii("å")]
    fn what_can_be_nobodys_id_is_refused(#[case] text: &str) {
        assert!(DeniedPlayers::parse(text).unwrap_err().detail().contains("LIFTGATE_DENIED_PLAYERS"));
    }
}
