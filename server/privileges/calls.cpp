#include "server/privileges/calls.h"

#include <fmt/format.h>
#include <seccomp.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace mail::server {

namespace {

    constexpr int starting[] = { SCMP_SYS(execve), SCMP_SYS(execveat) };

    constexpr int refused[] = {
        SCMP_SYS(memfd_create), // programs that are in no file
        // Other users
        SCMP_SYS(setuid),
        SCMP_SYS(setgid),
        SCMP_SYS(setreuid),
        SCMP_SYS(setregid),
        SCMP_SYS(setresuid),
        SCMP_SYS(setresgid),
        SCMP_SYS(setgroups),
        SCMP_SYS(setfsuid),
        SCMP_SYS(setfsgid),
        SCMP_SYS(capset),
        // Other processes
        SCMP_SYS(ptrace),
        SCMP_SYS(process_vm_readv),
        SCMP_SYS(process_vm_writev),
        SCMP_SYS(pidfd_getfd),
        SCMP_SYS(kcmp),
        // File systems and namespaces
        SCMP_SYS(mount),
        SCMP_SYS(umount2),
        SCMP_SYS(pivot_root),
        SCMP_SYS(chroot),
        SCMP_SYS(setns),
        SCMP_SYS(unshare),
        SCMP_SYS(open_by_handle_at),
        SCMP_SYS(name_to_handle_at),
        SCMP_SYS(mknod),
        SCMP_SYS(mknodat),
        SCMP_SYS(quotactl),
        SCMP_SYS(swapon),
        SCMP_SYS(swapoff),
        SCMP_SYS(fsopen),
        SCMP_SYS(fsmount),
        SCMP_SYS(move_mount),
        SCMP_SYS(open_tree),
        // The kernel itself
        SCMP_SYS(bpf),
        SCMP_SYS(perf_event_open),
        SCMP_SYS(userfaultfd),
        SCMP_SYS(io_uring_setup),
        SCMP_SYS(io_uring_enter),
        SCMP_SYS(io_uring_register),
        SCMP_SYS(keyctl),
        SCMP_SYS(add_key),
        SCMP_SYS(request_key),
        SCMP_SYS(init_module),
        SCMP_SYS(finit_module),
        SCMP_SYS(delete_module),
        SCMP_SYS(kexec_load),
        SCMP_SYS(kexec_file_load),
        SCMP_SYS(reboot),
        SCMP_SYS(syslog),
        SCMP_SYS(acct),
        SCMP_SYS(settimeofday),
        SCMP_SYS(clock_settime),
        SCMP_SYS(adjtimex),
        SCMP_SYS(clock_adjtime),
        SCMP_SYS(sethostname),
        SCMP_SYS(setdomainname),
        SCMP_SYS(personality),
        SCMP_SYS(iopl),
        SCMP_SYS(ioperm),
        SCMP_SYS(modify_ldt),
        SCMP_SYS(vhangup),
        SCMP_SYS(lookup_dcookie),
        SCMP_SYS(nfsservctl),
    };

} // namespace

void harden_process()
{
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    rlimit const none {};
    ::setrlimit(RLIMIT_CORE, &none);
}

std::string confine_calls(Programs programs)
{
    std::unique_ptr<void, void (*)(void*)> const filter(
        ::seccomp_init(SCMP_ACT_ALLOW), [](void* context) { ::seccomp_release(context); });
    int error = filter ? ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1) : -ENOMEM;
    auto const refuse = [&](int call) {
        // Negative numbers are those of other architectures: not made here anyway.
        if (error == 0 && call >= 0)
            error = ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0);
    };
    std::ranges::for_each(refused, refuse);
    if (programs == Programs::refused)
        std::ranges::for_each(starting, refuse);
    // Sockets that mail has no use for, raw packets among them.
    for (auto const family : { AF_PACKET, AF_VSOCK, AF_BLUETOOTH, AF_ALG })
        if (error == 0)
            error = ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
                SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family)));
    if (error == 0)
        error = ::seccomp_load(filter.get());
    return error == 0 ? std::string {} : fmt::format("seccomp: {}", std::strerror(-error));
}

} // namespace mail::server
