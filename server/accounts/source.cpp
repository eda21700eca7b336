#include "server/accounts/source.h"

namespace mail::server {

Verdict Source::check_password(UserEntry const&, Tried const&)
{
    throw std::logic_error(name() + " was to check a password, which it does not do");
}

bool Source::replace(UserEntry const&, Verifiers const&)
{
    throw std::logic_error(name() + " was to store a password hash, which it does not do");
}

} // namespace mail::server
