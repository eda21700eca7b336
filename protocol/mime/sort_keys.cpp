// Keys of SORT and THREAD as octets.

#include "protocol/mime/sort_keys.h"

#include "protocol/mime/blob.h"
#include "protocol/mime/charset.h"

#include <bit>
#include <cstring>

namespace mail::mime {

namespace {

    // subject: octet of flags, folded base subject. names: five strings. ids: 8 octets each, own
    // first.
    constexpr unsigned is_reply = 1;
    constexpr std::size_t longest_sort_key = 1000; ///< folded octets
    constexpr char behind_all = '\xFF'; ///< is in no UTF-8

    static_assert(std::endian::native == std::endian::little, "ids are little-endian: swap here");

    void put_id(std::string& out, std::uint64_t hash)
    {
        char octets[sizeof hash];
        std::memcpy(octets, &hash, sizeof hash);
        out.append(octets, sizeof octets);
    }

    std::uint64_t load_id(char const* from)
    {
        std::uint64_t hash = 0;
        std::memcpy(&hash, from, sizeof hash);
        return hash;
    }

    std::string cut_key(SortText const& text)
    {
        auto key = collation_key(text, Collation::unicode_casemap);
        if (text.is_valid)
            key.resize(cut_utf8(key, longest_sort_key).size());
        return key;
    }

} // namespace

std::string collation_key(SortText const& text, Collation collation)
{
    return text.is_valid ? fold(text.text, collation) : behind_all + text.text;
}

SortKeys encode_sort_keys(HeaderKeys const& header)
{
    SortKeys keys;
    auto& [subject, names, ids] = keys;
    subject += static_cast<char>(header.is_reply_or_forward ? is_reply : 0U);
    subject += cut_key(header.base_subject);
    for (auto const* name : { &header.from_mailbox, &header.to_mailbox, &header.cc_mailbox,
             &header.from_display, &header.to_display })
        put_string(names, cut_key(*name));
    put_id(ids, header.message_id.empty() ? 0 : hash_message_id(header.message_id));
    for (auto const& id : header.references)
        put_id(ids, hash_message_id(id));
    if (header.references.empty() && !header.in_reply_to.empty())
        put_id(ids, hash_message_id(header.in_reply_to));
    return keys;
}

SubjectKey::SubjectKey(std::string_view blob)
{
    if (blob.empty())
        return;
    is_reply_or_forward = (static_cast<unsigned char>(blob[0]) & is_reply) != 0;
    base = blob.substr(1);
}

NameKeys::NameKeys(std::string_view blob)
{
    BlobReader in(blob);
    for (auto* name : { &from, &to, &cc, &from_display, &to_display })
        *name = in.string();
}

IdKeys::IdKeys(std::string_view blob)
{
    constexpr std::size_t size = sizeof(std::uint64_t);
    if (blob.size() < size || blob.size() % size != 0)
        return;
    own_ = load_id(blob.data());
    references_ = blob.substr(size);
}

std::uint64_t IdKeys::reference(std::size_t i) const
{
    return load_id(references_.data() + i * sizeof(std::uint64_t));
}

} // namespace mail::mime
