#include "server/accounts/master_names.h"

namespace mail::server {

void take_master_name(session::Attempt& attempt, std::string& name, std::string_view separator)
{
    if (separator.empty() || !attempt.authzid.empty())
        return;
    auto const at = name.rfind(separator);
    if (at == name.npos || at == 0 || at + separator.size() == name.size())
        return;
    attempt.authzid = name.substr(0, at);
    name.erase(0, at + separator.size());
}

} // namespace mail::server
