//! A server that runs beside a step: started, found by its ready line, and stopped by its own handle.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// How long a server may take to say that it is ready, and to stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server on a loopback port. Dropping it kills it.
pub(crate) struct Served {
    process: Child,
    endpoint_url: String,
}

impl Served {
    /// Starts `command` and waits for the line on its standard output that says `… listening on http://…`.
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().with_context(|| format!("{program} did not start"))?;
        let stdout = process.stdout.take().context("a piped output is there")?;
        // From here on, leaving by an error kills the process.
        let mut served = Self { process, endpoint_url: String::new() };
        let (said, ready) = mpsc::channel();
        thread::spawn(move || read(stdout, &said));
        served.endpoint_url = match ready.recv_timeout(PATIENCE) {
            Ok(endpoint_url) => endpoint_url,
            Err(mpsc::RecvTimeoutError::Timeout) => bail!("{program} was not ready within {PATIENCE:?}"),
            Err(mpsc::RecvTimeoutError::Disconnected) => bail!("{program} ended before it was ready"),
        };
        Ok(served)
    }

    /// Where it listens, such as `http://127.0.0.1:4566`.
    pub(crate) fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    /// Asks it to stop with SIGTERM; it must end with success.
    #[cfg(unix)]
    pub(crate) fn terminate(mut self) -> Result<()> {
        use rustix::process::{Pid, Signal, kill_process};

        kill_process(Pid::from_child(&self.process), Signal::TERM).context("SIGTERM could not be sent")?;
        let status = self.wait()?;
        ensure!(status.success(), "after SIGTERM the server ended with {status}");
        Ok(())
    }

    /// Asks it to stop by closing its standard input; it must end with success.
    pub(crate) fn close(mut self) -> Result<()> {
        drop(self.process.stdin.take());
        let status = self.wait()?;
        ensure!(status.success(), "after its input was closed the server ended with {status}");
        Ok(())
    }

    fn wait(&mut self) -> Result<ExitStatus> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status);
            }
            ensure!(Instant::now() < deadline, "the server did not stop within {PATIENCE:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Both fail when it has ended already, which is as well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Tells the endpoint as soon as it is said, then reads on so that the server never waits for its reader.
fn read(stdout: ChildStdout, said: &mpsc::Sender<String>) {
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if let Some((_, endpoint_url)) = line.split_once(" listening on ") {
            // Nobody waits any more after a time-out.
            let _ = said.send(endpoint_url.trim().to_owned());
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_server_is_found_by_its_ready_line_and_ends_when_its_input_does() {
        let served = Served::start(shell("echo one; echo it listening on http://127.0.0.1:1; cat")).unwrap();
        assert_eq!(served.endpoint_url(), "http://127.0.0.1:1");
        served.close().unwrap();
    }

    #[test]
    fn a_server_that_ends_early_or_badly_is_an_error() {
        let error = Served::start(shell("exit 3")).err().unwrap();
        assert!(error.to_string().contains("before it was ready"), "{error}");
        let served = Served::start(shell("echo it listening on x; cat; exit 3")).unwrap();
        assert!(served.close().unwrap_err().to_string().contains("3"));
        // A signal that is not caught is no graceful stop.
        let served = Served::start(shell("echo it listening on x; exec cat")).unwrap();
        assert!(served.terminate().is_err());
    }
}
