// The command line's `mailroom user app-password`.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace mail::server {

/// Adds it to the command `user`. `chosen` does what was asked for; it stays empty when that was
/// something else. It throws std::runtime_error with one line, and gives the exit code.
void add_app_password_commands(CLI::App& user, std::function<int()>& chosen);

} // namespace mail::server
