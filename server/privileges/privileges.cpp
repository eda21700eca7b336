#include "server/privileges/privileges.h"

#include "server/log.h"
#include "server/privileges/calls.h"
#include "server/privileges/files.h"
#include "server/privileges/identity.h"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace mail::server {

namespace {

    using Paths = std::vector<std::filesystem::path>;

    /// The folder of a file that is replaced now and then, also where a symbolic link leads
    /// (certbot's "live" links to "archive").
    void add_folder_of(Paths& folders, std::filesystem::path const& file)
    {
        if (file.empty())
            return;
        folders.push_back(file.parent_path());
        std::error_code missing;
        auto const real = std::filesystem::canonical(file, missing);
        if (!missing)
            folders.push_back(real.parent_path());
    }

    bool asks_pam(config::Config const& config)
    {
        return std::ranges::any_of(config.auth.sources, [](config::AuthSource const& source) {
            return std::holds_alternative<config::PamAccounts>(source.accounts);
        });
    }

    /// "dbname=/file" among words, or the file alone, as SOCI takes it.
    std::filesystem::path sqlite_file(config::SqlAccounts const& accounts)
    {
        std::string_view text = accounts.connection;
        constexpr std::string_view key = "dbname=";
        if (auto const at = text.find(key); at != text.npos)
            text.remove_prefix(at + key.size());
        text = text.substr(0, text.find(' '));
        if (text.size() > 1 && text.front() == '"' && text.back() == '"')
            text = text.substr(1, text.size() - 2);
        return text;
    }

    void add_accounts(FileRules& rules, config::AuthSource const& source)
    {
        if (auto const* file = std::get_if<config::FileAccounts>(&source.accounts))
            add_folder_of(rules.write, file->path);
        else if (auto const* ldap = std::get_if<config::LdapAccounts>(&source.accounts))
            add_folder_of(rules.read, ldap->ca_file);
        else if (auto const* sql = std::get_if<config::SqlAccounts>(&source.accounts);
                 sql && sql->driver == config::SqlAccounts::Driver::sqlite)
            add_folder_of(rules.write, sqlite_file(*sql)); // it makes journals beside it
    }

    FileRules rules_for(config::Config const& config)
    {
        FileRules rules;
        // Names of hosts, trusted authorities, time zones, users; what OpenSSL reads of the system.
        rules.read = { "/etc", "/usr/share", "/run/systemd/resolve", "/proc", "/sys/devices/system",
            "/dev/urandom", "/dev/random" };
        rules.load = { "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib" };
        rules.write = { config.storage.path, "/dev/null", "/dev/shm" };
        for (auto const& files : config.tls.certificates)
            for (auto const& file : { files.certificate, files.private_key, files.ocsp_response })
                add_folder_of(rules.read, file);
        add_folder_of(rules.read, config.tls.client_ca);
        add_folder_of(rules.read, config.tls.client_crl);
        add_folder_of(rules.read, config.auth.app_passwords_file);
        auto const& oauth = config.auth.oauth;
        for (auto const& file : oauth.jwks_files)
            add_folder_of(rules.read, file);
        for (auto const& file : { oauth.introspection.ca_file,
                 oauth.introspection.client_secret_file, oauth.introspection.bearer_token_file })
            add_folder_of(rules.read, file);
        add_folder_of(rules.write, config.auth.users_file); // a hash may be renewed at a login
        for (auto const& source : config.auth.sources)
            add_accounts(rules, source);
        rules.read.insert(rules.read.end(), config.process.read.begin(), config.process.read.end());
        rules.write.insert(
            rules.write.end(), config.process.write.begin(), config.process.write.end());
        for (auto const& listener : config.listeners)
            if (listener.endpoint.is_unix())
                rules.remove.push_back(listener.endpoint.unix_path.parent_path());
        return rules;
    }

    void confine(config::Config const& config)
    {
        // What does not exist yet no rule can be about.
        std::error_code told_by_the_store;
        std::filesystem::create_directories(config.storage.path, told_by_the_store);
        // Modules of PAM start programs and read files that only they know of.
        bool const has_pam = asks_pam(config);
        auto problem = has_pam ? std::string {} : confine_files(rules_for(config));
        if (problem.empty())
            problem = confine_calls(has_pam ? Programs::may_start : Programs::refused);
        if (problem.empty())
            log::info("confined {}",
                has_pam ? "as far as PAM allows: files are not, nor programs to start"
                        : "to the store, the config and the sockets");
        else if (config.process.confine == config::Confine::required)
            throw std::runtime_error(fmt::format(
                "cannot confine the process: {}; or write process.confine = \"possible\"",
                problem));
        else
            log::warn("the process is not confined: {}", problem);
    }

} // namespace

void give_up_privileges(config::Config const& config)
{
    harden_process();
    auto const& user = config.process.user;
    if (is_root() && user.empty()) {
        log::warn("serving as root; set process.user to the user that the store is to belong to");
    } else if (is_root()) {
        hand_over(config, user);
        become(user);
        log::info("became the user {}", user);
        for (auto const& files : config.tls.certificates)
            if (::access(files.private_key.c_str(), R_OK) != 0)
                log::warn("{} may not read {}: a renewed certificate is taken at a restart only; "
                          "let the user's group read the key",
                    user, files.private_key.string());
    }
    if (config.process.confine != config::Confine::off)
        confine(config);
}

} // namespace mail::server
