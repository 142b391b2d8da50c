//! An incarnation that is reached rather than run.
use mcpproxy_config::Protocol;
use mcpproxy_upstream::{Protocol as Spoken, Remote, open_remote};

use super::{Incarnation, Report};
use crate::servers::{
    blueprint::Endpoint,
    failure::{self, Trouble},
    life::Step,
};

impl Incarnation {
    /// Lives until the connection ends or it is cancelled.
    pub(super) async fn remote(&self, endpoint: &Endpoint) -> Result<Trouble, Trouble> {
        let address = self.unless_cancelled(self.context.planner.address(endpoint)).await?;
        let redactor = address.redactor;
        let host = host(&address.url);
        self.context.logs.hide(self.name(), redactor.clone());
        self.tell(Report::Planned { runtime: String::new(), image: None, relaxed: Vec::new() }).await;
        self.step(Step::Handshaking).await;
        let remote = Remote {
            url: address.url,
            headers: address.headers,
            protocol: spoken(endpoint.protocol),
            connect_timeout: self.blueprint.timeout,
        };
        let timeout = self.blueprint.timeout;
        let opened = self
            .unless_cancelled(async {
                let opened = open_remote(remote, self.options(timeout)).await;
                opened.map_err(|error| failure::of_open(&error, timeout.as_secs()))
            })
            .await
            .map_err(|trouble| trouble.noting("host", &host).redacted(&redactor).named(self.name()))?;
        let mut connected = self.enter(opened).await;
        let trouble = tokio::select! {
            () = self.cancel.cancelled() => Trouble::asked(),
            reason = connected.handle.closed() => failure::of_close(&reason),
            () = self.watch_tools(&connected) => Trouble::asked(),
        };
        connected.leave();
        connected.left().await;
        Ok(trouble.noting("host", &host).redacted(&redactor).named(self.name()))
    }
}

/// Scheme, name and port of an address: what a person needs to look after it, without user, path and query, which may
/// hold keys.
fn host(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return String::new() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    format!("{scheme}://{place}")
}

const fn spoken(protocol: Protocol) -> Spoken {
    match protocol {
        Protocol::Sse => Spoken::Sse,
        Protocol::StreamableHttp => Spoken::StreamableHttp,
        Protocol::Auto | Protocol::Http | Protocol::Stdio => Spoken::Auto,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_an_address_holds_no_key() {
        assert_eq!(host("https://me:pw@example.com:8443/mcp?key=abc"), "https://example.com:8443");
        assert_eq!(host("http://127.0.0.1:3000"), "http://127.0.0.1:3000");
        assert_eq!(host("nonsense"), "");
    }
}
