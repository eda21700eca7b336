#include "server/app_password_commands.h"

#include "config/reader.h"
#include "server/accounts/app_password_accounts.h"
#include "server/accounts/users.h"
#include "server/server.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>
#include <stdexcept>

namespace mail::server {

namespace {

    struct Request {
        std::string config = "/etc/mailroom/mailroom.toml";
        std::string account;
        std::string label;
        std::vector<std::string> protocols;
        std::vector<std::string> networks;
        std::string last_day;
    };

    config::Config config_of(Request const& request)
    {
        return config::load(request.config, config::Files::may_be_missing, config_checks());
    }

    std::vector<AppPassword> read_all(std::filesystem::path const& file)
    {
        if (FileStamp(file).is_none())
            return {};
        return parse_app_passwords(read_text(file), file);
    }

    int add(Request const& request)
    {
        auto const file = app_passwords_file(config_of(request));
        auto const password = make_app_password();
        AppPassword added { .account = lower_case(request.account),
            .label = request.label,
            .digest = *digest_of_app_password(password),
            .protocols = request.protocols,
            .networks = request.networks,
            .last_day = parse_day(request.last_day) };
        if (!request.last_day.empty() && !added.last_day)
            throw std::runtime_error("--expires takes a day such as 2027-01-31");
        add_app_password(file, added);
        fmt::print("{}\n", password);
        fmt::print(stderr,
            "This is the app password {} of {}. It is shown this once; only its digest is kept, in "
            "{}.\n",
            added.label, added.account, file.string());
        return 0;
    }

    int list(Request const& request)
    {
        auto const config = config_of(request);
        AppPasswordUses const uses(app_password_uses_file(config.storage));
        auto const account = lower_case(request.account);
        for (auto const& each : read_all(app_passwords_file(config))) {
            if (each.account != account)
                continue;
            auto const line = line_of(each);
            auto const digest_end = line.find(' ', each.account.size() + each.label.size() + 2);
            auto const last = uses.last_use(each.account, each.label);
            fmt::print("{}{}, last used: {}\n", each.label,
                digest_end == line.npos ? "" : line.substr(digest_end),
                last.empty() ? "never" : last);
        }
        return 0;
    }

    int remove(Request const& request)
    {
        remove_app_password(app_passwords_file(config_of(request)), request.account, request.label);
        fmt::print(
            "removed the app password {} of {}\n", request.label, lower_case(request.account));
        return 0;
    }

} // namespace

void add_app_password_commands(CLI::App& user, std::function<int()>& chosen)
{
    auto const request = std::make_shared<Request>();
    auto* const group = user.add_subcommand("app-password",
                                "Further passwords of an account, one for each program")
                            ->require_subcommand(1);
    auto const command = [&](char const* name, char const* help, int (*run)(Request const&)) {
        auto* const added = group->add_subcommand(name, help);
        added->add_option("-c,--config", request->config, "The config file")->capture_default_str();
        added->add_option("NAME", request->account, "The account, such as alice@example.org")
            ->required();
        added->callback(
            [request, run, &chosen] { chosen = [request, run] { return run(*request); }; });
        return added;
    };
    auto* const adding = command("add", "Make an app password and show it, once", add);
    adding->add_option("LABEL", request->label, "A word for the program, such as phone")
        ->required();
    adding->add_option("--protocols", request->protocols, "Where it may be used: imap,pop3,smtp")
        ->delimiter(',');
    adding->add_option("--networks", request->networks, "From where: 192.0.2.0/24,2001:db8::/32")
        ->delimiter(',');
    adding->add_option("--expires", request->last_day, "The last day of its use: 2027-01-31");
    command("list", "List the app passwords of an account", list);
    command("remove", "Remove an app password", remove)
        ->add_option("LABEL", request->label, "As list shows it")
        ->required();
}

} // namespace mail::server
