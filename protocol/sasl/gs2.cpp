#include "protocol/sasl/gs2.h"

namespace mail::sasl {

std::optional<std::string> decode_saslname(std::string_view text)
{
    std::string name;
    while (!text.empty()) {
        if (text.front() != '=') {
            name.push_back(text.front());
            text.remove_prefix(1);
            continue;
        }
        if (!text.starts_with("=2C") && !text.starts_with("=3D"))
            return std::nullopt;
        name.push_back(text[2] == 'C' ? ',' : '=');
        text.remove_prefix(3);
    }
    if (name.empty() || name.find('\0') != name.npos)
        return std::nullopt;
    return name;
}

} // namespace mail::sasl
