// Any lines as policy requests: each ends in bounded memory, and the next one begins anew.
#include "protocol/mta/policy_request.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace mail::mta;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* octets, std::size_t size)
{
    std::string_view input(reinterpret_cast<char const*>(octets), size);
    PolicyReader reader;
    auto begin = input.begin();
    while (!input.empty()) {
        auto const line = input.substr(0, input.find('\n'));
        input.remove_prefix(std::min(input.size(), line.size() + 1));
        auto const found = reader.take(line);
        auto const& request = reader.request();
        if (request.request.size() + request.recipient.size() > PolicyReader::max_octets)
            std::abort();
        if (found == PolicyReader::Found::broken)
            break;
        if (found == PolicyReader::Found::request) {
            PolicyReader fresh;
            std::string_view lines(begin, line.end());
            for (auto again = PolicyReader::Found::nothing;
                 again == PolicyReader::Found::nothing;) {
                auto const one = lines.substr(0, lines.find('\n'));
                lines.remove_prefix(std::min(lines.size(), one.size() + 1));
                again = fresh.take(one);
            }
            if (fresh.request().recipient != request.recipient
                || fresh.request().size != request.size || !line.empty())
                std::abort();
            begin = input.begin();
        }
    }
    return 0;
}
