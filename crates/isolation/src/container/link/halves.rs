//! The two directions of a connection, each on its own, so that reading and writing never wait for each other.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::engine::Stream;

/// The reading direction.
#[derive(Debug)]
pub(super) enum Reader {
    #[cfg(unix)]
    Unix(tokio::net::unix::OwnedReadHalf),
    Tcp(tokio::net::tcp::OwnedReadHalf),
    #[cfg(windows)]
    Pipe(tokio::io::ReadHalf<tokio::net::windows::named_pipe::NamedPipeClient>),
}

/// The writing direction. Dropping it says that nothing more will come, where the transport can say that.
#[derive(Debug)]
pub(super) enum Writer {
    #[cfg(unix)]
    Unix(tokio::net::unix::OwnedWriteHalf),
    Tcp(tokio::net::tcp::OwnedWriteHalf),
    #[cfg(windows)]
    Pipe(tokio::io::WriteHalf<tokio::net::windows::named_pipe::NamedPipeClient>),
}

/// Splits a connection.
pub(super) fn split(stream: Stream) -> (Reader, Writer) {
    match stream {
        #[cfg(unix)]
        Stream::Unix(stream) => {
            let (reader, writer) = stream.into_split();
            (Reader::Unix(reader), Writer::Unix(writer))
        }
        Stream::Tcp(stream) => {
            let (reader, writer) = stream.into_split();
            (Reader::Tcp(reader), Writer::Tcp(writer))
        }
        #[cfg(windows)]
        Stream::Pipe(stream) => {
            let (reader, writer) = tokio::io::split(stream);
            (Reader::Pipe(reader), Writer::Pipe(writer))
        }
    }
}

impl Reader {
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            #[cfg(unix)]
            Reader::Unix(half) => Pin::new(half).poll_read(cx, buffer),
            Reader::Tcp(half) => Pin::new(half).poll_read(cx, buffer),
            #[cfg(windows)]
            Reader::Pipe(half) => Pin::new(half).poll_read(cx, buffer),
        }
    }
}

impl Writer {
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self {
            #[cfg(unix)]
            Writer::Unix(half) => Pin::new(half).poll_write_vectored(cx, parts),
            Writer::Tcp(half) => Pin::new(half).poll_write_vectored(cx, parts),
            #[cfg(windows)]
            Writer::Pipe(half) => Pin::new(half).poll_write_vectored(cx, parts),
        }
    }
}
