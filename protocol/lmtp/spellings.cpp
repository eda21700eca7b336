// Addresses beyond ASCII in the forms by which an account may be known.
#include "protocol/lmtp/address.h"

#include "protocol/mime/fold.h"

#include <unicode/bytestream.h>
#include <unicode/idna.h>

#include <algorithm>
#include <memory>

namespace mail::lmtp {

namespace {

    enum class Labels { ascii, unicode };

    /// Nothing when it is no name of a domain, such as an address literal.
    std::optional<std::string> to_labels(std::string_view domain, Labels labels)
    {
        UErrorCode error = U_ZERO_ERROR;
        static std::unique_ptr<icu::IDNA const> const idna(
            icu::IDNA::createUTS46Instance(UIDNA_NONTRANSITIONAL_TO_ASCII
                    | UIDNA_NONTRANSITIONAL_TO_UNICODE | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ,
                error));
        if (!idna)
            return std::nullopt;
        error = U_ZERO_ERROR;
        icu::IDNAInfo info;
        std::string result;
        icu::StringByteSink<std::string> sink(&result);
        icu::StringPiece const name(domain.data(), static_cast<std::int32_t>(domain.size()));
        if (labels == Labels::ascii)
            idna->nameToASCII_UTF8(name, sink, info, error);
        else
            idna->nameToUnicodeUTF8(name, sink, info, error);
        if (U_FAILURE(error) || info.hasErrors())
            return std::nullopt;
        return result;
    }

    void add(std::vector<Address>& all, Address address)
    {
        auto const same = [&](Address const& other) {
            return other.local == address.local && other.domain == address.domain;
        };
        if (std::ranges::none_of(all, same))
            all.push_back(std::move(address));
    }

} // namespace

std::vector<Address> spellings_of(Address const& address)
{
    std::vector<Address> all { address };
    if (address.is_ascii() && address.domain.find("xn--") == std::string::npos
        && address.domain.find("XN--") == std::string::npos)
        return all;
    Address composed { mime::compose(address.local), mime::compose(address.domain) };
    add(all, composed);
    for (auto const labels : { Labels::unicode, Labels::ascii })
        if (auto domain = to_labels(address.domain, labels))
            add(all, { composed.local, std::move(*domain) });
    return all;
}

} // namespace mail::lmtp
