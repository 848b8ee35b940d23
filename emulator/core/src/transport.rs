//! The stream under a connection.

use tokio::io::{AsyncRead, AsyncWrite};

/// A plain or a TLS stream.
pub trait Transport: AsyncRead + AsyncWrite + Send {}
impl<S: AsyncRead + AsyncWrite + Send> Transport for S {}
