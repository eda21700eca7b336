#include "server/accounts/pam_process.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace mail::server {

namespace {

    [[noreturn]] void fail(char const* what, int error)
    {
        throw SourceDown(fmt::format("cannot {}: {}", what, std::strerror(error)));
    }

    /// Descriptor 0 becomes `socket`, and no other of ours but those of the log is there.
    pid_t spawn(int socket, std::string const& service, std::filesystem::path const& folder)
    {
        posix_spawn_file_actions_t files;
        posix_spawnattr_t attributes;
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawnattr_init(&attributes);
        ::posix_spawn_file_actions_adddup2(&files, socket, 0);
        ::posix_spawn_file_actions_addclosefrom_np(&files, 3);
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        std::array<std::string, 4> words { "mailroom", "pam-helper", service, folder.string() };
        std::array<char*, 5> arguments {};
        for (std::size_t i = 0; i < words.size(); ++i)
            arguments[i] = words[i].data();
        pid_t process = -1;
        int const error = ::posix_spawn(
            &process, "/proc/self/exe", &files, &attributes, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&files);
        ::posix_spawnattr_destroy(&attributes);
        if (error != 0)
            fail("start a process for PAM", error);
        return process;
    }

} // namespace

PamProcess::PamProcess(std::string const& service, std::filesystem::path const& folder)
{
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        fail("make a socket for PAM", errno);
    socket_ = pair[0];
    try {
        process_ = spawn(pair[1], service, folder);
    } catch (...) {
        ::close(pair[0]);
        ::close(pair[1]);
        throw;
    }
    ::close(pair[1]);
}

PamProcess::~PamProcess()
{
    ::close(socket_);
    ::kill(process_, SIGKILL);
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) { }
}

Verdict PamProcess::check(
    std::string const& name, Tried const& tried, std::chrono::milliseconds limit)
{
    ++checks_;
    auto question = name + '\0' + tried.address + '\0' + tried.password;
    auto const sent = ::send(socket_, question.data(), question.size(), MSG_NOSIGNAL);
    ::OPENSSL_cleanse(question.data(), question.size());
    if (sent < 0)
        throw SourceDown("a process that asked PAM is gone");
    auto const deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            throw SourceDown("PAM did not answer in time");
        pollfd wait { .fd = socket_, .events = POLLIN, .revents = 0 };
        int const ready = ::poll(&wait, 1, static_cast<int>(left.count()));
        if (ready < 0 && errno != EINTR)
            fail("wait for PAM", errno);
        if (ready > 0)
            break;
    }
    std::array<char, 512> answer;
    auto const got = ::recv(socket_, answer.data(), answer.size(), 0);
    if (got <= 0)
        throw SourceDown("the process that asked PAM crashed");
    switch (answer[0]) {
    case 'r':
        return Verdict::right;
    case 'w':
        return Verdict::wrong;
    case 'd':
        return Verdict::disabled;
    default:
        throw SourceDown(std::string(answer.data() + 1, static_cast<std::size_t>(got - 1)));
    }
}

} // namespace mail::server
