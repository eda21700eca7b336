// Which system calls the process may still make.
#pragma once

#include <string>

namespace mail::server {

/// For this process and all that it starts: rights never grow again (no_new_privs), memory is not
/// written to disk or read by other processes of the same user when it crashes or runs.
void harden_process();

enum class Programs {
    may_start, ///< PAM runs in processes of its own
    refused
};

/// Refuses, by EPERM, the system calls that a mail server has no use for and that attackers have:
/// starting programs, changing ids, looking into other processes, mounts, kernel modules, io_uring.
/// In all threads, for good. Needs no_new_privs. Empty when it is done; otherwise why not.
std::string confine_calls(Programs programs);

} // namespace mail::server
