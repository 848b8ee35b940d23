//! The form and the URL of a sink.

use std::str::FromStr;

use reqwest::Url;

/// The form in which a sink gets events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SinkForm {
    /// The envelope alone, as `EventBridge` gives it to a Lambda function.
    Envelope,
    /// An SNS notification over HTTP, after the subscription is confirmed.
    SnsHttp,
    /// The event that a Lambda function gets from SNS.
    SnsLambda,
}

const FORMS: [SinkForm; 3] = [SinkForm::Envelope, SinkForm::SnsHttp, SinkForm::SnsLambda];

impl SinkForm {
    /// Returns the form's name in the flag.
    pub fn name(self) -> &'static str {
        match self {
            Self::Envelope => "envelope",
            Self::SnsHttp => "sns-http",
            Self::SnsLambda => "sns-lambda",
        }
    }
}

/// Where a sink is and what it gets: `[FORM=]URL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkTarget {
    /// The form; without one in the text, the envelope.
    pub form: SinkForm,
    /// An `http://` URL.
    pub url: Url,
}

impl SinkTarget {
    /// Returns the URL without what may be secret: scheme, host and port are left.
    pub(crate) fn shown(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

impl FromStr for SinkTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (form, url) = match text.split_once('=') {
            // A URL may have "=" in its query.
            Some((form, url)) if !form.contains(':') => (parse_form(form)?, url),
            _ => (SinkForm::Envelope, text),
        };
        if url.starts_with("https://") {
            return Err("this build speaks no TLS to others: give an http:// URL. The form is [FORM=]URL".to_owned());
        }
        if !url.starts_with("http://") {
            return Err(format!("{url:?} does not begin with http://: give an http:// URL. The form is [FORM=]URL"));
        }
        let url = Url::parse(url).map_err(|error| format!("the URL cannot be read: {error}"))?;
        Ok(Self { form, url })
    }
}

fn parse_form(name: &str) -> Result<SinkForm, String> {
    FORMS.into_iter().find(|form| form.name() == name).ok_or_else(|| {
        let names = FORMS.map(SinkForm::name).join(", ");
        format!("there is no form {name:?}, only {names}. The form is [FORM=]URL")
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://127.0.0.1:3000/events", SinkForm::Envelope, "http://127.0.0.1:3000")]
    #[case("envelope=http://localhost:9000/a", SinkForm::Envelope, "http://localhost:9000")]
    #[case("http://localhost/secret?key=secret", SinkForm::Envelope, "http://localhost")]
    #[case("http://[::1]:80/hooks/secret#secret", SinkForm::Envelope, "http://[::1]")]
    #[case("sns-http=http://me:secret@localhost:3000?a=b", SinkForm::SnsHttp, "http://localhost:3000")]
    #[case(
        "sns-lambda=http://127.0.0.1:9000/2015-03-31/functions/news/invocations",
        SinkForm::SnsLambda,
        "http://127.0.0.1:9000"
    )]
    fn a_sink_is_a_form_and_a_url(#[case] text: &str, #[case] form: SinkForm, #[case] shown: &str) {
        let target: SinkTarget = text.parse().unwrap();
        assert_eq!((target.form, target.shown().as_str()), (form, shown));
    }

    #[rstest]
    #[case("https://127.0.0.1", "this build speaks no TLS to others: give an http:// URL")]
    #[case("sns-http=https://127.0.0.1", "this build speaks no TLS to others: give an http:// URL")]
    #[case("localhost:9555", "\"localhost:9555\" does not begin with http://: give an http:// URL")]
    #[case("sns-http=127.0.0.1:3000", "\"127.0.0.1:3000\" does not begin with http://")]
    #[case("sns-http", "\"sns-http\" does not begin with http://")]
    #[case("http://", "the URL cannot be read: empty host")]
    #[case("sqs=http://127.0.0.1", "there is no form \"sqs\", only envelope, sns-http, sns-lambda")]
    #[case("=http://127.0.0.1", "there is no form \"\"")]
    fn a_mistake_says_what_would_be_right(#[case] text: &str, #[case] expected: &str) {
        let message = text.parse::<SinkTarget>().unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
}
