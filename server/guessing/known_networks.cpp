#include "server/guessing/known_networks.h"

#include "server/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <span>
#include <utility>

namespace mail::server {

namespace {

    // The number's octets also tell machines of the other order apart.
    constexpr std::uint64_t magic = 0x31'6e'6b'72'6d'6c'6d'0a; // version 1

} // namespace

unsigned today()
{
    using days = std::chrono::duration<unsigned, std::ratio<24 * 3600>>;
    return std::chrono::duration_cast<days>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

KnownNetworks::KnownNetworks(std::filesystem::path file, std::string_view secret, unsigned days)
    : file_(std::move(file))
    , digest_(secret)
    , days_(days)
    , logins_(capacity)
{
    read();
}

std::uint64_t KnownNetworks::key_of(std::string_view account, std::string_view network) const
{
    // Of files that are there: the first part ends without a NUL.
    return digest_.number_of({ "known network " + std::string(account), network });
}

bool KnownNetworks::contains(
    std::string_view account, std::string_view network, unsigned today) const
{
    auto const key = key_of(account, network);
    std::lock_guard const lock(mutex_);
    auto const set = std::span(logins_).subspan(set_of(key), ways);
    auto const found = std::ranges::find(set, key, &Login::key);
    return found != set.end() && today <= found->day + days_;
}

void KnownNetworks::remember(std::string_view account, std::string_view network, unsigned today)
{
    auto const key = key_of(account, network);
    std::lock_guard const lock(mutex_);
    auto const set = std::span(logins_).subspan(set_of(key), ways);
    auto place = std::ranges::find(set, key, &Login::key);
    if (place == set.end())
        place = std::ranges::min_element(set, {}, &Login::day);
    is_changed_ = is_changed_ || place->key != key || place->day != today;
    *place = { .key = key, .day = today };
}

void KnownNetworks::read()
{
    std::ifstream in(file_, std::ios::binary);
    if (!in)
        return;
    std::uint64_t found = 0;
    in.read(reinterpret_cast<char*>(&found), sizeof found);
    std::vector<Login> logins(capacity);
    auto const size = static_cast<std::streamsize>(capacity * sizeof(Login));
    in.read(reinterpret_cast<char*>(logins.data()), size);
    if (found == magic && in.gcount() == size)
        logins_ = std::move(logins);
    else
        log::warn("{} is not what this program wrote: the networks from which users logged in "
                  "before are learnt anew",
            file_.string());
}

void KnownNetworks::save()
{
    std::vector<Login> logins;
    {
        std::lock_guard const lock(mutex_);
        if (!std::exchange(is_changed_, false))
            return;
        logins = logins_;
    }
    auto temporary = file_;
    temporary += ".new";
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    std::error_code error;
    std::filesystem::permissions(temporary, std::filesystem::perms { 0600 }, error);
    out.write(reinterpret_cast<char const*>(&magic), sizeof magic);
    out.write(reinterpret_cast<char const*>(logins.data()),
        static_cast<std::streamsize>(logins.size() * sizeof(Login)));
    out.close();
    error.clear();
    if (out)
        std::filesystem::rename(temporary, file_, error);
    if ((!out || error) && !std::exchange(was_told_, true))
        log::warn("cannot write {}: {}; after a restart it is not known from which networks users "
                  "logged in before",
            file_.string(), error ? error.message() : std::strerror(errno));
}

} // namespace mail::server
