//! rust-analyzer, spoken to in the language server protocol.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, fs};

use bpf_subskeleton_tests::package::Package;
use serde_json::{Value, json};

/// A running rust-analyzer with one file open.
pub(crate) struct Server {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    file: String,
    requests: u64,
}

impl Server {
    /// Starts it on a package, and waits until it has seen all of that.
    pub(crate) fn start(package: &Package) -> Result<Self, String> {
        let root = fs::canonicalize(package.root()).map_err(|e| e.to_string())?;
        let file = root.join("src/lib.rs");
        let text = fs::read_to_string(&file).map_err(|e| e.to_string())?;
        let mut process = Command::new("rust-analyzer")
            .current_dir(&root)
            .env("CARGO_TARGET_DIR", root.join("../target"))
            // Those of this program's own build script.
            .env_remove("OUT_DIR")
            .env_remove("CARGO")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("rust-analyzer: {e}"))?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("no pipes".to_owned());
        };
        let mut server = Self {
            process,
            input,
            output: BufReader::new(output),
            file: format!("file://{}", file.display()),
            requests: 0,
        };
        server.request(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": format!("file://{}", root.display()),
                "capabilities": {
                    "textDocument": {
                        "diagnostic": {},
                        "hover": { "contentFormat": ["plaintext"] },
                    },
                    "experimental": { "serverStatusNotification": true },
                },
                // What cargo says is what all other tests are about.
                "initializationOptions": { "checkOnSave": false, "cachePriming": { "enable": false } },
            }),
        )?;
        server.notify("initialized", &json!({}))?;
        let document =
            json!({ "uri": server.file, "languageId": "rust", "version": 1, "text": text });
        server.notify("textDocument/didOpen", &json!({ "textDocument": document }))?;
        server.wait_until_quiet()?;
        Ok(server)
    }

    /// The messages of all errors in the file, in their order.
    pub(crate) fn diagnostics(&mut self) -> Result<Vec<String>, String> {
        let document = json!({ "textDocument": { "uri": self.file } });
        let found = self.request("textDocument/diagnostic", &document)?;
        let items = found["items"].as_array();
        let items = items.ok_or_else(|| format!("no diagnostics, but {found}"))?;
        let errors = items.iter().filter(|item| item["severity"] == 1);
        let texts = errors.map(|item| item["message"].as_str().unwrap_or_default().to_owned());
        Ok(texts.collect())
    }

    /// What an editor offers at a place.
    pub(crate) fn completions(&mut self, place: (usize, usize)) -> Result<Vec<String>, String> {
        let found = self.request("textDocument/completion", &self.at(place))?;
        let items = found["items"].as_array().or(found.as_array());
        let items = items.ok_or_else(|| format!("no completions, but {found}"))?;
        let names = items.iter().map(|item| {
            let label = item["label"].as_str().unwrap_or_default();
            label.to_owned()
        });
        Ok(names.collect())
    }

    /// What an editor shows about what is at a place.
    pub(crate) fn hover(&mut self, place: (usize, usize)) -> Result<String, String> {
        let found = self.request("textDocument/hover", &self.at(place))?;
        let text = found["contents"]["value"].as_str();
        text.map(str::to_owned)
            .ok_or_else(|| format!("nothing to show, but {found}"))
    }

    /// Ends it.
    pub(crate) fn stop(mut self) -> Result<(), String> {
        self.request("shutdown", &Value::Null)?;
        self.notify("exit", &Value::Null)?;
        self.process.wait().map_err(|e| e.to_string())?;
        Ok(())
    }

    fn at(&self, (line, character): (usize, usize)) -> Value {
        json!({
            "textDocument": { "uri": self.file },
            "position": { "line": line, "character": character },
        })
    }

    fn wait_until_quiet(&mut self) -> Result<(), String> {
        loop {
            let message = self.receive()?;
            if message["method"] == "experimental/serverStatus"
                && message["params"]["quiescent"] == true
            {
                return match message["params"]["health"].as_str() {
                    Some("error") => Err(format!("rust-analyzer: {}", message["params"])),
                    _ => Ok(()),
                };
            }
        }
    }

    fn request(&mut self, method: &str, params: &Value) -> Result<Value, String> {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        loop {
            let message = self.receive()?;
            // Requests of the server have a method.
            if message["id"] == id && message["method"].is_null() {
                return match &message["error"] {
                    Value::Null => Ok(message["result"].clone()),
                    error => Err(format!("{method}: {error}")),
                };
            }
        }
    }

    fn notify(&mut self, method: &str, params: &Value) -> Result<(), String> {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    fn send(&mut self, message: &Value) -> Result<(), String> {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len())
            .and_then(|()| self.input.flush())
            .map_err(|e| format!("rust-analyzer takes nothing: {e}"))
    }

    /// The next message. What the server asks of an editor is answered with nothing.
    fn receive(&mut self) -> Result<Value, String> {
        let mut length = None;
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line);
            if read.map_err(|e| e.to_string())? == 0 {
                return Err(format!(
                    "rust-analyzer ended; is it installed? PATH={:?}",
                    env::var_os("PATH")
                ));
            }
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.trim().parse().ok();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length.ok_or("a message without length")?];
        self.output
            .read_exact(&mut body)
            .map_err(|e| e.to_string())?;
        let message: Value = serde_json::from_slice(&body).map_err(|e| e.to_string())?;
        if !message["id"].is_null() && !message["method"].is_null() {
            self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": null }))?;
        }
        Ok(message)
    }
}
