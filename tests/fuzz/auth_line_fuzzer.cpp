// Any octets as a line of the authentication protocol: what is taken for an address is one, nothing
// behind resp= counts, and what goes out escaped comes back as it was.
#include "protocol/mta/auth_line.h"
#include "protocol/network.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace mail::mta;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* octets, std::size_t size)
{
    std::string_view const input(reinterpret_cast<char const*>(octets), size);
    auto const line = parse_auth_line(input);
    if (auto const* begin = std::get_if<AuthBegin>(&line)) {
        if (!begin->remote_address.empty() && !mail::Network::parse(begin->remote_address))
            std::abort();
        auto parameters = input;
        for (int field = 0; field < 3; ++field) // the command, the id, the mechanism
            parameters.remove_prefix(std::min(parameters.find('\t'), parameters.size() - 1) + 1);
        auto const said = "\t" + std::string(parameters);
        if (begin->is_secured
            && said.substr(0, said.find("\tresp=")).find("\tsecured") == said.npos)
            std::abort();
        if (begin->mechanism.empty() && begin->problem.empty())
            std::abort();
    }
    std::string escaped;
    append_tab_escaped(escaped, input);
    if (tab_unescaped(escaped) != input || escaped.find_first_of("\t\r\n") != escaped.npos)
        std::abort();
    static_cast<void>(tab_unescaped(input));
    return 0;
}
