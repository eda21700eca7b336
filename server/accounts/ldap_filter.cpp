#include "server/accounts/ldap_filter.h"

namespace mail::server {

std::string escape_filter_value(std::string_view value)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (char const c : value) {
        auto const octet = static_cast<unsigned char>(c);
        // Octets of UTF-8 may stand as they are, and those of anything else may not.
        bool const is_special = octet < 0x20 || octet >= 0x7f
            || std::string_view("*()\\/").find(c) != std::string_view::npos;
        if (is_special) {
            out += '\\';
            out += digits[octet >> 4];
            out += digits[octet & 15];
        } else {
            out += c;
        }
    }
    return out;
}

std::string fill_filter(std::string_view filter, std::string_view name)
{
    auto const at = name.rfind('@');
    std::string out;
    for (std::size_t i = 0; i < filter.size(); ++i) {
        if (filter[i] != '%' || i + 1 == filter.size()) {
            out += filter[i];
            continue;
        }
        switch (filter[++i]) {
        case 'u':
            out += escape_filter_value(name);
            break;
        case 'n':
            out += escape_filter_value(name.substr(0, at));
            break;
        case 'd':
            out += escape_filter_value(at == name.npos ? "" : name.substr(at + 1));
            break;
        default:
            out += filter[i];
        }
    }
    return out;
}

} // namespace mail::server
