// The engine-neutral transactions and cursors, on LMDB.
#include "storage/txn.h"
#include "storage/lmdb/engine_txn.h"
#include "storage/lmdb/volume.h"

namespace mail::storage {
namespace {

    MDB_val to_val(std::string_view octets)
    {
        return { octets.size(),
            const_cast<char*>(octets.data()) }; // LMDB does not write through keys and values
    }

    std::string_view to_view(MDB_val const& val)
    {
        return { static_cast<char const*>(val.mv_data), val.mv_size };
    }

} // namespace

ReadTxn::ReadTxn(std::unique_ptr<EngineTxn> engine)
    : engine_(std::move(engine))
{
}

ReadTxn::ReadTxn(ReadTxn&&) noexcept = default;

ReadTxn& ReadTxn::operator=(ReadTxn&& other) noexcept
{
    std::swap(engine_, other.engine_);
    return *this;
}

ReadTxn::~ReadTxn()
{
    if (engine_ && !engine_->is_write) {
        auto& volume = engine_->volume;
        volume.give_back(std::move(engine_));
    }
}

Result<std::string_view> ReadTxn::get(Table table, std::string_view key) const
{
    MDB_val k = to_val(key);
    MDB_val v {};
    int const code = engine_->is_write ? ::mdb_cursor_get(engine_->cursor(table), &k, &v, MDB_SET)
                                       : ::mdb_get(engine_->txn, engine_->env.table(table), &k, &v);
    if (code == MDB_NOTFOUND)
        return Errc::not_found;
    require_ok(code, "get");
    return to_view(v);
}

void WriteTxn::put(Table table, std::string_view key, std::string_view value)
{
    MDB_val k = to_val(key);
    MDB_val v = to_val(value);
    require_ok(::mdb_cursor_put(engine_->cursor(table), &k, &v, 0), "put");
}

bool WriteTxn::erase(Table table, std::string_view key)
{
    MDB_val k = to_val(key);
    int const code = ::mdb_del(engine_->txn, engine_->env.table(table), &k, nullptr);
    if (code == MDB_NOTFOUND)
        return false;
    require_ok(code, "erase");
    return true;
}

std::int64_t WriteTxn::now() const { return engine_->now; }

void WriteTxn::announce(AccountId account, MailboxId mailbox, ModSeq mod_seq)
{
    auto& announced = engine_->announced;
    if (!announced.empty() && announced.back().account == account
        && announced.back().mailbox == mailbox)
        announced.back().mod_seq = mod_seq;
    else
        announced.push_back({ account, mailbox, mod_seq });
}

void WriteTxn::after_commit(std::function<void()> action)
{
    engine_->after_commit.push_back(std::move(action));
}

Volume& WriteTxn::volume() const { return engine_->volume; }

struct Cursor::Impl {
    MDB_cursor* cursor = nullptr;
    MDB_val key {};
    MDB_val value {};

    ~Impl() { ::mdb_cursor_close(cursor); }

    bool move(MDB_cursor_op op)
    {
        int const code = ::mdb_cursor_get(cursor, &key, &value, op);
        if (code == MDB_NOTFOUND)
            return false;
        require_ok(code, "walk");
        return true;
    }
};

Cursor::Cursor(ReadTxn const& txn, Table table)
{
    MDB_cursor* cursor = nullptr;
    auto const& engine = txn.engine();
    require_ok(::mdb_cursor_open(engine.txn, engine.env.table(table), &cursor), "open a cursor");
    impl_ = std::make_unique<Impl>();
    impl_->cursor = cursor;
}

Cursor::~Cursor() = default;

bool Cursor::seek(std::string_view key)
{
    impl_->key = to_val(key);
    return impl_->move(MDB_SET_RANGE);
}

bool Cursor::seek_last_below(std::string_view key)
{
    return impl_->move(seek(key) ? MDB_PREV : MDB_LAST);
}

bool Cursor::next() { return impl_->move(MDB_NEXT); }

bool Cursor::previous() { return impl_->move(MDB_PREV); }

std::string_view Cursor::key() const { return to_view(impl_->key); }

std::string_view Cursor::value() const { return to_view(impl_->value); }

} // namespace mail::storage
