// What a process can no longer do: each confinement in a child of its own, for it is for good.
#include "server/privileges/calls.h"
#include "server/privileges/files.h"
#include "server/privileges/identity.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <thread>

using namespace mail;
using namespace mail::server;

namespace {

/// Runs `look` in a child; gives what it says, which is empty when all is as it must be.
std::string in_child(std::function<std::string()> const& look)
{
    int ends[2];
    if (::pipe(ends) != 0)
        return "no pipe";
    pid_t const child = ::fork();
    if (child == 0) {
        std::string text;
        try {
            text = look();
        } catch (std::exception const& failure) {
            text = std::string("threw: ") + failure.what();
        }
        bool const sent = ::write(ends[1], text.data(), text.size()) >= 0;
        ::_exit(sent ? 0 : 1);
    }
    ::close(ends[1]);
    std::string text;
    char block[1000];
    for (auto got = ::read(ends[0], block, sizeof block); got > 0;
         got = ::read(ends[0], block, sizeof block))
        text.append(block, static_cast<std::size_t>(got));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? text : "the child died; " + text;
}

bool may_open(std::filesystem::path const& file, int flags)
{
    int const fd = ::open(file.c_str(), flags | O_CLOEXEC, 0600);
    if (fd >= 0)
        ::close(fd);
    return fd >= 0;
}

bool knows_landlock() { return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) >= 1; }

} // namespace

TEST(Privileges, FilesBeyondTheRulesAreOutOfReach)
{
    test::TemporaryDirectory const folder;
    auto const& path = folder.path();
    for (auto const* name : { "read", "write", "remove", "other" }) {
        std::filesystem::create_directory(path / name);
        std::ofstream(path / name / "file") << "text";
    }
    auto const found = in_child([&]() -> std::string {
        harden_process();
        auto const problem = confine_files({ .read = { path / "read", path / "missing" },
            .load = {},
            .write = { path / "write" },
            .remove = { path / "remove" } });
        if (!problem.empty())
            return knows_landlock() ? problem : std::string {};
        std::string wrong;
        auto const expect = [&](bool is_so, char const* what) { wrong += is_so ? "" : what; };
        expect(may_open(path / "read/file", O_RDONLY), "cannot read; ");
        expect(!may_open(path / "read/file", O_WRONLY), "writes what it may read only; ");
        expect(!may_open(path / "read/new", O_WRONLY | O_CREAT), "makes files there; ");
        expect(may_open(path / "write/file", O_RDWR | O_TRUNC), "cannot write; ");
        expect(may_open(path / "write/new", O_WRONLY | O_CREAT), "cannot make files; ");
        expect(::rename((path / "write/new").c_str(), (path / "write/newer").c_str()) == 0,
            "cannot rename; ");
        expect(::unlink((path / "write/newer").c_str()) == 0, "cannot remove; ");
        expect(!may_open(path / "other/file", O_RDONLY), "reads others; ");
        expect(::unlink((path / "other/file").c_str()) != 0, "removes others; ");
        expect(!may_open(path / "remove/file", O_RDONLY), "reads what it may remove only; ");
        expect(::unlink((path / "remove/file").c_str()) == 0, "cannot remove a socket's file; ");
        std::thread([&] {
            expect(!may_open(path / "other/file", O_RDONLY), "its threads read others; ");
        }).join();
        return wrong;
    });
    EXPECT_EQ(found, "");
}

TEST(Privileges, CallsThatNoMailServerNeedsAreRefused)
{
    auto const found = in_child([]() -> std::string {
        harden_process();
        std::string wrong;
        auto const expect = [&](bool is_so, char const* what) { wrong += is_so ? "" : what; };
        std::thread early;
        {
            int gate[2];
            if (::pipe(gate) != 0)
                return "no pipe";
            early = std::thread([&, end = gate[0]] {
                char octet;
                expect(::read(end, &octet, 1) == 1, "no octet; ");
                errno = 0;
                expect(::setuid(::getuid()) != 0 && errno == EPERM,
                    "a thread from before changes its id; ");
            });
            auto const problem = confine_calls(Programs::refused);
            bool const opened = ::write(gate[1], "x", 1) == 1;
            early.join();
            if (!problem.empty() || !opened)
                return problem + " (calls)";
        }
        char const* const none[] = { nullptr };
        errno = 0;
        ::execve("/bin/true", const_cast<char**>(none), const_cast<char**>(none));
        expect(errno == EPERM, "starts programs; ");
        errno = 0;
        expect(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0 && errno == EPERM, "traces; ");
        errno = 0;
        expect(::socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == EPERM, "sees raw packets; ");
        int const tcp = ::socket(AF_INET, SOCK_STREAM, 0);
        expect(tcp >= 0, "has no sockets; ");
        bool ran = false;
        std::thread([&] { ran = true; }).join();
        expect(ran, "has no threads; ");
        return wrong;
    });
    EXPECT_EQ(found, "");
}

TEST(Privileges, HardenedProcessesLeaveNoMemoryBehind)
{
    auto const found = in_child([]() -> std::string {
        harden_process();
        rlimit core {};
        ::getrlimit(RLIMIT_CORE, &core);
        std::string wrong;
        wrong += ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? "" : "dumpable; ";
        wrong += ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? "" : "gets new rights; ";
        wrong += core.rlim_cur == 0 && core.rlim_max == 0 ? "" : "core files; ";
        return wrong;
    });
    EXPECT_EQ(found, "");
}

TEST(Privileges, RootBecomesAUserForGood)
{
    auto const found = in_child([]() -> std::string {
        bool const was_root = is_root();
        try {
            become("nobody");
        } catch (std::exception const& failure) {
            return was_root ? failure.what() : std::string {}; // others cannot become anybody
        }
        if (!was_root)
            return "became somebody else without rights";
        std::string wrong;
        wrong += ::getuid() != 0 && ::geteuid() != 0 && ::getgid() != 0 ? "" : "still root; ";
        wrong += ::setuid(0) != 0 ? "" : "root again; ";
        wrong += !may_open("/etc/shadow", O_RDONLY) ? "" : "reads /etc/shadow; ";
        return wrong;
    });
    EXPECT_EQ(found, "");
}

TEST(Privileges, AUserThatIsNoneOrRootIsRefused)
{
    EXPECT_THROW(become("no-such-user"), std::runtime_error);
    EXPECT_THROW(become("root"), std::runtime_error);
}

TEST(Privileges, RootHandsOverTheStore)
{
    if (!is_root()) { // only root can give anything away
        EXPECT_THROW(become("nobody"), std::runtime_error);
        return;
    }
    test::TemporaryDirectory const folder;
    config::Config config;
    config.storage.path = folder.path() / "a/store";
    hand_over(config, "nobody");
    EXPECT_TRUE(std::filesystem::is_directory(config.storage.path));
    hand_over(config, "nobody");
    std::filesystem::create_directory(folder.path() / "root's");
    config.storage.path = folder.path() / "root's";
    try {
        hand_over(config, "nobody");
        ADD_FAILURE() << "the store of another user was taken";
    } catch (std::runtime_error const& failure) {
        EXPECT_NE(std::string(failure.what()).find("chown -R nobody:"), std::string::npos)
            << failure.what();
    }
}
