// What the store alone can do: durable appends by 1 and by 16 submitters to 100 accounts, scans of
// 100,000 messages, and STORE, COPY, MOVE and EXPUNGE of 10,000. Usage: bench_store_append
// [DIRECTORY] [SECONDS]
#include "storage/changes.h"
#include "storage/messages.h"
#include "storage/store.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

namespace {

using namespace mail::storage;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Text like that of mail: zstd makes half of it.
std::string make_text(std::size_t size, unsigned seed)
{
    std::mt19937 random(seed);
    std::string text;
    while (text.size() < size) {
        for (auto length = 2 + random() % 9; length > 0; --length)
            text.push_back(static_cast<char>('a' + random() % 26));
        text += random() % 10 == 0 ? "\r\n" : " ";
    }
    text.resize(size);
    return text;
}

NewMessage make_message(Volume& volume, std::string_view text)
{
    BodyWriter writer(volume);
    writer.append(text);
    NewMessage message;
    message.body = writer.finish();
    message.internal_date.seconds = 1'700'000'000;
    message.envelope.assign(350, 'e');
    message.structure.assign(120, 's');
    message.search_fields.assign(100, 'k');
    for (auto& key : message.keys)
        key.assign(30, 'k');
    message.preview.assign(120, 'p');
    return message;
}

struct Target {
    AccountId account;
    MailboxId inbox;
};

void append_for(Volume& volume, std::vector<Target> const& targets, unsigned submitters,
    std::chrono::seconds time)
{
    std::atomic<std::uint64_t> appended = 0;
    std::atomic<bool> stop = false;
    std::vector<std::thread> threads;
    auto const start = Clock::now();
    for (unsigned t = 0; t < submitters; ++t)
        threads.emplace_back([&, t] {
            auto const text = make_text(4096, t);
            for (std::size_t i = t; !stop; i += submitters) {
                auto const message = make_message(volume, text);
                auto const& target = targets[i % targets.size()];
                auto const written = volume.write([&](WriteTxn& txn) -> Result<void> {
                    auto const done = append_message(txn, target.account, target.inbox, message);
                    return done ? Result<void>() : Result<void>(done.error());
                });
                if (!written)
                    std::abort();
                ++appended;
            }
        });
    std::this_thread::sleep_for(time);
    stop = true;
    for (auto& thread : threads)
        thread.join();
    fmt::print("append of 4 KiB, {:2} submitters: {:8.0f} durable messages/s\n", submitters,
        static_cast<double>(appended) * 1000 / milliseconds_since(start));
}

template <class F> void time_best(char const* what, int rounds, F work)
{
    double best = 1e9;
    for (int i = 0; i < rounds; ++i) {
        auto const start = Clock::now();
        work();
        best = std::min(best, milliseconds_since(start));
    }
    fmt::print("{:38} {:9.2f} ms\n", what, best);
}

/// One job, timed on the writer thread (without the commit) and in all.
template <class F> void time_job(Volume& volume, char const* what, F work)
{
    double inside = 0;
    auto const start = Clock::now();
    auto const written = volume.write([&](WriteTxn& txn) -> Result<void> {
        auto const begin = Clock::now();
        auto const result = work(txn);
        inside = milliseconds_since(begin);
        return result ? Result<void>() : Result<void>(result.error());
    });
    if (!written)
        std::abort();
    fmt::print(
        "{:38} {:9.2f} ms, {:.2f} ms with commit\n", what, inside, milliseconds_since(start));
}

void measure_large_mailbox(Volume& volume, Target target, MailboxId other)
{
    constexpr std::uint32_t count = 100'000;
    auto const text = make_text(2000, 1);
    for (std::uint32_t done = 0; done < count; done += 1000)
        if (!volume.write([&](WriteTxn& txn) -> Result<void> {
                for (int i = 0; i < 1000; ++i)
                    if (auto const appended = append_message(
                            txn, target.account, target.inbox, make_message(volume, text));
                        !appended)
                        return appended.error();
                return {};
            }))
            std::abort();
    UidRange const all { Uid { 1 }, Uid { UINT32_MAX } };
    std::uint64_t sum = 0;
    time_best("scan of 100,000", 20, [&] {
        auto const txn = volume.read();
        scan_messages(
            txn, target.account, target.inbox, all, Columns::all, [&](HotRecord const& hot) {
                sum += hot.size;
                return true;
            });
    });
    time_best("scan with cold records of 100,000", 10, [&] {
        auto const txn = volume.read();
        scan_with_cold(txn, target.account, target.inbox, all,
            [&](HotRecord const& hot, ColdRecord const& cold) {
                sum += hot.size + cold.envelope.size();
                return true;
            });
    });
    time_best("read transaction, 1000 times", 20, [&] {
        for (int i = 0; i < 1000; ++i)
            sum += volume.read().get(Table::meta, "format")->size();
    });
    auto const first = [](std::uint32_t n) { return UidSet(UidRange { Uid { 1 }, Uid { n } }); };
    time_job(volume, "STORE +\\Seen to 10,000", [&](WriteTxn& txn) {
        return store_flags(
            txn, target.account, target.inbox, first(10'000), { .system = Flags::seen });
    });
    time_job(volume, "COPY of 10,000", [&](WriteTxn& txn) {
        return copy_messages(txn, target.account, target.inbox, first(10'000), other);
    });
    time_job(volume, "MOVE of 10,000", [&](WriteTxn& txn) {
        return move_messages(txn, target.account, target.inbox, first(10'000), other);
    });
    time_job(volume, "STORE +\\Deleted to 10,000", [&](WriteTxn& txn) {
        return store_flags(txn, target.account, other, first(10'000), { .system = Flags::deleted });
    });
    time_job(volume, "EXPUNGE of 10,000",
        [&](WriteTxn& txn) { return expunge_deleted(txn, target.account, other, first(10'000)); });
    if (sum == 0)
        std::abort();
}

} // namespace

int main(int argc, char** argv)
{
    std::filesystem::path const path = argc > 1 ? argv[1] : "/var/tmp/mailroom-bench-store";
    std::chrono::seconds const time(argc > 2 ? std::atoi(argv[2]) : 3);
    std::filesystem::remove_all(path);
    {
        auto const store = Store::open({ .path = path });
        std::vector<Target> targets;
        for (int i = 0; i < 100; ++i) {
            auto const account
                = store->open_account(fmt::format("user{}", i), { { .name = "Archive" } }).value();
            auto& volume = store->volume_of(account);
            targets.push_back(
                { account.id, find_mailbox(volume.read(), account.id, "INBOX").value().id });
        }
        auto& volume = store->volume_of(store->accounts().front());
        append_for(volume, targets, 1, time);
        append_for(volume, targets, 16, time);
        auto const large = store->open_account("large", { { .name = "Archive" } }).value();
        auto const inbox = find_mailbox(volume.read(), large.id, "INBOX").value().id;
        auto const archive = find_mailbox(volume.read(), large.id, "Archive").value().id;
        measure_large_mailbox(volume, { large.id, inbox }, archive);
    }
    std::filesystem::remove_all(path);
}
