//! One file per API operation. A new operation is a new file and a line in the list.

mod add_stream_group_locations;
mod associate_applications;
mod create_application;
mod create_stream_group;
mod create_stream_session_connection;
mod delete_application;
mod delete_stream_group;
mod disassociate_applications;
mod export_stream_session_files;
mod get_application;
mod get_stream_group;
mod get_stream_session;
mod list_applications;
mod list_stream_groups;
mod list_stream_sessions;
mod list_stream_sessions_by_account;
mod list_tags_for_resource;
mod remove_stream_group_locations;
mod start_stream_session;
mod tag_resource;
mod terminate_stream_session;
mod untag_resource;
mod update_application;
mod update_stream_group;

use std::sync::Arc;

use axum::{
    Router,
    routing::{MethodFilter, on},
};

use super::{Operation, Streams, serve};

macro_rules! routes {
    ($($module:ident::$operation:ident),* $(,)?) => {
        /// Every operation the emulator has, by method and path.
        pub(super) fn routes() -> Router<Arc<Streams>> {
            Router::new()$(.route(
                <$module::$operation as Operation>::PATH,
                on(<$module::$operation as Operation>::METHOD, serve::<$module::$operation>),
            ))*
        }

        /// The same as a list: method, path and name.
        pub(super) const TABLE: &[(MethodFilter, &str, &str)] = &[$((
            <$module::$operation as Operation>::METHOD,
            <$module::$operation as Operation>::PATH,
            <$module::$operation as Operation>::NAME,
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
