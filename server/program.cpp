// The command line of `mailroom`.
#include "server/program.h"

#include "config/reader.h"
#include "server/accounts/open_sources.h"
#include "server/accounts/pam_process.h"
#include "server/accounts/passwords.h"
#include "server/accounts/users_file.h"
#include "server/accounts/weak_accounts.h"
#include "server/app_password_commands.h"
#include "server/deliver.h"
#include "server/log.h"
#include "server/privileges/privileges.h"
#include "server/server.h"
#include "server/tls/context.h"
#include "server/tokens/token_checker.h"

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/system_executor.hpp>
#include <fmt/format.h>
#include <openssl/crypto.h>

#include <malloc.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace mail::server {

namespace {

    constexpr char version[] = "mailroom " MAILROOM_VERSION;

    /// What the command line said.
    struct Options {
        std::string config = "/etc/mailroom/mailroom.toml";
        std::string name;
        std::string folder; ///< of PAM's services
        bool password_from_stdin = false;
    };

    // --- serve

    /// Many sessions, and memory that goes back to the system when they leave.
    void prepare_process(config::Config const& config)
    {
        std::signal(SIGPIPE, SIG_IGN);
        // An arena per thread would each keep its own free memory. Large blocks (password hashes,
        // bodies) are mapped, so that they go back at once; but not the 3 MiB that LMDB allocates
        // for every job of a batch: unmapping them interrupts all other cores each time.
        ::mallopt(M_ARENA_MAX, 2);
        ::mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
        ::mallopt(M_TRIM_THRESHOLD, 16 * 1024 * 1024);
        rlimit files {};
        ::getrlimit(RLIMIT_NOFILE, &files);
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
        if (files.rlim_cur < config.limits.sessions + 100u)
            log::warn("the limit of open files is {}: too few for limits.sessions = {}; raise it "
                      "(LimitNOFILE=, ulimit -n)",
                files.rlim_cur, config.limits.sessions);
    }

    /// Hands signals to the server, on a thread of its own so that none is missed while the others
    /// work.
    class Signals {
    public:
        explicit Signals(Server& server)
            : set_(io_, SIGTERM, SIGINT, SIGHUP)
            , server_(server)
        {
            wait();
            thread_ = std::thread([this] { io_.run(); });
        }
        ~Signals()
        {
            io_.stop();
            thread_.join();
        }
        Signals(Signals const&) = delete;
        Signals& operator=(Signals const&) = delete;

    private:
        void wait()
        {
            set_.async_wait([this](boost::system::error_code error, int signal) {
                if (error)
                    return;
                if (signal == SIGHUP)
                    server_.reload();
                else
                    server_.stop();
                wait();
            });
        }

        boost::asio::io_context io_ { 1 };
        boost::asio::signal_set set_;
        Server& server_;
        std::thread thread_;
    };

    int serve_command(Options const& options)
    {
        auto config = config::load(options.config, config::Files::must_exist, config_checks());
        set_up_log(config.log);
        prepare_process(config);
        Server server(std::move(config), nullptr, give_up_privileges);
        bool drained = false;
        {
            Signals const signals(server);
            log::info("{} serves", version);
            drained = server.run();
        }
        if (!drained) {
            // What is committed is on disk, and what is not was not acknowledged: nothing is lost
            // by leaving.
            log::shutdown();
            std::_Exit(0);
        }
        log::info("ended");
        return 0;
    }

    // --- config

    int config_check_command(Options const& options)
    {
        auto const config
            = config::load(options.config, config::Files::must_exist, config_checks());
        if (!config.tls.certificates.empty())
            for (auto const& remark :
                tls::Context(config.tls).look(std::chrono::system_clock::now()))
                if (remark.level != log::level::info)
                    fmt::print(stderr, "{}: {}\n", options.config, remark.text);
        if (config.auth.oauth.is_on())
            TokenChecker(config.auth.oauth, boost::asio::system_executor());
        auto const sources = open_sources(config.auth);
        auto const in_file
            = config.auth.users_file.empty() ? 0 : read_users(config.auth.users_file).all().size();
        fmt::print(
            "{}: good; {} listeners, {} sources of accounts, {} accounts in the users file\n",
            options.config, config.listeners.size(), sources.size(), in_file);
        if (!config.auth.weak_schemes && !config.auth.users_file.empty())
            for (auto const& line : advice_on_weak_accounts(read_users(config.auth.users_file)))
                fmt::print("{}: {}\n", config.auth.users_file.string(), line);
        return 0;
    }

    // --- user

    /// A line from the terminal, without echo.
    std::string prompt(char const* text)
    {
        termios before {};
        if (::tcgetattr(STDIN_FILENO, &before) != 0)
            throw std::runtime_error(
                "standard input is no terminal; give the password by --password-stdin");
        auto silent = before;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
        fmt::print(stderr, "{}: ", text);
        std::string line;
        for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar())
            line += static_cast<char>(c);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fmt::print(stderr, "\n");
        return line;
    }

    std::string read_password(Options const& options)
    {
        std::string password;
        if (options.password_from_stdin) {
            for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar())
                password += static_cast<char>(c);
            if (!password.empty() && password.back() == '\r')
                password.pop_back();
        } else {
            password = prompt("Password");
            if (prompt("The same again") != password)
                throw std::runtime_error("the two passwords differ; nothing was changed");
        }
        if (password.empty())
            throw std::runtime_error("the password is empty; nothing was changed");
        if (password.size() > max_password || password.find('\0') != std::string::npos)
            throw std::runtime_error(fmt::format(
                "a password has at most {} octets and no NUL; nothing was changed", max_password));
        return password;
    }

    std::filesystem::path users_file(Options const& options)
    {
        auto const auth
            = config::load(options.config, config::Files::may_be_missing, config_checks()).auth;
        if (auth.users_file.empty())
            throw std::runtime_error(fmt::format("the accounts of {} stand in no users file; "
                                                 "change them where they stand, or add an "
                                                 "[[auth.source]] with type = \"file\"",
                options.config));
        return auth.users_file;
    }

    int user_add_command(Options const& options)
    {
        auto const file = users_file(options);
        if (auto const problem = problem_of_name(options.name); !problem.empty())
            throw std::runtime_error(problem);
        if (std::filesystem::exists(file) && read_users(file).find(lower_case(options.name)))
            throw std::runtime_error(fmt::format(
                "the user {0} exists already; change the password by: mailroom user passwd {0}",
                lower_case(options.name)));
        add_user(file, options.name, make_verifiers(read_password(options)));
        fmt::print("added {} to {}\n", lower_case(options.name), file.string());
        return 0;
    }

    int user_passwd_command(Options const& options)
    {
        auto const file = users_file(options);
        if (!read_users(file).find(lower_case(options.name)))
            throw std::runtime_error(
                fmt::format("there is no user {}; list them by: mailroom user list", options.name));
        set_password(file, options.name, make_verifiers(read_password(options)));
        fmt::print("changed the password of {}\n", lower_case(options.name));
        return 0;
    }

    int user_remove_command(Options const& options)
    {
        auto const file = users_file(options);
        remove_user(file, options.name);
        fmt::print("removed {} from {}; the mail of the account is kept\n",
            lower_case(options.name), file.string());
        return 0;
    }

    int user_list_command(Options const& options)
    {
        auto const users = read_users(users_file(options));
        for (auto const& user : users.all())
            fmt::print("{}{}\n", user.name, user.is_disabled ? " (disabled)" : "");
        return 0;
    }

    // --- deliver

    int deliver_command(Options const& options)
    {
        auto config = config::load(options.config, config::Files::may_be_missing, config_checks());
        set_up_log(config.log);
        std::signal(SIGPIPE, SIG_IGN);
        fmt::print("{}\n", deliver(config, options.name, STDIN_FILENO));
        return 0;
    }

    // --- pam-helper

    /// For the server itself, which starts it (PamProcess).
    int pam_helper_command(Options const& options)
    {
        return run_pam_helper(options.name, options.folder);
    }

    using Run = int (*)(Options const&);

    /// Adds a subcommand that runs `run`.
    CLI::App* add(
        CLI::App& to, Options& options, Run& chosen, char const* name, char const* help, Run run)
    {
        auto* const command = to.add_subcommand(name, help);
        command->add_option("-c,--config", options.config, "The config file")
            ->capture_default_str();
        command->callback([&chosen, run] { chosen = run; });
        return command;
    }

    void add_user_commands(
        CLI::App& app, Options& options, Run& chosen, std::function<int()>& app_password_command)
    {
        auto* const user
            = app.add_subcommand("user", "Accounts of the users file")->require_subcommand(1);
        auto const with_name = [&](CLI::App* command) {
            command->add_option("NAME", options.name, "The account, such as alice@example.org")
                ->required();
            return command;
        };
        auto const with_password = [&](CLI::App* command) {
            command->add_flag("--password-stdin", options.password_from_stdin,
                "Read the password from standard input, not from the terminal");
        };
        with_password(
            with_name(add(*user, options, chosen, "add", "Add an account", user_add_command)));
        with_password(with_name(
            add(*user, options, chosen, "passwd", "Change a password", user_passwd_command)));
        with_name(add(*user, options, chosen, "remove", "Remove an account; its mail is kept",
            user_remove_command));
        add(*user, options, chosen, "list", "List the accounts", user_list_command);
        add_app_password_commands(*user, app_password_command);
    }

} // namespace

int run_program(int argc, char** argv)
{
    Options options;
    Run chosen = nullptr;
    std::function<int()> app_password_command;
    CLI::App app("Mailroom, a mail access server: IMAP and POP3 over one transactional store");
    app.name("mailroom");
    app.set_version_flag("--version", version);
    app.require_subcommand(1);
    add(app, options, chosen, "serve", "Run the server until SIGTERM or SIGINT", serve_command);
    auto* const config = app.add_subcommand("config", "The config file")->require_subcommand(1);
    add(*config, options, chosen, "check", "Name every mistake in the config file",
        config_check_command);
    add_user_commands(app, options, chosen, app_password_command);
    auto* const deliver = add(
        app, options, chosen, "deliver", "Deliver a message from standard input", deliver_command);
    deliver->add_option("ACCOUNT", options.name, "The account or address")->required();
    auto* const pam_helper = app.add_subcommand("pam-helper", "Ask PAM for the server");
    pam_helper->group(""); // is not listed
    pam_helper->add_option("SERVICE", options.name)->required();
    pam_helper->add_option("FOLDER", options.folder)->required();
    pam_helper->callback([&chosen] { chosen = pam_helper_command; });
    CLI11_PARSE(app, argc, argv);
    try {
        return app_password_command ? app_password_command() : chosen(options);
    } catch (config::Unusable const& problems) {
        fmt::print(
            stderr, "{}\n", problems.what()); // a line each, which begins with file and place
        return 1;
    } catch (std::exception const& failure) {
        fmt::print(stderr, "mailroom: {}\n", failure.what());
        return 1;
    }
}

} // namespace mail::server
