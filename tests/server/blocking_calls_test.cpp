// Calls that hold their threads: results, exceptions, time limits, threads that hang.
#include "server/accounts/blocking_calls.h"
#include "server/accounts/source.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace mail;
using namespace mail::server;
using namespace std::chrono_literals;

namespace {

/// Keeps calls inside until it is opened.
class Gate {
public:
    void open()
    {
        std::lock_guard const lock(mutex_);
        is_open_ = true;
        opened_.notify_all();
    }
    void pass()
    {
        std::unique_lock lock(mutex_);
        opened_.wait(lock, [&] { return is_open_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool is_open_ = false;
};

using Job = std::function<std::string()>;

awaitable<void> note(BlockingCalls& calls, Job job, std::string& out)
{
    try {
        out = co_await calls.run(std::move(job));
    } catch (std::exception const& failure) {
        out = std::string("failed: ") + failure.what();
    }
}

class BlockingCallsTest : public testing::Test {
protected:
    void begin(BlockingCalls& calls, Job job, std::string& out)
    {
        boost::asio::co_spawn(io, note(calls, std::move(job), out), [](std::exception_ptr thrown) {
            if (thrown)
                std::rethrow_exception(thrown);
        });
    }
    std::string run(BlockingCalls& calls, Job job)
    {
        std::string out;
        begin(calls, std::move(job), out);
        io.restart();
        io.run();
        return out;
    }
    boost::asio::io_context io { 1 };
};

} // namespace

TEST_F(BlockingCallsTest, GiveResultsAndExceptions)
{
    BlockingCalls calls(1, 5s);
    EXPECT_EQ(run(calls, [] { return std::string("here"); }), "here");
    EXPECT_EQ(run(calls, []() -> std::string { throw SourceDown("gone"); }), "failed: gone");
    auto const caller = std::this_thread::get_id();
    EXPECT_EQ(
        run(calls,
            [&] { return std::string(std::this_thread::get_id() == caller ? "here" : "there"); }),
        "there");
    calls.join();
}

TEST_F(BlockingCallsTest, EndAtTheirTimeLimit)
{
    Gate gate;
    auto stay = [&] {
        gate.pass();
        return std::string("late");
    };
    BlockingCalls calls(1, 50ms);
    EXPECT_FALSE(calls.is_busy());
    EXPECT_EQ(run(calls, stay), "failed: it did not answer within 50 ms");
    EXPECT_TRUE(calls.is_busy());
    // The only thread hangs: nobody waits for it any more.
    auto const before = std::chrono::steady_clock::now();
    EXPECT_NE(run(calls, [] { return std::string("here"); }).find("failed: every call"),
        std::string::npos);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 40ms);
    gate.open();
    std::string out;
    for (int i = 0; i < 1000 && out != "here"; ++i) { // the thread comes back
        out = run(calls, [] { return std::string("here"); });
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(out, "here");
    calls.join();
}

TEST_F(BlockingCallsTest, WhatWaitedTooLongIsNotBegun)
{
    Gate gate;
    bool was_begun = false;
    std::string first;
    std::string second;
    BlockingCalls calls(1, 50ms);
    begin(
        calls,
        [&] {
            gate.pass();
            return std::string("late");
        },
        first);
    begin(
        calls,
        [&] {
            was_begun = true;
            return std::string("begun");
        },
        second);
    io.run();
    gate.open();
    calls.join();
    EXPECT_EQ(first, "failed: it did not answer within 50 ms");
    EXPECT_EQ(second, first);
    EXPECT_FALSE(was_begun);
}

TEST_F(BlockingCallsTest, OnlySoManyWait)
{
    Gate gate;
    std::vector<std::string> outs(BlockingCalls::most_waiting + 1);
    BlockingCalls calls(2, 10s);
    for (auto& out : outs)
        begin(
            calls,
            [&] {
                gate.pass();
                return std::string("done");
            },
            out);
    io.poll();
    EXPECT_NE(outs.back().find("wait for it already"), std::string::npos) << outs.back();
    gate.open();
    io.run();
    for (std::size_t i = 0; i + 1 < outs.size(); ++i)
        EXPECT_EQ(outs[i], "done");
    calls.join();
}
