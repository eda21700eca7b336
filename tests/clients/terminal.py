"""Programs that want a terminal get one, with their keys already pressed."""

import os
import pty
import select
import signal
import time

TIME_LIMIT = 40.0  # seconds until the program must have ended


def run_in_terminal(arguments, env):
    """Runs the program until it ends; gives its exit code (None when it had to be killed) and what it has drawn."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", LINES="40", COLUMNS="120", LANG="C.UTF-8", **env)
        os.execvp(arguments[0], arguments)
    drawn, limit, code = b"", time.monotonic() + TIME_LIMIT, None
    try:
        while time.monotonic() < limit:
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    drawn += os.read(terminal, 65536)
                except OSError:  # the terminal is gone with the program
                    pass
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                code = os.waitstatus_to_exitcode(status)
                break
    finally:
        if code is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(terminal)
    return code, drawn
