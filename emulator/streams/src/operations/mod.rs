//! One file per API operation. A new operation is a new file, and a line in `table`.
//!
//! An operation is a function from its input and the state to its output or a
//! [`ServiceError`](emulator_core::model::error::ServiceError).

pub(crate) mod add_stream_group_locations;
pub(crate) mod associate_applications;
pub(crate) mod create_application;
pub(crate) mod create_stream_group;
pub(crate) mod create_stream_session_connection;
pub(crate) mod delete_application;
pub(crate) mod delete_stream_group;
pub(crate) mod disassociate_applications;
pub(crate) mod export_stream_session_files;
pub(crate) mod get_application;
pub(crate) mod get_stream_group;
pub(crate) mod get_stream_session;
pub(crate) mod list_applications;
pub(crate) mod list_stream_groups;
pub(crate) mod list_stream_sessions;
pub(crate) mod list_stream_sessions_by_account;
pub(crate) mod list_tags_for_resource;
pub(crate) mod remove_stream_group_locations;
pub(crate) mod start_stream_session;
pub(crate) mod table;
pub(crate) mod tag_resource;
pub(crate) mod terminate_stream_session;
pub(crate) mod untag_resource;
pub(crate) mod update_application;
pub(crate) mod update_stream_group;
