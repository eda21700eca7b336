// Refuses what a newer program wrote, before anything is read.
#include "storage/format.h"
#include "storage/encoding.h"
#include "storage/store.h"

#include <fmt/format.h>

#include <stdexcept>

namespace mail::storage {

void check_format(Volume& volume)
{
    {
        auto const txn = volume.read();
        if (auto const found = txn.get(Table::meta, format_key)) {
            auto const version = RecordReader(*found).number<std::uint32_t>();
            if (version != format_version)
                throw std::runtime_error(
                    fmt::format("the store has format {}, this program reads format {}: start the "
                                "program that wrote it, or a newer one",
                        version, format_version));
            return;
        }
    }
    auto const written = volume.write([](WriteTxn& txn) -> Result<void> {
        std::string value;
        RecordWriter(value).number(format_version);
        txn.put(Table::meta, format_key, value);
        return {};
    });
    if (!written)
        throw std::runtime_error(
            "no room to make the store: make room on its disk, or raise its map size");
}

} // namespace mail::storage
