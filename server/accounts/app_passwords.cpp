#include "server/accounts/app_passwords.h"

#include "server/accounts/users.h"
#include "server/log.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace mail::server {

namespace {

    constexpr std::size_t letters = 20;
    constexpr std::size_t group_size = 4;
    constexpr std::string_view known_protocols[] { "imap", "pop3", "smtp" };

    std::string hex(AppPasswordDigest const& digest)
    {
        std::string text;
        for (auto const octet : digest)
            text += fmt::format("{:02x}", octet);
        return text;
    }

    std::optional<AppPasswordDigest> parse_hex(std::string_view text)
    {
        AppPasswordDigest digest {};
        if (text.size() != 2 * digest.size())
            return std::nullopt;
        for (std::size_t i = 0; i < digest.size(); ++i) {
            auto const* const end = text.data() + 2 * i + 2;
            if (std::from_chars(end - 2, end, digest[i], 16).ptr != end)
                return std::nullopt;
        }
        return digest;
    }

    std::vector<std::string> split(std::string_view list)
    {
        std::vector<std::string> items;
        while (!list.empty()) {
            items.emplace_back(list.substr(0, list.find(',')));
            list.remove_prefix(std::min(list.size(), items.back().size() + 1));
        }
        return items;
    }

    std::string join(std::vector<std::string> const& items)
    {
        return fmt::format("{}", fmt::join(items, ","));
    }

    std::string text_of(std::chrono::sys_days day)
    {
        std::chrono::year_month_day const date(day);
        return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
            static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    }

    /// Reads "protocols=imap" and the like; returns what is wrong.
    std::string read_setting(std::string_view word, AppPassword& out)
    {
        auto const equals = word.find('=');
        auto const key = word.substr(0, equals);
        auto const value = equals == word.npos ? std::string_view {} : word.substr(equals + 1);
        if (key == "protocols") {
            out.protocols = split(value);
            bool const good = !out.protocols.empty()
                && std::ranges::all_of(out.protocols, [](std::string const& each) {
                       return std::ranges::find(known_protocols, each) != std::end(known_protocols);
                   });
            return good ? "" : "write protocols=imap,pop3,smtp or some of them";
        }
        if (key == "networks") {
            out.networks = split(value);
            bool const good = !out.networks.empty()
                && std::ranges::all_of(out.networks,
                    [](std::string const& each) { return Network::parse(each).has_value(); });
            return good ? "" : "write networks=192.0.2.0/24,2001:db8::/32 or the like";
        }
        if (key == "expires") {
            out.last_day = parse_day(value);
            return out.last_day ? "" : "write expires=2027-01-31 or the like";
        }
        return fmt::format(
            "\"{}\" is no known setting; there are protocols=, networks= and expires=", word);
    }

    std::string read_line(std::vector<std::string_view> const& words, AppPassword& out)
    {
        if (words.size() < 3)
            return "an app password has an account, a label and a digest; make one by: mailroom "
                   "user app-password add NAME LABEL";
        if (auto problem = problem_of_name(words[0]); !problem.empty())
            return problem;
        out.account = lower_case(words[0]);
        out.label = words[1];
        auto const digest = parse_hex(words[2]);
        if (!digest)
            return "the digest is no SHA-256 in 64 hexadecimal digits; make a new app password";
        out.digest = *digest;
        for (std::size_t i = 3; i < words.size(); ++i)
            if (auto problem = read_setting(words[i], out); !problem.empty())
                return problem;
        return {};
    }

    auto find_line(
        std::vector<std::string>& lines, std::string_view account, std::string_view label)
    {
        return std::ranges::find_if(lines, [&](std::string const& line) {
            auto const words = words_of_line(std::string_view(line).substr(0, line.find('\n')));
            return words.size() > 1 && lower_case(words[0]) == account && words[1] == label;
        });
    }

} // namespace

std::string AppPassword::problem_of(
    session::Attempt const& attempt, std::chrono::sys_days today) const
{
    if (last_day && today > *last_day)
        return fmt::format("it expired after {}", text_of(*last_day));
    if (!protocols.empty() && std::ranges::find(protocols, attempt.protocol) == protocols.end())
        return fmt::format("it is for {} only", join(protocols));
    bool const is_near = networks.empty() || std::ranges::any_of(networks, [&](auto const& each) {
        auto const network = Network::parse(each);
        return network && network->contains(attempt.peer.address);
    });
    return is_near ? "" : fmt::format("it is for clients of {} only", join(networks));
}

std::string make_app_password()
{
    std::string password;
    for (std::size_t made = 0; made < letters;) {
        unsigned char octet = 0;
        if (::RAND_bytes(&octet, 1) != 1)
            throw std::runtime_error("no random octets for a password");
        if (octet >= 256 / 26 * 26) // each letter equally often
            continue;
        if (made != 0 && made % group_size == 0)
            password += '-';
        password += static_cast<char>('a' + octet % 26);
        ++made;
    }
    return password;
}

std::optional<AppPasswordDigest> digest_of_app_password(std::string_view password)
{
    if (password.size() > 4 * letters)
        return std::nullopt;
    auto plain = lower_case(password);
    std::erase_if(plain, [](char c) { return c == '-' || c == ' '; });
    if (plain.size() != letters
        || !std::ranges::all_of(plain, [](char c) { return c >= 'a' && c <= 'z'; }))
        return std::nullopt;
    AppPasswordDigest digest {};
    if (::EVP_Digest(plain.data(), plain.size(), digest.data(), nullptr, ::EVP_sha256(), nullptr)
        != 1)
        throw std::runtime_error("cannot make a digest of an app password");
    return digest;
}

std::optional<std::chrono::sys_days> parse_day(std::string_view text)
{
    if (text.size() != 10 || text[4] != '-' || text[7] != '-')
        return std::nullopt;
    auto const number = [&](std::size_t at, std::size_t size) -> int {
        int value = -1;
        auto const* const end = text.data() + at + size;
        return std::from_chars(text.data() + at, end, value).ptr == end ? value : -1;
    };
    auto const [year, month, day] = std::array { number(0, 4), number(5, 2), number(8, 2) };
    if (year < 0 || month < 0 || day < 0)
        return std::nullopt;
    std::chrono::year_month_day const date { std::chrono::year(year),
        std::chrono::month(static_cast<unsigned>(month)),
        std::chrono::day(static_cast<unsigned>(day)) };
    if (!date.ok())
        return std::nullopt;
    return std::chrono::sys_days(date);
}

std::string line_of(AppPassword const& app_password)
{
    auto line = fmt::format(
        "{} {} {}", app_password.account, app_password.label, hex(app_password.digest));
    if (!app_password.protocols.empty())
        line += " protocols=" + join(app_password.protocols);
    if (!app_password.networks.empty())
        line += " networks=" + join(app_password.networks);
    if (app_password.last_day)
        line += " expires=" + text_of(*app_password.last_day);
    return line;
}

std::vector<AppPassword> parse_app_passwords(
    std::string_view text, std::filesystem::path const& file)
{
    std::vector<AppPassword> all;
    std::string problems;
    for (auto const& [number, words] : lines_of_words(text)) {
        AppPassword one;
        auto problem = read_line(words, one);
        if (problem.empty() && std::ranges::any_of(all, [&](AppPassword const& other) {
                return other.account == one.account && other.label == one.label;
            }))
            problem = fmt::format("{} has an app password {} already; remove one of the lines",
                one.account, one.label);
        if (problem.empty())
            all.push_back(std::move(one));
        else
            problems += fmt::format(
                "{}{}:{}: {}", problems.empty() ? "" : "\n", file.string(), number, problem);
    }
    if (!problems.empty())
        throw std::runtime_error(problems);
    return all;
}

void add_app_password(std::filesystem::path const& file, AppPassword const& added)
{
    if (auto const problem = problem_of_name(added.account); !problem.empty())
        throw std::runtime_error(problem);
    auto const is_bad = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
    if (added.label.empty() || added.label.size() > 64 || std::ranges::any_of(added.label, is_bad))
        throw std::runtime_error("a label is one word of at most 64 octets, such as phone");
    auto const check = [&](std::string_view text) { parse_app_passwords(text, file); };
    edit_lines(file, Missing::is_empty, check, [&](std::vector<std::string>& lines) {
        if (find_line(lines, added.account, added.label) != lines.end())
            throw std::runtime_error(
                fmt::format("{0} has an app password {1} already; remove it by: mailroom user "
                            "app-password remove {0} {1}",
                    added.account, added.label));
        lines.push_back(line_of(added) + '\n');
    });
}

void remove_app_password(
    std::filesystem::path const& file, std::string_view account, std::string_view label)
{
    auto const check = [&](std::string_view text) { parse_app_passwords(text, file); };
    auto const lower = lower_case(account);
    edit_lines(file, Missing::is_empty, check, [&](std::vector<std::string>& lines) {
        auto const line = find_line(lines, lower, label);
        if (line == lines.end())
            throw std::runtime_error(fmt::format("{0} has no app password {1}; list them by: "
                                                 "mailroom user app-password list {0}",
                lower, label));
        lines.erase(line);
    });
}

AppPasswordFile::AppPasswordFile(std::filesystem::path file)
    : file_(std::move(file))
    , stamp_(file_)
    , passwords_(read(file_))
{
}

AppPasswordFile::ByDigest AppPasswordFile::read(std::filesystem::path const& file)
{
    ByDigest passwords;
    if (FileStamp(file).is_none())
        return passwords;
    for (auto& each : parse_app_passwords(read_text(file), file)) {
        auto const digest = each.digest;
        passwords.emplace(digest, std::make_shared<AppPassword const>(std::move(each)));
    }
    return passwords;
}

std::shared_ptr<AppPassword const> AppPasswordFile::find(AppPasswordDigest const& digest)
{
    std::lock_guard const lock(mutex_);
    FileStamp const now(file_);
    if (now != stamp_) {
        stamp_ = now; // also when it cannot be read: told once, and again after the next change
        try {
            passwords_ = read(file_);
            log::info("read {} app passwords from {}", passwords_.size(), file_.string());
        } catch (std::exception const& failure) {
            log::error("the app passwords stay as they were before the change: {}", failure.what());
        }
    }
    auto const found = passwords_.find(digest);
    return found == passwords_.end() ? nullptr : found->second;
}

} // namespace mail::server
