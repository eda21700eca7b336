// Octets of a stored message on their way out: what BODY[...], BINARY[...] and IMAP URLs name. They
// are read frame by frame, so that no step takes much time or memory, however large the message is.
#pragma once

#include "protocol/imap/section.h"
#include "protocol/mime/structure.h"
#include "protocol/mime/transfer.h"
#include "storage/messages.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail::imap {

/// How the octets of a part are made from what is stored.
struct Decoding {
    mime::TransferEncoding encoding = mime::TransferEncoding::identity;
    /// A bare LF becomes CRLF: text lines end so on the wire, whatever is stored (RFC 3516 §6).
    bool completes_lines = false;
    bool changes_nothing() const
    {
        return encoding == mime::TransferEncoding::identity && !completes_lines;
    }
};

class Extract {
public:
    static Extract stored(storage::BodyId body, mime::Range range); ///< as they are
    static Extract in_memory(std::string octets);
    /// Decoded; `part` counts decoded octets.
    static Extract decoded(storage::BodyId body, mime::Range range, Decoding how,
        std::optional<Partial> part = std::nullopt);

    /// Whether size() is known. Only decoded octets have to be measured, by decoding them once.
    bool is_measured() const { return is_measured_; }
    /// Measures on, at most one frame; returns the octets that it looked at.
    std::uint64_t measure(storage::ReadTxn const& txn);

    // When it is measured
    std::uint64_t size() const { return size_; }
    bool has_nul() const { return has_nul_; } ///< not known of octets as they are stored
    std::uint64_t lines() const { return lines_; } ///< likewise

    /// Octets that were read to make it, before the first measure() or read().
    std::uint64_t octets_read() const { return octets_read_; }

    bool is_done() const { return given_ == size_; }
    /// Appends the next octets, those of one frame at most; returns the octets that it looked at.
    std::uint64_t read(storage::ReadTxn const& txn, std::string& out);

private:
    /// One walk through the stored octets.
    struct Walk {
        mime::TransferDecoder decoder;
        std::uint64_t at; ///< in the stored message
        std::uint64_t decoded = 0; ///< octets that came out
        bool after_cr = false;
    };
    Extract(storage::BodyId body, mime::Range range, Decoding how);
    friend std::optional<Extract> extract_section(storage::ReadTxn const& txn,
        storage::HotRecord const& hot, std::string_view structure, Section const& section,
        std::optional<Partial> const& partial);
    std::string_view next_decoded(storage::ReadTxn const& txn, std::string& scratch);
    void take_measure(std::string_view octets);
    void finish_measure();

    storage::BodyId body_;
    mime::Range range_;
    Decoding how_;
    std::uint64_t first_ = 0; ///< of the decoded octets that are wanted
    std::uint64_t last_ = UINT64_MAX; ///< behind them
    Walk walk_;
    bool is_measured_ = false;
    bool is_ready_ = false; ///< ready_ holds all octets
    std::string ready_;
    std::uint64_t octets_read_ = 0;
    std::uint64_t size_ = 0;
    std::uint64_t given_ = 0;
    std::uint64_t lines_ = 0;
    bool has_nul_ = false;
    bool ends_in_line_ = false; ///< the last octet was no line end
};

/// The octets of a section, or of a part of it; nothing when the message has no such part. Header
/// fields are selected here and now, from the first 4 MiB of the header.
std::optional<Extract> extract_section(storage::ReadTxn const& txn, storage::HotRecord const& hot,
    std::string_view structure, Section const& section, std::optional<Partial> const& partial);

/// What a section names, without transfer encoding (RFC 3516).
struct BinaryPart {
    mime::Range range;
    Decoding how;
    bool is_decodable = true; ///< the encoding is a known one
};
/// nothing: there is no such part. Multiparts, messages and headers are not encoded themselves.
std::optional<BinaryPart> find_binary_part(
    Section const& section, mime::StructureView const& structure, std::uint64_t message_size);

} // namespace mail::imap
