// Opens an LMDB environment and its tables (docs/storage-format.md §1).
#include "storage/lmdb/env.h"

#include <fmt/format.h>

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

namespace mail::storage {
namespace {

    inline constexpr unsigned max_readers = 8192; // 64 octets each in the lock file
    inline constexpr std::array<char const*, table_count> table_names { "meta", "index", "bodies",
        "references" };

    void open_tables(MDB_env* env, std::array<MDB_dbi, table_count>& tables)
    {
        MDB_txn* txn = nullptr;
        require_ok(::mdb_txn_begin(env, nullptr, 0, &txn), "begin");
        for (std::size_t i = 0; i < table_count; ++i)
            if (int const code = ::mdb_dbi_open(txn, table_names[i], MDB_CREATE, &tables[i]);
                code != MDB_SUCCESS) {
                ::mdb_txn_abort(txn);
                require_ok(code, "open a table");
            }
        require_ok(::mdb_txn_commit(txn), "commit");
    }

} // namespace

EngineError::EngineError(int code, char const* action)
    : std::runtime_error(
        fmt::format("the store's database failed to {}: {}; look at the disk and the kernel's log",
            action, ::mdb_strerror(code)))
    , code_(code)
{
}

bool is_full(int code)
{
    return code == MDB_MAP_FULL || code == ENOSPC || code == EDQUOT || code == EFBIG;
}

void require_ok(int code, char const* action)
{
    if (code == MDB_SUCCESS)
        return;
    if (is_full(code))
        throw StorageFull(fmt::format(
            "no room to {}: {}; make room on the store's disk", action, ::mdb_strerror(code)));
    throw EngineError(code, action);
}

Env::Env(std::filesystem::path const& path, std::uint64_t map_size)
{
    std::filesystem::create_directories(path);
    require_ok(::mdb_env_create(&env_), "make an environment");
    try {
        require_ok(::mdb_env_set_mapsize(env_, map_size), "reserve address space");
        require_ok(::mdb_env_set_maxdbs(env_, table_count), "set the number of tables");
        require_ok(::mdb_env_set_maxreaders(env_, max_readers), "set the number of readers");
        require_ok(::mdb_env_open(env_, path.c_str(), MDB_NOTLS, 0600), "open");
        int dead = 0; // readers of a process that was killed would keep old pages for ever
        require_ok(::mdb_reader_check(env_, &dead), "clear dead readers");
        open_tables(env_, tables_);
    } catch (...) {
        ::mdb_env_close(env_);
        throw;
    }
}

bool Env::is_out_of_room() const
{
    mdb_filehandle_t descriptor = -1;
    struct stat info { };
    if (::mdb_env_get_fd(env_, &descriptor) != MDB_SUCCESS || ::fstat(descriptor, &info) != 0)
        return false;
    // The write that was cut short has used up what there was, but for crumbs.
    constexpr std::uint64_t crumbs = 16 << 20;
    struct statvfs room { };
    if (::fstatvfs(descriptor, &room) == 0
        && std::uint64_t { room.f_bavail } * room.f_frsize < crumbs)
        return true;
    // A quota or a limit of the process does not show there: write behind all pages in use, where
    // LMDB will write when it grows.
    std::array<char, 4096> const page {};
    auto const written = ::pwrite(descriptor, page.data(), page.size(), info.st_size);
    return written != static_cast<ssize_t>(page.size()) && (written >= 0 || is_full(errno));
}

Env::~Env() { ::mdb_env_close(env_); }

} // namespace mail::storage
