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

    /// How often the table is read again when the connection is not in it: a table that changes while it is read
    /// may miss a row.
    const LOOKS: usize = 3;
    /// The kernel's number for a connection whose owner still holds it.
    const ESTABLISHED: &str = "01";

    /// The kernel's tables of sockets name the owner of each; the peer's is the row that mirrors the connection.
    pub(super) fn owner(local: SocketAddr, peer: SocketAddr) -> PeerUser {
        let tables = tables(local, peer);
        let mut readable = false;
        for _ in 0..LOOKS {
            for (table, near, far) in &tables {
                let Ok(text) = std::fs::read_to_string(table) else { continue };
                readable = true;
                if let Some(found) = row(&text, near, far) {
                    return found;
                }
            }
        }
        // Whoever is in no table of a system that tells has something to hide, or is gone.
        if readable { PeerUser::Other } else { PeerUser::Unknown }
    }

    /// Where the peer's row may stand: a program may reach an IPv4 address through an IPv6 socket, and its row is
    /// then in the other table.
    fn tables(local: SocketAddr, peer: SocketAddr) -> Vec<(&'static str, String, String)> {
        let form = |address: SocketAddr, ip: IpAddr| kernel_form(SocketAddr::new(ip, address.port()));
        let mapped = |address: SocketAddr| match address.ip() {
            IpAddr::V4(ip) => form(address, IpAddr::V6(ip.to_ipv6_mapped())),
            IpAddr::V6(_) => kernel_form(address),
        };
        let plain = |address: SocketAddr| form(address, address.ip().to_canonical());
        let mut tables = vec![("/proc/net/tcp6", mapped(peer), mapped(local))];
        if peer.ip().to_canonical().is_ipv4() {
            tables.insert(0, ("/proc/net/tcp", plain(peer), plain(local)));
        }
        tables
    }

    /// The owner that a table names for the connection, if it lists it.
    fn row(table: &str, near: &str, far: &str) -> Option<PeerUser> {
        let own = rustix::process::geteuid().as_raw();
        for line in table.lines().skip(1) {
            let mut fields = line.split_ascii_whitespace().skip(1);
            if fields.next() != Some(near) || fields.next() != Some(far) {
                continue;
            }
            let held = fields.next() == Some(ESTABLISHED);
            // queues, timer, retransmits, uid
            return Some(match fields.nth(3).and_then(|uid| uid.parse::<u32>().ok()) {
                Some(uid) if uid == own => PeerUser::Same,
                // A socket that was closed already counts as root's, whoever it belonged to.
                Some(0) if held => PeerUser::Same,
                Some(_) => PeerUser::Other,
                None => PeerUser::Unknown,
            });
        }
        None
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

        #[test]
        fn a_connection_through_an_ipv6_socket_is_looked_up_where_it_is_listed() {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let client = TcpStream::connect(("::ffff:127.0.0.1", port)).unwrap();
            let (server, peer) = listener.accept().unwrap();
            assert_eq!(owner(server.local_addr().unwrap(), peer), PeerUser::Same);
            drop(client);
        }

        #[test]
        fn only_ones_own_rows_and_living_ones_of_root_are_the_same_user() {
            let line = |state: &str, uid: u32| {
                format!("head\n 0: AA:01 BB:02 {state} 00000000:00000000 00:00000000 00000000 {uid} 0 1\n")
            };
            let own = rustix::process::geteuid().as_raw();
            let found = |state: &str, uid: u32| row(&line(state, uid), "AA:01", "BB:02");
            assert_eq!(found("01", own), Some(PeerUser::Same));
            assert_eq!(found("01", 0), Some(PeerUser::Same));
            assert_eq!(found("01", own + 1), Some(PeerUser::Other));
            if own != 0 {
                assert_eq!(found("05", 0), Some(PeerUser::Other));
            }
            assert_eq!(row(&line("01", own), "AA:01", "BB:03"), None);
        }

        #[test]
        fn a_connection_in_no_table_is_somebody_elses() {
            let address = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
            assert_eq!(owner(address(1), address(2)), PeerUser::Other);
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
