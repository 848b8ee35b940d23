//! The one SNS topic that all events are published to, and a sink's subscription to it.

use std::net::IpAddr;

use emulator_core::settings::Settings;
use reqwest::Url;
use uuid::Uuid;

/// A subscription to the topic.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) topic_arn: String,
    pub(crate) arn: String,
    /// Confirms it.
    pub(crate) token: String,
    /// Where the emulator stands in for SNS.
    sns: Url,
}

impl Subscription {
    /// Returns a new subscription to the topic of this account.
    pub(crate) fn new(settings: &Settings) -> Self {
        let topic_arn = format!("arn:aws:sns:{}:{}:gamelift-events", settings.region, settings.account);
        let host = match settings.host() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let sns = format!("http://{host}:{}/_emulator/sns", settings.port);
        Self {
            arn: format!("{topic_arn}:{}", Uuid::new_v4()),
            topic_arn,
            token: format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()),
            sns: Url::parse(&sns).expect("an address and a port make a URL"),
        }
    }

    /// Returns the URL that confirms the subscription.
    pub(crate) fn subscribe_url(&self) -> String {
        self.action(&[("Action", "ConfirmSubscription"), ("TopicArn", &self.topic_arn), ("Token", &self.token)])
    }

    /// Returns the URL that would end the subscription at AWS. Here it is refused.
    pub(crate) fn unsubscribe_url(&self) -> String {
        self.action(&[("Action", "Unsubscribe"), ("SubscriptionArn", &self.arn)])
    }

    /// Returns the URL at which AWS would have the certificate of the signature. Here it is not found.
    pub(crate) fn signing_cert_url(&self) -> String {
        format!("{}/no-certificate.pem", self.sns)
    }

    fn action(&self, parameters: &[(&str, &str)]) -> String {
        let mut url = self.sns.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        url.into()
    }
}
