// From "binary" to base64.
#include "protocol/session/binary_parts.h"

#include "protocol/mime/header.h"
#include "protocol/mime/structure.h"
#include "protocol/sasl/base64.h"
#include "protocol/session/intake.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mail::session {
namespace {

    constexpr std::uint64_t longest_header = std::uint64_t { 1 } << 20; ///< of a part
    constexpr std::size_t line_octets = 57; ///< encoded in one line of 76

    struct BinaryLeaf {
        mime::Range header;
        mime::Range body;
    };

    /// Leaves labelled "binary", in the order of their octets.
    std::vector<BinaryLeaf> find_leaves(std::string_view structure)
    {
        std::vector<BinaryLeaf> leaves;
        mime::StructureView const view(structure);
        auto part = view.root();
        for (bool more = view.valid(); more; more = view.next(part))
            if (part.kind == mime::PartKind::leaf && mime::equal_no_case(part.encoding, "binary")
                && part.header.size() <= longest_header)
                leaves.push_back({ part.header, part.body });
        return leaves;
    }

    /// The header with another Content-Transfer-Encoding.
    std::string relabelled(std::string_view header)
    {
        constexpr std::string_view field = "Content-Transfer-Encoding";
        std::string result;
        std::size_t copied = 0;
        bool is_written = false;
        for (mime::Fields fields(header); fields.next();) {
            if (!mime::equal_no_case(fields.field().name, field))
                continue;
            result += header.substr(copied, fields.field().begin - copied);
            if (!is_written)
                result.append(field).append(": base64\r\n");
            is_written = true;
            copied = fields.field().end;
        }
        result += header.substr(copied);
        return is_written ? result : std::string(field) + ": base64\r\n" + result;
    }

    class BinaryEncoder {
    public:
        BinaryEncoder(storage::Volume& volume, boost::asio::any_io_executor executor,
            storage::StagedBody body)
            : volume_(volume)
            , executor_(executor)
            , body_(std::move(body))
            , intake_(volume, executor)
        {
        }

        /// Encodes those of the leaves that have NULs; nothing: none has.
        awaitable<storage::Result<std::optional<storage::NewMessage>>> run(
            std::vector<BinaryLeaf> leaves)
        {
            std::uint64_t at = 0;
            bool is_changed = false;
            for (auto const& leaf : leaves) {
                auto const has = co_await has_nul(leaf.body);
                if (!has)
                    continue;
                is_changed = true;
                auto copied = co_await copy({ at, leaf.header.begin });
                if (copied)
                    copied = co_await copy_relabelled(leaf.header);
                if (copied)
                    copied = co_await copy_encoded(leaf.body);
                if (!copied)
                    co_return copied.error();
                at = leaf.body.end;
            }
            if (!is_changed)
                co_return std::optional<storage::NewMessage>();
            auto const copied = co_await copy({ at, body_.size() });
            if (!copied)
                co_return copied.error();
            co_return std::optional(intake_.finish());
        }

    private:
        /// The first octets of the range, those of one frame at most; takes them off.
        awaitable<std::string> next(mime::Range* range)
        {
            // Others have their turn between two frames.
            co_await boost::asio::post(executor_, boost::asio::use_awaitable);
            std::string octets;
            auto const read
                = storage::read_staged(volume_.read(), body_, range->begin, range->size(), octets);
            if (!read || octets.empty())
                throw storage::Damaged("a staged body ends before its size");
            range->begin += octets.size();
            co_return octets;
        }

        awaitable<bool> has_nul(mime::Range range)
        {
            while (range.size() != 0) {
                auto const octets = co_await next(&range);
                if (octets.find('\0') != std::string::npos)
                    co_return true;
            }
            co_return false;
        }

        awaitable<storage::Result<void>> copy(mime::Range range)
        {
            while (range.size() != 0) {
                auto const octets = co_await next(&range);
                auto const taken = co_await intake_.write(octets);
                if (!taken)
                    co_return taken.error();
            }
            co_return storage::Result<void> {};
        }

        awaitable<storage::Result<void>> copy_relabelled(mime::Range range)
        {
            std::string header;
            while (range.size() != 0) {
                auto const octets = co_await next(&range);
                header += octets;
            }
            auto const changed = relabelled(header);
            co_return co_await intake_.write(changed);
        }

        awaitable<storage::Result<void>> copy_encoded(mime::Range range)
        {
            bool const is_last = range.end == body_.size(); // no boundary ends its last line
            std::string octets;
            std::string lines;
            while (range.size() != 0) {
                auto const more = co_await next(&range);
                octets += more;
                std::string_view rest = octets;
                lines.clear();
                while (rest.size() > line_octets) { // a line with another one behind it
                    sasl::append_base64(lines, rest.substr(0, line_octets));
                    lines += "\r\n";
                    rest.remove_prefix(line_octets);
                }
                auto const taken = co_await intake_.write(lines);
                if (!taken)
                    co_return taken.error();
                octets.erase(0, octets.size() - rest.size());
            }
            lines.clear();
            sasl::append_base64(lines, octets);
            lines += is_last ? "\r\n" : "";
            co_return co_await intake_.write(lines);
        }

        storage::Volume& volume_;
        boost::asio::any_io_executor executor_;
        storage::StagedBody body_;
        Intake intake_;
    };

} // namespace

awaitable<storage::Result<storage::NewMessage>> encode_binary_parts(
    storage::Volume& volume, boost::asio::any_io_executor executor, storage::NewMessage message)
{
    auto leaves = find_leaves(message.structure);
    if (leaves.empty())
        co_return message;
    BinaryEncoder encoder(volume, executor, message.body);
    auto encoded = co_await encoder.run(std::move(leaves));
    if (!encoded)
        co_return encoded.error();
    if (*encoded)
        co_return std::move(**encoded);
    co_return message;
}

} // namespace mail::session
