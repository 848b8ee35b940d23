//! The AWS SDK's client, which has all capabilities.

use aws_sdk_gameliftstreams::{
    Client, Config,
    config::{self, retry::RetryConfig, timeout::TimeoutConfig},
    operation::{get_stream_session::GetStreamSessionOutput, start_stream_session::StartStreamSessionOutput},
    types::{
        LocationState, PerformanceStatsConfiguration, Protocol, ReplicationStatusType, StreamGroupLocationStatus,
        StreamSessionStatus, StreamSessionSummary,
    },
};
use shared::Error;

use crate::{
    arns::last_part,
    streams::api::{
        Application, CONNECT_TIME, ConnectToStreamSession, GAME, GetApplication, GetStreamGroup, GetStreamSession,
        GroupLocation, ListStreamSessions, ListedStreamSession, MARK, NewStreamSession, StartStreamSession,
        StreamGroup, StreamSession, StreamSessionPage, TerminateStreamSession,
    },
    upstream::{
        failure::{self, incomplete},
        operation::Operation,
    },
};

/// The largest page that AWS takes.
const PAGE: i32 = 100;

/// Makes a stream session from either output, which have the same members.
macro_rules! described {
    ($output:ident, $status:expr) => {{
        let mut variables = $output.additional_environment_variables.unwrap_or_default();
        StreamSession {
            arn: $output.arn.unwrap_or_default(),
            user_id: $output.user_id,
            status: $status,
            status_reason: $output.status_reason.map(|reason| reason.as_str().to_owned()),
            application_arn: $output.application_arn,
            location: $output.location,
            signal_request: $output.signal_request,
            signal_response: $output.signal_response,
            connection_timeout_seconds: $output.connection_timeout_seconds,
            mark: variables.remove(MARK),
            game: variables.remove(GAME),
            created_at: $output.created_at,
            last_updated_at: $output.last_updated_at,
        }
    }};
}

impl StartStreamSession for Client {
    async fn start_stream_session(&self, new: &NewStreamSession<'_>) -> Result<StreamSession, Error> {
        let stats = new.share_performance_stats;
        let stats = stats.map(|share| PerformanceStatsConfiguration::builder().shared_with_client(share).build());
        let own = [(MARK, Some(new.mark)), (GAME, new.game)];
        let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        let call = self
            .start_stream_session()
            .client_token(&new.client_token)
            .identifier(new.stream_group)
            .application_identifier(new.application)
            .user_id(new.user_id)
            .protocol(Protocol::Webrtc)
            .signal_request(new.signal_request)
            .set_locations(listed(&new.locations))
            .set_description(new.description.map(str::to_owned))
            .set_connection_timeout_seconds(new.connection_timeout_seconds)
            .set_session_length_seconds(new.session_length_seconds)
            .set_additional_launch_args(listed(&new.launch_args))
            .set_additional_environment_variables(listed_by_name(new.environment.iter().cloned().chain(own)))
            .set_performance_stats_configuration(stats);
        let call = call.customize().config_override(once());
        let output: StartStreamSessionOutput =
            call.send().await.map_err(|error| failure::error(Operation::StartStreamSession, error))?;
        let status = output.status.clone().unwrap_or(StreamSessionStatus::Activating);
        Ok(described!(output, status))
    }
}

impl GetStreamSession for Client {
    async fn get_stream_session(&self, group: &str, id: &str) -> Result<StreamSession, Error> {
        let call = self.get_stream_session().identifier(group).stream_session_identifier(id);
        let call = call.customize().config_override(once());
        let output: GetStreamSessionOutput =
            call.send().await.map_err(|error| failure::error(Operation::GetStreamSession, error))?;
        let status = output.status.clone().ok_or_else(|| incomplete(Operation::GetStreamSession))?;
        Ok(described!(output, status))
    }
}

impl ListStreamSessions for Client {
    async fn list_stream_sessions(
        &self,
        group: &str,
        status: Option<StreamSessionStatus>,
        next_token: Option<String>,
    ) -> Result<StreamSessionPage, Error> {
        let call = self.list_stream_sessions().identifier(group).set_status(status).max_results(PAGE);
        let call = call.set_next_token(next_token).customize().config_override(once());
        let output = call.send().await.map_err(|error| failure::error(Operation::ListStreamSessions, error))?;
        let sessions = output.items.unwrap_or_default().into_iter();
        let listed = |session: StreamSessionSummary| ListedStreamSession {
            arn: session.arn.unwrap_or_default(),
            user_id: session.user_id,
            status: session.status,
            application_arn: session.application_arn,
            created_at: session.created_at,
        };
        Ok(StreamSessionPage { sessions: sessions.map(listed).collect(), next_token: output.next_token })
    }
}

impl ConnectToStreamSession for Client {
    async fn connect(&self, group: &str, id: &str, client_token: &str, offer: &str) -> Result<String, Error> {
        let call = self
            .create_stream_session_connection()
            .client_token(client_token)
            .identifier(group)
            .stream_session_identifier(id)
            .signal_request(offer);
        let patient = TimeoutConfig::builder().operation_attempt_timeout(CONNECT_TIME).build();
        let patient = once().timeout_config(patient);
        let call = call.customize().config_override(patient);
        let output =
            call.send().await.map_err(|error| failure::error(Operation::CreateStreamSessionConnection, error))?;
        output.signal_response.ok_or_else(|| incomplete(Operation::CreateStreamSessionConnection))
    }
}

impl TerminateStreamSession for Client {
    async fn terminate_stream_session(&self, group: &str, id: &str) -> Result<(), Error> {
        let call = self.terminate_stream_session().identifier(group).stream_session_identifier(id);
        call.customize()
            .config_override(once())
            .send()
            .await
            .map_err(|error| failure::error(Operation::TerminateStreamSession, error))?;
        Ok(())
    }
}

impl GetStreamGroup for Client {
    async fn get_stream_group(&self, group: &str) -> Result<StreamGroup, Error> {
        let call = self.get_stream_group().identifier(group);
        let output = call.send().await.map_err(|error| failure::error(Operation::GetStreamGroup, error))?;
        let status = output.status.ok_or_else(|| incomplete(Operation::GetStreamGroup))?;
        let locations = output.location_states.unwrap_or_default().into_iter().map(location).collect();
        let default = output.default_application.and_then(|application| application.id);
        let associated = output.associated_applications.unwrap_or_default();
        let applications = default.into_iter().chain(associated).map(|name| last_part(&name).to_owned()).collect();
        Ok(StreamGroup { status, locations, applications })
    }
}

impl GetApplication for Client {
    async fn get_application(&self, application: &str) -> Result<Application, Error> {
        let call = self.get_application().identifier(application);
        let output = call.send().await.map_err(|error| failure::error(Operation::GetApplication, error))?;
        let replications = output.replication_statuses.unwrap_or_default().into_iter().map(|replication| {
            let is_complete = replication.status == Some(ReplicationStatusType::Completed);
            (replication.location.unwrap_or_default(), is_complete)
        });
        Ok(Application {
            arn: output.arn,
            runtime: output.runtime_environment.map(|environment| environment.r#type),
            replications: replications.collect(),
        })
    }
}

/// Switches the SDK's retries off, because the callers repeat their calls in their own rhythm. When many players come
/// at once, throttling lasts longer than the SDK's retries.
fn once() -> config::Builder {
    Config::builder().retry_config(RetryConfig::disabled())
}

fn location(state: LocationState) -> GroupLocation {
    let always_on_capacity = state.always_on_capacity.unwrap_or_default();
    // A group that was made before MaximumCapacity existed reports only this.
    let grown = always_on_capacity + state.on_demand_capacity.unwrap_or_default();
    GroupLocation {
        name: state.location_name.unwrap_or_default(),
        is_active: state.status == Some(StreamGroupLocationStatus::Active),
        always_on_capacity,
        maximum_capacity: state.maximum_capacity.unwrap_or_default().max(grown),
        idle_capacity: state.idle_capacity.unwrap_or_default(),
    }
}

/// The items, or `None` for none: AWS refuses an empty list.
fn listed(items: &[String]) -> Option<Vec<String>> {
    (!items.is_empty()).then(|| items.to_vec())
}

fn listed_by_name<M>(items: impl Iterator<Item = (String, String)>) -> Option<M>
where
    M: FromIterator<(String, String)>,
{
    let mut items = items.peekable();
    items.peek().is_some().then_some(())?;
    Some(items.collect())
}
