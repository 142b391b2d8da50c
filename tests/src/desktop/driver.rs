//! The window by WebDriver: WebKit's own driver starts the application and speaks plain HTTP.

use std::process::Stdio;

use serde_json::{Value, json};

use super::{App, Screen};
use crate::http::Request;
use crate::proxy::free_port;
use crate::wait::{GENEROUS, until};
use crate::{process, program};

/// The key under which WebDriver hands out an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A driven window. The application is the driver's child and ends with it.
pub struct Driver {
    address: String,
    session: String,
    _driver: process::Running,
}

impl Driver {
    /// Starts the application with its window.
    pub fn start(screen: &Screen, app: &App, arguments: &[&str]) -> Self {
        let port = free_port();
        let mut driver = screen.command("WebKitWebDriver");
        driver.args([format!("--port={port}"), "--host=127.0.0.1".to_owned()]);
        driver.env("TAURI_AUTOMATION", "true").env("TAURI_WEBVIEW_AUTOMATION", "true");
        driver.env("WEBKIT_DISABLE_DMABUF_RENDERER", "1").envs(app.variables().iter().cloned());
        let child = driver.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("WebKitWebDriver");
        let driver = process::Running(child);
        let address = format!("127.0.0.1:{port}");
        until("the driver to answer", GENEROUS, || {
            let asked = Request::new(&address, "GET", "/status").send();
            asked.map(drop).map_err(|error| error.to_string())
        });
        let arguments: Vec<String> =
            app.arguments().into_iter().chain(arguments.iter().map(|text| (*text).to_owned())).collect();
        let options = json!({"binary": program::desktop(), "args": arguments});
        let wanted = json!({"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}});
        let answer = ask(&address, "POST", "/session", Some(&wanted)).expect("a session");
        let session = answer["sessionId"].as_str().expect("its id").to_owned();
        Self { address, session, _driver: driver }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        ask(&self.address, method, &format!("/session/{}{path}", self.session), body)
    }

    /// Runs a script in the page and answers what it returns.
    pub fn run(&self, script: &str) -> Value {
        let body = json!({"script": script, "args": []});
        self.ask("POST", "/execute/sync", Some(&body)).unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Runs a script that ends by calling its last argument.
    pub fn run_later(&self, script: &str) -> Value {
        let body = json!({"script": script, "args": []});
        self.ask("POST", "/execute/async", Some(&body)).unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits for an element by its XPath.
    pub fn find(&self, path: &str) -> String {
        until(&format!("{path} in the window"), GENEROUS, || {
            let body = json!({"using": "xpath", "value": path});
            let found = self.ask("POST", "/element", Some(&body))?;
            found[ELEMENT].as_str().map(str::to_owned).ok_or_else(|| self.text())
        })
    }

    /// Clicks an element as soon as it is there and can be clicked.
    pub fn click(&self, path: &str) {
        until(&format!("{path} to be clicked"), GENEROUS, || {
            let element = self.find(path);
            self.ask("POST", &format!("/element/{element}/click"), Some(&json!({}))).map(drop)
        });
    }

    /// Types into an element.
    pub fn type_into(&self, path: &str, text: &str) {
        let element = self.find(path);
        self.ask("POST", &format!("/element/{element}/value"), Some(&json!({"text": text}))).expect("typed");
    }

    /// All text that the page shows.
    pub fn text(&self) -> String {
        self.run("return document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page shows a text.
    pub fn wait_for_text(&self, wanted: &str) {
        until(&format!("{wanted:?} in the window"), GENEROUS, || {
            let text = self.text();
            if text.contains(wanted) { Ok(()) } else { Err(text) }
        });
    }

    /// Goes to a place of the pages.
    pub fn go_to(&self, route: &str) {
        self.run(&format!("location.hash = {}", json!(route)));
    }

    /// Waits until what was changed is painted.
    pub fn painted(&self) {
        self.run_later(
            "const done = arguments[arguments.length - 1];
             requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true), 150)));",
        );
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.ask("DELETE", "", None));
    }
}

fn ask(address: &str, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
    let mut request = Request::new(address, method, path);
    if let Some(body) = body {
        request = request.json(body);
    }
    let response = request.send().map_err(|error| error.to_string())?;
    let status = response.status;
    let mut answer = response.value().map_err(|error| error.to_string())?;
    let value = answer["value"].take();
    if status == 200 { Ok(value) } else { Err(value.to_string()) }
}
