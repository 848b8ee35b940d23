//! The stream group and its applications.

use aws::{arns::last_part, streams::GetStreamGroup};
use aws_sdk_gameliftstreams::types::StreamGroupStatus;
use matchmaking::config::StreamConfig;
use shared::Code;

use crate::{
    checks::unanswered::Look,
    report::{Check, Status},
};

const NAME: &str = "streams";
const GROUP: &str = "LIFTGATE_STREAM_GROUP";
const APPLICATIONS: &str = "LIFTGATE_STREAM_APPLICATIONS";

pub(crate) async fn check(streams: &impl GetStreamGroup, config: Option<&StreamConfig>, look: Look) -> Check {
    let Some(config) = config else {
        return Check::of(NAME, Status::Ok, format!("{GROUP} is not set. There are no streams."));
    };
    let mut check = Check::new(NAME);
    let group = match streams.get_stream_group(&config.stream_group).await {
        Ok(group) => group,
        Err(error) => {
            if error.code() == Code::StreamMisconfigured {
                let detail = format!(
                    "There is no such stream group as {GROUP} names in this account and Region. Correct it, or create the group."
                );
                check.find(Status::Unhealthy, detail);
                check.because(&error);
            } else {
                look.failed(&mut check, &error);
            }
            return check;
        }
    };
    let state = match group.status {
        StreamGroupStatus::Active => None,
        StreamGroupStatus::ActiveWithErrors => Some((
            Status::Degraded,
            "works with errors: some of its locations do not. Remove these, and add them again.",
        )),
        StreamGroupStatus::UpdatingLocations => {
            Some((Status::Degraded, "is changing its locations. Those that stay work meanwhile."))
        }
        StreamGroupStatus::Activating => {
            Some((Status::Unhealthy, "is ACTIVATING, which takes some minutes. Wait until it is ACTIVE."))
        }
        StreamGroupStatus::Expired => Some((
            Status::Unhealthy,
            "is EXPIRED: GameLift Streams ends each group after a year. Create another one, and name that.",
        )),
        _ => Some((
            Status::Unhealthy,
            "is not ACTIVE. Its StatusReason in GetStreamGroup says why; mend that, or create another group.",
        )),
    };
    if let Some((status, why)) = state {
        check.find(status, format!("The stream group in {GROUP} {why}"));
    }
    for (number, application) in config.applications.iter().enumerate() {
        if group.applications.iter().any(|own| own == last_part(application)) {
            continue;
        }
        // The first is the one that is streamed where a client names none.
        let status = if number == 0 { Status::Unhealthy } else { Status::Degraded };
        let place = format!("Entry {} of {APPLICATIONS}", number + 1);
        check.find(
            status,
            format!("{place}: the stream group does not have this application. Associate it with AssociateApplications, or take it out."),
        );
        check.cause(format!("{place} is {application}."));
    }
    check.or_fine("The stream group is ACTIVE, and has every application.")
}
