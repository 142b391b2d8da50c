//! Variables of a container: neutral ones that everybody may read, and those of the person, which are all secrets.

use crate::arguments::mask_address;
use crate::facts::Facts;
use crate::flags::Flags;
use crate::launcher::Recipe;
use crate::policy::Policy;
use crate::spec::{ServerSpec, Text};

use super::{CERTIFICATES_DIR, CERTIFICATES_FILE, HOME_DIR};

/// Variables that everybody may read. `PATH` stays the image's own.
pub(super) fn neutral(recipe: &Recipe, facts: &Facts) -> Vec<(String, String)> {
    let fixed =
        [("HOME", HOME_DIR), ("USER", "mcp"), ("LOGNAME", "mcp"), ("TMPDIR", "/tmp"), ("LANG", "C.UTF-8")];
    let mut all: Vec<(String, String)> =
        fixed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    all.extend(recipe.variables.iter().cloned());
    all.extend(of_certificates(facts));
    all
}

/// What points each ecosystem at the delivered bundle.
pub(super) fn of_certificates(facts: &Facts) -> Vec<(String, String)> {
    if facts.certificates.is_none() {
        return Vec::new();
    }
    debug_assert!(CERTIFICATES_FILE.starts_with(CERTIFICATES_DIR));
    let mut all: Vec<(String, String)> = [
        "SSL_CERT_FILE",
        "PIP_CERT",
        "REQUESTS_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
        "GIT_SSL_CAINFO",
        "CURL_CA_BUNDLE",
    ]
    .map(|name| (name.to_owned(), CERTIFICATES_FILE.to_owned()))
    .into();
    // The second is the newer name of the first.
    all.extend(["UV_NATIVE_TLS", "UV_SYSTEM_CERTS"].map(|name| (name.to_owned(), "true".to_owned())));
    all
}

/// Variables of the server: its own, those of wrappers, those of flags; later ones win. All are secrets.
pub(super) fn secret(spec: &ServerSpec, recipe: &Recipe, flags: &Flags) -> Vec<(String, Text)> {
    let mut all: Vec<(String, Text)> = Vec::new();
    for (name, value) in spec.env.iter().chain(&recipe.env).chain(&flags.env) {
        all.retain(|(known, _)| known != name);
        all.push((name.clone(), Text::secret(value.expose())));
    }
    all
}

/// Proxy and index addresses are neutral, unless they hold a user or a password: then they travel as secrets.
pub(super) fn addresses(
    policy: &Policy,
    neutral: &mut Vec<(String, String)>,
    secret: &mut Vec<(String, Text)>,
) {
    for (name, value) in &policy.neutral_env {
        if secret.iter().any(|(set, _)| set == name) {
            continue;
        }
        let has_user_info =
            mask_address(value).is_some() || mask_address(&format!("http://{value}")).is_some();
        if has_user_info {
            secret.push((name.clone(), Text::secret(value)));
        } else {
            neutral.push((name.clone(), value.clone()));
        }
    }
}
