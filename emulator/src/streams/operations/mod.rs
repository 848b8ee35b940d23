//! One file per API operation. A new operation is a new file and a line in the list.

mod create_stream_session_connection;
mod get_stream_group;
mod get_stream_session;
mod list_stream_sessions;
mod start_stream_session;
mod terminate_stream_session;

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
    create_stream_session_connection::CreateStreamSessionConnection,
    get_stream_group::GetStreamGroup,
    get_stream_session::GetStreamSession,
    list_stream_sessions::ListStreamSessions,
    start_stream_session::StartStreamSession,
    terminate_stream_session::TerminateStreamSession,
}
