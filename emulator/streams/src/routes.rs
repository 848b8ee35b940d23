//! Which request is which operation. A new operation is a line in the list.

use std::sync::Arc;

use axum::{
    Router,
    http::Method,
    routing::{MethodFilter, on},
};

use crate::{operation::Operation, operations, serve::serve, service::Streams};

macro_rules! routes {
    ($($module:ident::$operation:ident),* $(,)?) => {
        /// Every operation the emulator has, by method and path.
        fn routes() -> Router<Arc<Streams>> {
            Router::new()$(.route(
                <operations::$module::$operation as Operation>::PATH,
                on(<operations::$module::$operation as Operation>::METHOD, serve::<operations::$module::$operation>),
            ))*
        }

        /// The same as a list: method, path and name.
        const TABLE: &[(MethodFilter, &str, &str)] = &[$((
            <operations::$module::$operation as Operation>::METHOD,
            <operations::$module::$operation as Operation>::PATH,
            <operations::$module::$operation as Operation>::NAME,
        )),*];
    };
}

routes! {
    add_stream_group_locations::AddStreamGroupLocations,
    associate_applications::AssociateApplications,
    create_application::CreateApplication,
    create_stream_group::CreateStreamGroup,
    create_stream_session_connection::CreateStreamSessionConnection,
    delete_application::DeleteApplication,
    delete_stream_group::DeleteStreamGroup,
    disassociate_applications::DisassociateApplications,
    export_stream_session_files::ExportStreamSessionFiles,
    get_application::GetApplication,
    get_stream_group::GetStreamGroup,
    get_stream_session::GetStreamSession,
    list_applications::ListApplications,
    list_stream_groups::ListStreamGroups,
    list_stream_sessions::ListStreamSessions,
    list_stream_sessions_by_account::ListStreamSessionsByAccount,
    list_tags_for_resource::ListTagsForResource,
    remove_stream_group_locations::RemoveStreamGroupLocations,
    start_stream_session::StartStreamSession,
    tag_resource::TagResource,
    terminate_stream_session::TerminateStreamSession,
    untag_resource::UntagResource,
    update_application::UpdateApplication,
    update_stream_group::UpdateStreamGroup,
}

/// The routes of every operation the emulator has.
pub fn router(streams: Arc<Streams>) -> Router {
    routes().with_state(streams)
}

/// The operation that is called with this method and path, if the emulator has it.
pub fn operation_at(method: &Method, path: &str) -> Option<&'static str> {
    let method = MethodFilter::try_from(method.clone()).ok()?;
    let fits = |pattern: &str| {
        pattern.split('/').count() == path.split('/').count()
            && pattern.split('/').zip(path.split('/')).all(|(part, given)| part.starts_with('{') || part == given)
    };
    TABLE.iter().find(|(by, pattern, _)| *by == method && fits(pattern)).map(|(.., name)| *name)
}

#[cfg(test)]
mod tests {
    use emulator_core::model::operations;

    use super::TABLE;

    #[test]
    fn there_is_a_handler_for_each_operation_that_is_named_and_no_other() {
        let mut handled: Vec<_> = TABLE.iter().map(|(.., name)| *name).collect();
        let mut named: Vec<_> = operations::names(operations::STREAMS).collect();
        handled.sort_unstable();
        named.sort_unstable();
        assert_eq!(handled, named);
    }
}
