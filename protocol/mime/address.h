// Address lists of header fields (RFC 5322 §3.4 and §4.4, RFC 6532), as real mail has them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mail::mime {

struct Address {
    enum class Kind {
        mailbox,
        group_begin, ///< only `name`: the group's
        group_end
    };
    Kind kind = Kind::mailbox;
    std::string name; ///< display name or, without one, the comment; encoded words stay encoded
    std::string route; ///< obsolete source route: "@a,@b"
    std::string local; ///< quoting removed; empty when missing
    std::string domain; ///< empty when missing
    bool operator==(Address const&) const = default;
};

/// Reads the addresses of a raw field value one by one. Broken ones give what can be understood of
/// them; every group_begin is followed by a group_end. Linear.
class AddressReader {
public:
    explicit AddressReader(std::string_view raw_value);
    bool next(Address& address); ///< false at the end; reuses the strings of `address`

private:
    bool at_end() const { return at_ >= text_.size(); }
    bool skip_white(std::string* comment);
    bool read_quoted(std::string& out);
    bool read_comment(std::string* out);
    void read_atom(std::string& out);
    void read_word(std::string& out);
    void read_dotted(std::string& out);
    void read_domain(std::string& out);
    void read_angle(Address& address);
    void skip_rest();
    bool read_item(Address& address);

    std::string_view text_;
    std::size_t at_ = 0;
    bool in_group_ = false;
    bool pending_group_ = false;
    std::string pending_name_;
    bool quotes_left_ = true; ///< a closing quote is still to be found
    bool comments_left_ = true;
    bool angles_left_ = true;
    std::string local_, domain_, comment_;
};

/// All of them, at most `limit`.
std::vector<Address> parse_addresses(std::string_view raw_value, std::size_t limit = 8192);

} // namespace mail::mime
