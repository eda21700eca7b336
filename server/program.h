// The command line of `mailroom`: subcommands and their options.
#pragma once

namespace mail::server {

/// Runs the subcommand. Returns the exit code: 0 done, 1 failed (one clear line on stderr), 2 and
/// above a command line that was not understood.
int run_program(int argc, char** argv);

} // namespace mail::server
