//! The table of the operations and their methods and paths.

use std::sync::Arc;

use axum::{
    Router,
    http::Method,
    routing::{MethodFilter, on},
};
use emulator_core::service::Shared;

use crate::{
    operation::{Operation, serve},
    operations::{
        add_stream_group_locations, associate_applications, create_application, create_stream_group,
        create_stream_session_connection, delete_application, delete_stream_group, disassociate_applications,
        export_stream_session_files, get_application, get_stream_group, get_stream_session, list_applications,
        list_stream_groups, list_stream_sessions, list_stream_sessions_by_account, list_tags_for_resource,
        remove_stream_group_locations, start_stream_session, tag_resource, terminate_stream_session, untag_resource,
        update_application, update_stream_group,
    },
    state::whole::State,
};

macro_rules! table {
    ($($module:ident::$operation:ident),* $(,)?) => {
        /// Every operation the emulator has, by method and path.
        pub(crate) fn routes() -> Router<Arc<Shared<State>>> {
            Router::new()$(.route(
                <$module::$operation as Operation>::PATH,
                on(<$module::$operation as Operation>::METHOD, serve::<$module::$operation>),
            ))*
        }

        /// The table as data: method, path and name.
        const TABLE: &[(MethodFilter, &str, &str)] = &[$((
            <$module::$operation as Operation>::METHOD,
            <$module::$operation as Operation>::PATH,
            <$module::$operation as Operation>::NAME,
        )),*];
    };
}

table! {
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

/// Returns the name of the operation with this method and path, if the emulator has it.
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
