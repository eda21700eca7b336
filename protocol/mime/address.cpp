// Address lists, read item by item; every function moves forward, none recurses.

#include "protocol/mime/address.h"

#include <algorithm>
#include <utility>

namespace mail::mime {

namespace {

    bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0'; }

    /// Ends an atom. Stray closing marks and dots are part of atoms: real mail has them in names.
    bool ends_atom(char c)
    {
        switch (c) {
        case '(':
        case '<':
        case '>':
        case '@':
        case ',':
        case ';':
        case ':':
        case '"':
            return true;
        default:
            return is_white(c);
        }
    }

    /// Length of the encoded word that `text` begins with, or 0. Not RFC: many mailers leave
    /// specials unencoded in them, which must not be taken for the list's own.
    std::size_t encoded_word_length(std::string_view text)
    {
        if (!text.starts_with("=?"))
            return 0;
        int marks = 1;
        for (std::size_t i = 2; i < text.size() && !is_white(text[i]); ++i) {
            if (text[i] != '?' || ++marks < 4)
                continue;
            return i + 1 < text.size() && text[i + 1] == '=' ? i + 2 : 0;
        }
        return 0;
    }

    void add_word(std::string& phrase, bool spaced, std::string_view word)
    {
        if (spaced && !phrase.empty())
            phrase += ' ';
        phrase += word;
    }

} // namespace

AddressReader::AddressReader(std::string_view raw_value)
    : text_(raw_value)
{
}

/// Passes over white space and comments; the text of the last comment goes to `comment`.
/// Returns whether there was any.
bool AddressReader::skip_white(std::string* comment)
{
    auto const begin = at_;
    while (!at_end()) {
        if (is_white(text_[at_]))
            ++at_;
        else if (text_[at_] != '(' || !read_comment(comment))
            break;
    }
    return at_ != begin;
}

bool AddressReader::read_comment(std::string* out)
{
    if (!comments_left_)
        return false;
    std::string text;
    std::size_t depth = 0;
    for (auto at = at_; at < text_.size();) {
        char c = text_[at++];
        bool const quoted = c == '\\' && at < text_.size();
        if (quoted)
            c = text_[at++];
        if (!quoted && c == ')' && --depth == 0) {
            at_ = at;
            if (out != nullptr)
                *out = std::move(text);
            return true;
        }
        if (depth != 0 && c != '\r' && c != '\n' && c != '\0')
            text += c;
        if (!quoted && c == '(')
            ++depth;
    }
    comments_left_ = false; // none is closed from here on: no need to look again
    return false;
}

bool AddressReader::read_quoted(std::string& out)
{
    if (!quotes_left_)
        return false;
    auto const size = out.size();
    for (auto at = at_ + 1; at < text_.size();) {
        char c = text_[at++];
        if (c == '"') {
            at_ = at;
            return true;
        }
        if (c == '\\' && at < text_.size())
            c = text_[at++];
        if (c != '\r' && c != '\n' && c != '\0')
            out += c;
    }
    out.resize(size);
    quotes_left_ = false;
    return false;
}

void AddressReader::read_atom(std::string& out)
{
    auto const begin = at_;
    at_ += encoded_word_length(text_.substr(at_));
    while (!at_end() && !ends_atom(text_[at_]))
        ++at_;
    out += text_.substr(begin, at_ - begin);
}

/// An atom, a quoted string, or one stray special character: always moves on.
void AddressReader::read_word(std::string& out)
{
    auto const begin = at_;
    if (text_[at_] == '"') {
        if (read_quoted(out))
            return;
        ++at_; // never closed: left out
        return;
    }
    read_atom(out);
    if (at_ == begin)
        ++at_;
}

/// Words joined by dots, white space around the dots left out (RFC 5322 §4.4): a local part.
void AddressReader::read_dotted(std::string& out)
{
    while (!at_end()) {
        char const c = text_[at_];
        if (c != '"' && ends_atom(c))
            return;
        read_word(out);
        auto const end = at_;
        skip_white(&comment_);
        bool const dot_behind = !at_end() && text_[at_] == '.';
        bool const dot_before = !out.empty() && out.back() == '.';
        if (at_ != end && !dot_behind && !dot_before)
            return;
    }
}

void AddressReader::read_domain(std::string& out)
{
    skip_white(&comment_);
    if (!at_end() && text_[at_] == '[') {
        auto const end = text_.find_first_of("]>,\r\n", at_);
        if (end != text_.npos && text_[end] == ']') {
            out += text_.substr(at_, end + 1 - at_);
            at_ = end + 1;
            return;
        }
    }
    read_dotted(out);
    std::erase(out, '"');
}

/// Behind "<": an optional route and an address, up to ">".
void AddressReader::read_angle(Address& address)
{
    address.local.clear();
    address.domain.clear();
    skip_white(&comment_);
    auto const begin = at_;
    while (!at_end() && text_[at_] == '@') { // "@a,@b:" (RFC 5322 §4.4)
        ++at_;
        address.route += address.route.empty() ? "@" : ",@";
        read_domain(address.route);
        skip_white(&comment_);
        while (!at_end() && text_[at_] == ',') {
            ++at_;
            skip_white(&comment_);
        }
    }
    if (!address.route.empty()) {
        if (!at_end() && text_[at_] == ':') {
            ++at_;
            skip_white(&comment_);
        } else { // no route, just a missing local part
            address.route.clear();
            at_ = begin;
        }
    }
    read_dotted(address.local);
    skip_white(&comment_);
    if (!at_end() && text_[at_] == '@') {
        ++at_;
        read_domain(address.domain);
    }
    skip_white(&comment_);
    if (!at_end() && text_[at_] == '>') {
        ++at_;
        return;
    }
    // Garbage before the end of the angle; without an end, up to the next address.
    auto const comma = std::min(text_.find(',', at_), text_.size());
    auto const close = angles_left_ ? text_.find('>', at_) : text_.npos;
    angles_left_ = close != text_.npos;
    at_ = close < comma ? close + 1 : comma;
}

/// Behind ">": passes over garbage up to the separator, but not over another address.
void AddressReader::skip_rest()
{
    auto const stop = text_.find_first_of(",;<@", at_);
    if (stop == text_.npos)
        at_ = text_.size();
    else if (text_[stop] == ',' || text_[stop] == ';')
        at_ = stop;
}

/// Reads up to the next separator. False when there was nothing to understand.
bool AddressReader::read_item(Address& address)
{
    address.kind = Address::Kind::mailbox;
    for (auto* text : { &address.name, &address.route, &address.local, &address.domain, &comment_ })
        text->clear();
    auto& phrase = address.name; // everything so far, one blank between words
    local_.clear(); // the words since the last white space: a local part if "@" follows
    std::size_t before_local = 0, before_address = 0; // what of the phrase was in front of it
    bool has_address = false, spaced = false;
    while (true) {
        spaced |= skip_white(&comment_);
        if (at_end() || text_[at_] == ',' || text_[at_] == ';')
            break;
        char const c = text_[at_];
        if (c == '<') {
            ++at_;
            read_angle(address);
            skip_white(&comment_);
            skip_rest();
            if (phrase.empty())
                phrase = comment_;
            return true;
        }
        if (c == ':' && !has_address && !phrase.empty()) {
            ++at_;
            address.kind = Address::Kind::group_begin;
            return true;
        }
        if (c == '@') {
            ++at_;
            domain_.clear();
            read_domain(domain_);
            if (!has_address) { // unless one in angles follows, and this is its name
                has_address = true;
                before_address = before_local;
                address.local = local_;
                address.domain = domain_;
            }
            phrase += '@';
            phrase += domain_;
            spaced = true;
            continue;
        }
        if (spaced && (local_.empty() || (local_.back() != '.' && c != '.')))
            local_.clear();
        if (local_.empty())
            before_local = phrase.size();
        auto const size = local_.size();
        read_word(local_);
        add_word(phrase, spaced, std::string_view(local_).substr(size));
        spaced = false;
    }
    if (has_address) {
        phrase.resize(before_address);
    } else if (phrase == local_) { // a single word: a local user
        address.local = local_;
        phrase.clear();
    }
    if (phrase.empty())
        phrase = comment_;
    return has_address || !phrase.empty() || !address.local.empty();
}

bool AddressReader::next(Address& address)
{
    if (pending_group_) {
        pending_group_ = false;
        address = Address { Address::Kind::group_begin, std::move(pending_name_), {}, {}, {} };
        return true;
    }
    while (true) {
        skip_white(nullptr);
        bool const ends_group = at_end() || text_[at_] == ';';
        if (ends_group && in_group_) {
            in_group_ = false;
            address = Address { Address::Kind::group_end, {}, {}, {}, {} };
            return true;
        }
        if (at_end())
            return false;
        if (text_[at_] == ',' || text_[at_] == ';') {
            ++at_;
            continue;
        }
        if (!read_item(address))
            continue;
        if (address.kind == Address::Kind::group_begin && std::exchange(in_group_, true)) {
            pending_group_ = true; // groups do not nest: the one before ends here
            pending_name_ = std::move(address.name);
            address = Address { Address::Kind::group_end, {}, {}, {}, {} };
        }
        return true;
    }
}

std::vector<Address> parse_addresses(std::string_view raw_value, std::size_t limit)
{
    std::vector<Address> addresses;
    AddressReader reader(raw_value);
    Address address;
    bool in_group = false;
    while (reader.next(address)) {
        bool const ends_group = address.kind == Address::Kind::group_end;
        if (addresses.size() >= limit && !(in_group && ends_group))
            continue;
        in_group = address.kind == Address::Kind::group_begin || (in_group && !ends_group);
        addresses.push_back(address);
    }
    return addresses;
}

} // namespace mail::mime
