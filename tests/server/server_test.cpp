// The server in this process: limits, shutdown, listeners; a small protocol stands in for the mail
// ones.
#include "server/server.h"

#include "server/accounts/passwords.h"
#include "server/listening_socket.h"
#include "tests/server/tls_client.h"
#include "tests/support/test_services.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <thread>

using namespace mail;
using namespace mail::server;
using namespace std::chrono_literals;

namespace {

/// Greets, then sends each input back; "quit" ends it.
awaitable<void> greet_and_echo(session::Session& session, std::string& counts)
{
    auto& stream = session.stream();
    stream.set_time_limit(1s);
    std::string const greeting = "hello\n";
    co_await stream.write(greeting);
    std::string text(100, '\0');
    for (int i = 0; !text.starts_with("quit"); ++i) {
        counts = std::to_string(i);
        text.resize(100);
        co_await stream.wait_input();
        text.resize(co_await stream.read_some(std::span(text)));
        if (text.starts_with("throw"))
            throw std::runtime_error("broken on purpose");
        co_await stream.write(text);
    }
}

class RunningServer {
public:
    explicit RunningServer(config::Config config)
        : server_(std::make_unique<Server>(std::move(config), greet_and_echo))
        , thread_([this] { drained_ = server_->run(); })
    {
    }
    ~RunningServer() { stop(); }
    RunningServer(RunningServer const&) = delete;
    RunningServer& operator=(RunningServer const&) = delete;

    bool stop()
    {
        server_->stop();
        if (thread_.joinable())
            thread_.join();
        return drained_;
    }
    test::Client connect(std::size_t listener = 0) const
    {
        return test::Client::connect(endpoint(listener));
    }
    config::Endpoint endpoint(std::size_t listener) const
    {
        return server_->listeners()[listener].endpoint;
    }
    Server& server() { return *server_; }

private:
    std::unique_ptr<Server> server_;
    bool drained_ = false;
    std::thread thread_;
};

class ServerTest : public testing::Test {
protected:
    ServerTest()
    {
        config.hostname = "mail.example.org";
        config.storage.path = folder.path() / "store";
        config.storage.map_size = 1u << 30;
        config.auth.users_file = folder.path() / "users";
        config.auth.weak_schemes = true;
        config.threads.io = 2;
        std::ofstream(config.auth.users_file) << "alice {PLAIN}secret\n";
        listen("127.0.0.1", config::Protocol::imap, config::Tls::none);
    }
    void listen(char const* host, config::Protocol protocol, config::Tls tls)
    {
        config::Listener listener;
        listener.endpoint.host = host;
        listener.protocol = protocol;
        listener.tls = tls;
        if (tls != config::Tls::none && config.tls.certificates.empty())
            config.tls.certificates = { test::make_certificate(folder.path()) };
        config.listeners.push_back(std::move(listener));
    }
    std::string error() const
    {
        try {
            Server const server(config, greet_and_echo);
        } catch (std::exception const& failure) {
            return failure.what();
        }
        return {};
    }
    test::TemporaryDirectory folder;
    config::Config config;
};

} // namespace

TEST_F(ServerTest, ServesOverPlainAndTlsSockets)
{
    listen("::1", config::Protocol::pop3, config::Tls::implicit);
    RunningServer running(config);
    auto plain = running.connect();
    EXPECT_EQ(plain.read_line(), "hello\n");
    EXPECT_TRUE(plain.send("one\n"));
    EXPECT_EQ(plain.read_line(), "one\n");
    auto tls = running.connect(1);
    ASSERT_TRUE(tls.start_tls());
    EXPECT_EQ(tls.read_line(), "hello\n");
    EXPECT_TRUE(tls.send("quit\n"));
    EXPECT_EQ(tls.read_all(), "quit\n");
    EXPECT_TRUE(tls.saw_close_notify());
    EXPECT_EQ(tls.subject(), "mail.example.org");
}

TEST_F(ServerTest, TellsClientsBeyondTheLimitWhyInTheirProtocol)
{
    listen("127.0.0.1", config::Protocol::pop3, config::Tls::implicit);
    listen("127.0.0.1", config::Protocol::lmtp, config::Tls::none);
    config.limits.sessions = 2;
    RunningServer running(config);
    auto one = running.connect();
    auto two = running.connect();
    EXPECT_EQ(one.read_line(), "hello\n");
    EXPECT_EQ(two.read_line(), "hello\n");
    EXPECT_TRUE(running.connect().read_all().starts_with("* BYE [UNAVAILABLE] Too many sessions"));
    auto pop3 = running.connect(1);
    ASSERT_TRUE(pop3.start_tls());
    EXPECT_TRUE(pop3.read_all().starts_with("-ERR [SYS/TEMP] Too many sessions"));
    EXPECT_TRUE(running.connect(2).read_all().starts_with("421 4.3.2 Too many sessions"));
    EXPECT_TRUE(one.send("quit\n"));
    EXPECT_EQ(one.read_all(), "quit\n");
    for (int i = 0; i < 200; ++i) { // its place is free soon
        auto three = running.connect();
        if (three.read_line() == "hello\n")
            return;
        std::this_thread::sleep_for(10ms);
    }
    FAIL() << "the place of the session that ended was not given back";
}

TEST_F(ServerTest, LimitsSessionsPerAddress)
{
    config.limits.sessions_per_address = 1;
    config.limits.exempt_loopback = false;
    RunningServer running(config);
    auto one = running.connect();
    EXPECT_EQ(one.read_line(), "hello\n");
    EXPECT_TRUE(running.connect().read_all().starts_with(
        "* BYE [UNAVAILABLE] Too many sessions from your address"));
}

TEST(Admission, CountsAddressesAndNetworksOfIpv6)
{
    config::Limits limits;
    limits.sessions_per_address = 1;
    Admission admission(limits);
    Peer const a { "192.0.2.1", 1000, false };
    Peer const b { "192.0.2.2", 1000, false };
    Peer const c { "2001:db8::1", 1000, false };
    Peer const d { "2001:db8::ffff:1", 1000, false };
    Peer const local { "127.0.0.1", 1000, true };
    std::vector<Admission::Visit> visits;
    auto const enter = [&](Peer const& peer) {
        visits.push_back(admission.enter());
        return visits.back().come_from(peer);
    };
    EXPECT_EQ(enter(a), Admission::Verdict::admitted);
    EXPECT_EQ(enter(a), Admission::Verdict::too_many_from_address);
    EXPECT_EQ(enter(b), Admission::Verdict::admitted);
    EXPECT_EQ(enter(c), Admission::Verdict::admitted);
    EXPECT_EQ(enter(d), Admission::Verdict::too_many_from_address) << "the same /64";
    EXPECT_EQ(enter(local), Admission::Verdict::admitted);
    EXPECT_EQ(enter(local), Admission::Verdict::admitted) << "loopback is exempt";
    visits.push_back(admission.enter()); // nobody knows yet from where
    EXPECT_EQ(admission.sessions(), 8u);
    visits.clear();
    EXPECT_EQ(admission.sessions(), 0u);
    EXPECT_EQ(enter(a), Admission::Verdict::admitted);
}

TEST_F(ServerTest, CountsClientsOfAProxyByTheirOwnAddresses)
{
    config.listeners.clear();
    listen("127.0.0.1", config::Protocol::imap, config::Tls::none);
    config.listeners[0].proxy_protocol = true;
    config.proxy.networks = { "127.0.0.0/8" };
    config.limits.sessions_per_address = 1;
    RunningServer running(config);
    auto const from = [&](std::string const& address) {
        auto client = running.connect();
        EXPECT_TRUE(client.send("PROXY TCP4 " + address + " 10.0.0.1 1 993\r\n"));
        return client;
    };
    auto one = from("203.0.113.5");
    EXPECT_EQ(one.read_line(), "hello\n");
    auto two = from("203.0.113.6");
    EXPECT_EQ(two.read_line(), "hello\n");
    EXPECT_TRUE(from("203.0.113.5")
                    .read_all()
                    .starts_with("* BYE [UNAVAILABLE] Too many sessions from your address"));
    auto silent = running.connect(); // says nothing, hears nothing
    EXPECT_TRUE(silent.send("GET / HTTP/1.1\r\n\r\n"));
    EXPECT_EQ(silent.read_all(), "");
}

TEST_F(ServerTest, BelievesOnlyKnownProxies)
{
    config.listeners[0].proxy_protocol = true;
    config.proxy.networks = { "192.0.2.0/24" };
    RunningServer running(config);
    auto client = running.connect();
    client.send("PROXY TCP4 203.0.113.5 10.0.0.1 1 993\r\n");
    EXPECT_EQ(client.read_all(), "");
}

TEST_F(ServerTest, ClosesIdleSessionsWithALastLine)
{
    RunningServer running(config);
    auto client = running.connect();
    EXPECT_EQ(client.read_line(), "hello\n");
    auto const begin = Clock::now();
    EXPECT_EQ(client.read_all(), "* BYE Autologout; idle for too long\r\n");
    EXPECT_LT(Clock::now() - begin, 5s);
}

TEST_F(ServerTest, ABrokenSessionEndsAloneAndPolitely)
{
    RunningServer running(config);
    auto bystander = running.connect();
    EXPECT_EQ(bystander.read_line(), "hello\n");
    auto client = running.connect();
    EXPECT_TRUE(client.send("throw\n"));
    EXPECT_EQ(client.read_all(), "hello\n* BYE [UNAVAILABLE] Internal error; try again later\r\n");
    EXPECT_TRUE(bystander.send("still here\n"));
    EXPECT_EQ(bystander.read_line(), "still here\n");
}

TEST_F(ServerTest, ShutdownTellsEverybodyAndIsQuick)
{
    listen("127.0.0.1", config::Protocol::imap, config::Tls::implicit);
    RunningServer running(config);
    auto plain = running.connect();
    auto tls = running.connect(1);
    ASSERT_TRUE(tls.start_tls());
    auto const silent = running.connect(1); // in its handshake
    EXPECT_EQ(plain.read_line(), "hello\n");
    EXPECT_EQ(tls.read_line(), "hello\n");
    auto const begin = Clock::now();
    EXPECT_TRUE(running.stop());
    EXPECT_LT(Clock::now() - begin, 3s);
    EXPECT_TRUE(plain.read_all().starts_with("* BYE [UNAVAILABLE] The server is shutting down"));
    EXPECT_TRUE(tls.read_all().starts_with("* BYE [UNAVAILABLE] The server is shutting down"));
    EXPECT_TRUE(tls.saw_close_notify());
    EXPECT_THROW(running.connect(), std::runtime_error);
}

TEST_F(ServerTest, StartFailsWithOneClearLine)
{
    Server const first(config, greet_and_echo);
    auto second = config;
    second.storage.path = folder.path() / "other";
    second.listeners = first.listeners();
    config = second;
    EXPECT_NE(error().find("Address already in use"), std::string::npos) << error();
    config.listeners[0].endpoint.host = "192.0.2.77";
    EXPECT_NE(error().find("no such address"), std::string::npos) << error();
    config.listeners[0].endpoint = {};
    config.listeners[0].endpoint.host = "127.0.0.1";
    config.storage.path = folder.path() / "store";
    EXPECT_NE(error().find("in use by process"), std::string::npos) << error();
    config.storage.path = folder.path() / "other";
    config.tls.certificates = { { folder.path() / "missing.pem", folder.path() / "key.pem", {} } };
    EXPECT_NE(error().find("missing.pem"), std::string::npos) << error();
    config.tls = {};
    std::ofstream(config.auth.users_file) << "broken\n";
    EXPECT_NE(error().find("users:1:"), std::string::npos) << error();
}

TEST_F(ServerTest, ListensAtUnixSockets)
{
    config::Listener listener;
    listener.protocol = config::Protocol::lmtp;
    listener.endpoint.unix_path = folder.path() / "lmtp";
    listener.mode = 0600;
    config.listeners = { listener };
    ::close(bind_socket(listener)); // what a killed server leaves behind
    ASSERT_TRUE(std::filesystem::exists(listener.endpoint.unix_path));
    {
        RunningServer running(config);
        EXPECT_EQ(running.connect().read_line(), "hello\n");
        struct stat info { };
        ASSERT_EQ(::stat(listener.endpoint.unix_path.c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777, 0600u);
        EXPECT_THROW(bind_socket(listener), std::runtime_error) << "a live one is not replaced";
    }
    EXPECT_FALSE(std::filesystem::exists(listener.endpoint.unix_path));
}

TEST_F(ServerTest, SurvivesTheLackOfFileDescriptors)
{
    RunningServer running(config);
    auto first = running.connect();
    EXPECT_EQ(first.read_line(), "hello\n");
    rlimit before {};
    ::getrlimit(RLIMIT_NOFILE, &before);
    std::vector<int> filling { ::dup(0) }; // the holes below the highest descriptor
    int highest = 0;
    for (auto const& each : std::filesystem::directory_iterator("/proc/self/fd"))
        highest = std::max(highest, std::stoi(each.path().filename().string()));
    while (filling.back() < highest)
        filling.push_back(::dup(0));
    int const next = filling.back() + 1;
    auto second = running.connect(); // one descriptor of ours, none left for the server's end
    (void)second.read_line();
    rlimit few { static_cast<rlim_t>(next) + 3, before.rlim_max };
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    auto third = running.connect();
    std::this_thread::sleep_for(300ms);
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(third.read_line(), "hello\n") << "taken in when there is room again";
    for (int const each : filling)
        ::close(each);
}

TEST_F(ServerTest, ServesRenewedCertificates)
{
    config.listeners.clear();
    listen("127.0.0.1", config::Protocol::imap, config::Tls::implicit);
    RunningServer running(config);
    test::make_certificate(folder.path(), "renewed.example.org");
    std::filesystem::last_write_time(
        config.tls.certificates[0].certificate, std::filesystem::file_time_type::clock::now() + 5s);
    running.server().reload();
    for (int i = 0; i < 100; ++i) {
        auto client = running.connect();
        ASSERT_TRUE(client.start_tls());
        if (client.subject() == "renewed.example.org")
            return;
        std::this_thread::sleep_for(10ms);
    }
    FAIL() << "the renewed certificate is not used";
}
