// PAM in a process of its own. Modules run foreign code that may hang, crash, leak, change signal
// handlers or not know of threads: none of that may happen in the server, and only a process can be
// ended in the middle.
#pragma once

#include "server/accounts/source.h"

#include <chrono>
#include <filesystem>
#include <string>

#include <sys/types.h>

namespace mail::server {

/// Checks one password after the other. One thread at a time.
class PamProcess {
public:
    static constexpr int most_checks = 200; ///< then a fresh one is better: modules leak

    /// Starts this program again, as run_pam_helper(). Throws SourceDown.
    PamProcess(std::string const& service, std::filesystem::path const& folder);
    ~PamProcess(); ///< ends it, whatever it does
    PamProcess(PamProcess const&) = delete;
    PamProcess& operator=(PamProcess const&) = delete;

    /// Throws SourceDown, after which it is of no use any more: also when the time is over.
    Verdict check(std::string const& name, Tried const& tried, std::chrono::milliseconds limit);
    bool is_worn_out() const { return checks_ >= most_checks; }

private:
    int socket_ = -1;
    pid_t process_ = -1;
    int checks_ = 0;
};

/// In the other process: answers PamProcess on descriptor 0 until it is gone. The exit code.
int run_pam_helper(std::string const& service, std::filesystem::path const& folder);

} // namespace mail::server
