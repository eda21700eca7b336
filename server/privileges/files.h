// Which files the process may still reach: Landlock, a set of rules that the kernel holds it to.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mail::server {

/// Paths with all that lies below them. Those that do not exist are left out.
struct FileRules {
    std::vector<std::filesystem::path> read; ///< and list
    std::vector<std::filesystem::path> load; ///< read, and map as code: libraries
    std::vector<std::filesystem::path> write; ///< read, change, make and remove files
    std::vector<std::filesystem::path> remove; ///< folders whose files may be removed: sockets
};

/// Holds this thread, and those that it will start, to the rules; for good. What is open already
/// stays open. TCP sockets cannot be bound any more where the kernel knows how to forbid it. Needs
/// no_new_privs (harden_process). Empty when it is done; otherwise why the kernel would not.
std::string confine_files(FileRules const& rules);

} // namespace mail::server
