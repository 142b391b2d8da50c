//! Whose process is at the other end of a loopback connection, where the system can tell.

use std::net::SocketAddr;

/// The user at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerUser {
    /// The user we run as.
    Same,
    /// Somebody else on this computer.
    Other,
    /// The system does not tell.
    Unknown,
}

/// Finds out whether the connection from `peer` to `local` belongs to our own user.
pub fn same_user_over_loopback(local: SocketAddr, peer: SocketAddr) -> PeerUser {
    platform::owner(local, peer)
}

#[cfg(target_os = "linux")]
mod platform {
    use super::PeerUser;
    use std::{
        fmt::Write,
        net::{IpAddr, SocketAddr},
    };

    /// The kernel's table of sockets names the owner of each; ours is the row that mirrors the connection.
    pub(super) fn owner(local: SocketAddr, peer: SocketAddr) -> PeerUser {
        let own = rustix::process::geteuid().as_raw();
        let (near, far) = (kernel_form(peer), kernel_form(local));
        let table = if peer.is_ipv4() { "/proc/net/tcp" } else { "/proc/net/tcp6" };
        let Ok(text) = std::fs::read_to_string(table) else {
            return PeerUser::Unknown;
        };
        for line in text.lines().skip(1) {
            let mut fields = line.split_ascii_whitespace().skip(1);
            if fields.next() == Some(&near) && fields.next() == Some(&far) {
                // state, queues, timer, retransmits, uid
                return match fields.nth(4).and_then(|uid| uid.parse::<u32>().ok()) {
                    Some(uid) if uid == own || uid == 0 => PeerUser::Same,
                    Some(_) => PeerUser::Other,
                    None => PeerUser::Unknown,
                };
            }
        }
        PeerUser::Unknown
    }

    /// `0100007F:1F90`: each 32-bit group in the machine's byte order, the port in hex.
    fn kernel_form(address: SocketAddr) -> String {
        let mut text = String::with_capacity(38);
        let groups = match address.ip() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        for group in groups.chunks_exact(4) {
            let value = u32::from_ne_bytes([group[0], group[1], group[2], group[3]]);
            // writing to a String cannot fail
            let _ = write!(text, "{value:08X}");
        }
        let _ = write!(text, ":{:04X}", address.port());
        text
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::net::{TcpListener, TcpStream};

        #[test]
        fn our_own_connection_is_recognised() {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (server, peer) = listener.accept().unwrap();
            assert_eq!(owner(server.local_addr().unwrap(), peer), PeerUser::Same);
            drop(client);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use super::PeerUser;
    use std::net::SocketAddr;

    pub(super) fn owner(_local: SocketAddr, _peer: SocketAddr) -> PeerUser {
        PeerUser::Unknown
    }
}
