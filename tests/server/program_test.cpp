// The command line: each subcommand in a process of its own, and the whole server with its
// protocols.
#include "server/program.h"

#include "config/reader.h"
#include "server/listening_socket.h"
#include "tests/server/tls_client.h"
#include "tests/support/test_services.h"

#include <sys/wait.h>

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

using namespace mail;
using namespace std::chrono_literals;

namespace {

class ProgramTest : public testing::Test {
protected:
    ProgramTest()
    {
        std::ofstream(folder.path() / "users");
        tls = test::make_certificate(folder.path());
        write_config("127.0.0.1:0");
    }

    std::filesystem::path config_file() const { return folder.path() / "mailroom.toml"; }
    void write_config(std::string const& lmtp) const
    {
        std::ofstream(config_file())
            << "config_version = 1\nhostname = \"mail.example.org\"\n"
               "[storage]\npath = \"store\"\nmap_size = \"1 GiB\"\n"
               "[tls]\ncertificate = \"certificate.pem\"\nprivate_key = \"key.pem\"\n"
               "[auth]\nusers_file = \"users\"\n"
               "[[listener]]\nprotocol = \"imap\"\naddress = \"127.0.0.1:0\"\ntls = \"implicit\"\n"
               "[[listener]]\nprotocol = \"imap\"\naddress = \"127.0.0.1:0\"\ntls = \"starttls\"\n"
               "[[listener]]\nprotocol = \"lmtp\"\naddress = \""
            << lmtp << "\"\n";
    }
    std::string file(char const* name) const
    {
        std::ostringstream text;
        text << std::ifstream(folder.path() / name).rdbuf();
        return text.str();
    }

    /// Starts the program with its output in the files "out" and "err"; `input` is its standard
    /// input.
    pid_t start(std::vector<std::string> arguments, std::string const& input = {})
    {
        std::ofstream(folder.path() / "in") << input;
        arguments.insert(arguments.begin(), "mailroom");
        pid_t const child = ::fork();
        if (child != 0)
            return child;
        int const flags = O_WRONLY | O_CREAT | O_TRUNC;
        ::dup2(::open((folder.path() / "in").c_str(), O_RDONLY), 0);
        ::dup2(::open((folder.path() / "out").c_str(), flags, 0600), 1);
        ::dup2(::open((folder.path() / "err").c_str(), flags, 0600), 2);
        std::vector<char*> argv;
        for (auto& each : arguments)
            argv.push_back(each.data());
        int const code = server::run_program(static_cast<int>(argv.size()), argv.data());
        std::fflush(nullptr);
        ::_exit(code);
    }
    static int wait_for(pid_t child)
    {
        int status = 0;
        for (int i = 0; i < 3000; ++i) {
            if (::waitpid(child, &status, WNOHANG) == child)
                return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
            std::this_thread::sleep_for(10ms);
        }
        ::kill(child, SIGKILL);
        ::waitpid(child, &status, 0);
        return -1;
    }
    int run(std::vector<std::string> arguments, std::string const& input = {})
    {
        return wait_for(start(std::move(arguments), input));
    }
    std::vector<std::string> with_config(std::vector<std::string> arguments) const
    {
        arguments.push_back("--config");
        arguments.push_back(config_file().string());
        return arguments;
    }

    test::TemporaryDirectory folder;
    config::TlsFiles tls;
};

/// The server as a process; its listeners' ports are read from its log.
class ServeTest : public ProgramTest {
protected:
    void serve()
    {
        server = start(with_config({ "serve" }));
        for (int i = 0; i < 1000 && file("err").find(" serves") == std::string::npos; ++i)
            std::this_thread::sleep_for(10ms);
        auto const log = file("err");
        for (auto at = log.find("listens at "); at != log.npos;
             at = log.find("listens at ", at + 1))
            addresses.push_back(log.substr(at + 11, log.find('\n', at) - at - 11));
        ASSERT_EQ(addresses.size(), 3u) << log;
    }
    ~ServeTest() override
    {
        if (server > 0) {
            ::kill(server, SIGKILL);
            ::waitpid(server, nullptr, 0);
        }
    }
    test::Client connect(std::size_t listener) const
    {
        auto const& address = addresses.at(listener);
        config::Endpoint endpoint;
        if (address.starts_with("unix:"))
            endpoint.unix_path = address.substr(5);
        else {
            endpoint.host = address.substr(0, address.rfind(':'));
            endpoint.port
                = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
        }
        return test::Client::connect(endpoint);
    }
    int terminate(int signal)
    {
        ::kill(server, signal);
        return wait_for(std::exchange(server, -1));
    }

    pid_t server = -1;
    std::vector<std::string> addresses;
};

/// The lines up to the tagged one.
std::string ask(test::Client& client, std::string const& command)
{
    EXPECT_TRUE(client.send(command + "\r\n"));
    auto const tag = command.substr(0, command.find(' ') + 1);
    std::string all;
    for (auto line = client.read_line(); !line.empty(); line = client.read_line()) {
        all += line;
        if (line.starts_with(tag))
            break;
    }
    return all;
}

} // namespace

TEST_F(ProgramTest, HelpAndVersionAreEverywhere)
{
    std::vector<std::vector<std::string>> const commands { {}, { "serve" }, { "config" },
        { "config", "check" }, { "user" }, { "user", "add" }, { "user", "passwd" },
        { "user", "remove" }, { "user", "list" }, { "deliver" } };
    for (auto command : commands) {
        command.push_back("--help");
        EXPECT_EQ(run(command), 0);
        EXPECT_NE(file("out").find("Usage:"), std::string::npos);
    }
    EXPECT_EQ(run({ "--version" }), 0);
    EXPECT_TRUE(file("out").starts_with("mailroom "));
    EXPECT_NE(run({}), 0);
    EXPECT_NE(run({ "sreve" }), 0);
}

TEST_F(ProgramTest, ChecksTheConfig)
{
    EXPECT_EQ(run(with_config({ "config", "check" })), 0) << file("err");
    EXPECT_NE(file("out").find("good; 3 listeners"), std::string::npos);
    std::ofstream(config_file(), std::ios::app) << "colour = 1\n[limits]\nsessions = -1\n";
    EXPECT_EQ(run(with_config({ "config", "check" })), 1);
    EXPECT_NE(
        file("err").find("mailroom.toml:22:1: listener.colour: is no known key"), std::string::npos)
        << file("err");
    EXPECT_NE(file("err").find("mailroom.toml:24:12: limits.sessions: is -1"), std::string::npos)
        << file("err");
    EXPECT_EQ(run(with_config({ "serve" })), 1);
}

TEST_F(ProgramTest, EditsUsers)
{
    EXPECT_EQ(
        run(with_config({ "user", "add", "Alice@example.org", "--password-stdin" }), "secret\n"), 0)
        << file("err");
    EXPECT_TRUE(file("users").starts_with("alice@example.org {ARGON2ID}$argon2id$"));
    EXPECT_EQ(file("users").find("secret"), std::string::npos);
    auto const before = file("users");
    EXPECT_EQ(
        run(with_config({ "user", "add", "alice@example.org", "--password-stdin" }), "other\n"), 1);
    EXPECT_NE(file("err").find("exists already"), std::string::npos);
    EXPECT_EQ(
        run(with_config({ "user", "passwd", "alice@example.org", "--password-stdin" }), ""), 1);
    EXPECT_EQ(run(with_config({ "user", "add", "bob" }), "typed\n"), 1) << "no terminal to ask";
    EXPECT_NE(file("err").find("--password-stdin"), std::string::npos);
    EXPECT_EQ(file("users"), before);
    EXPECT_EQ(
        run(with_config({ "user", "passwd", "alice@example.org", "--password-stdin" }), "new\n"),
        0);
    EXPECT_NE(file("users"), before);
    EXPECT_EQ(run(with_config({ "user", "list" })), 0);
    EXPECT_EQ(file("out"), "alice@example.org\n");
    EXPECT_EQ(run(with_config({ "user", "remove", "alice@example.org" })), 0);
    EXPECT_EQ(run(with_config({ "user", "remove", "alice@example.org" })), 1);
    EXPECT_EQ(file("users"), "");
    std::filesystem::remove(folder.path() / "users");
    EXPECT_EQ(run(with_config({ "user", "add", "bob", "--password-stdin" }), "x\n"), 0)
        << "makes the file";
}

TEST_F(ServeTest, ServesMailFromDeliveryToLogout)
{
    ASSERT_EQ(run(with_config({ "user", "add", "alice", "--password-stdin" }), "secret\n"), 0);
    EXPECT_EQ(run(with_config({ "deliver", "alice" }),
                  "From someone@example.org Mon Nov 23\nSubject: one\n\n.dot\nend"),
        0)
        << file("err");
    EXPECT_EQ(run(with_config({ "deliver", "nobody" }), "Subject: one\n\n"), 1);
    EXPECT_NE(file("err").find("nobody"), std::string::npos);
    write_config("unix:" + (folder.path() / "lmtp.sock").string());
    serve();
    // While the server has the store, `deliver` goes through it.
    auto const log = file("err");
    std::filesystem::rename(folder.path() / "err", folder.path() / "log");
    EXPECT_EQ(run(with_config({ "deliver", "alice" }), "Subject: two\n\n.dot\nend\n"), 0)
        << file("err");
    EXPECT_NE(file("out").find("running server"), std::string::npos);

    auto client = connect(0);
    ASSERT_TRUE(client.start_tls());
    EXPECT_TRUE(client.read_line().starts_with("* OK "));
    EXPECT_TRUE(ask(client, "a0 LOGIN alice wrong").starts_with("a0 NO "));
    EXPECT_NE(ask(client, "a1 LOGIN alice secret").find("a1 OK "), std::string::npos);
    EXPECT_NE(ask(client, "a2 EXAMINE INBOX").find("* 2 EXISTS\r\n"), std::string::npos);
    auto const bodies = ask(client, "a3 FETCH 1:2 BODY.PEEK[TEXT]");
    EXPECT_NE(bodies.find("{9}\r\n.dot\r\nend)"), std::string::npos) << bodies;
    EXPECT_NE(bodies.find("{11}\r\n.dot\r\nend\r\n)"), std::string::npos) << bodies;
    EXPECT_NE(ask(client, "a4 LOGOUT").find("a4 OK "), std::string::npos);
    EXPECT_EQ(client.read_all(), "");
    EXPECT_TRUE(client.saw_close_notify());

    auto waiting = connect(1);
    EXPECT_TRUE(waiting.read_line().starts_with("* OK "));
    EXPECT_TRUE(ask(waiting, "a1 LOGIN alice secret").starts_with("a1 NO "))
        << "no password without TLS";
    auto const begin = std::chrono::steady_clock::now();
    EXPECT_EQ(terminate(SIGTERM), 0);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
    EXPECT_TRUE(waiting.read_all().starts_with("* BYE "));

    auto const lines = file("log");
    EXPECT_NE(lines.find("session begins, TLSv1.3"), std::string::npos) << lines;
    EXPECT_NE(lines.find("login of alice by LOGIN, TLS"), std::string::npos) << lines;
    EXPECT_NE(lines.find("protocol=imap reason=wrong-credentials mechanism=LOGIN user=\"alice\": "
                         "wrong name or password"),
        std::string::npos)
        << lines;
    EXPECT_NE(lines.find("octets in"), std::string::npos) << lines;
    EXPECT_NE(lines.find("to <alice>"), std::string::npos) << lines;
    EXPECT_EQ(lines.find("secret"), std::string::npos) << lines;
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "lmtp.sock"));
}

TEST_F(ServeTest, EndsOnInterruptAndReloadsOnHangUp)
{
    serve();
    ::kill(server, SIGHUP);
    std::this_thread::sleep_for(50ms);
    auto client = connect(1);
    EXPECT_TRUE(client.read_line().starts_with("* OK ")) << "still there";
    EXPECT_EQ(terminate(SIGINT), 0);
}
