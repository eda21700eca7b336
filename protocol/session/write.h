// From a coroutine to the writer thread or a worker and back.
#pragma once

#include "protocol/byte_stream.h"
#include "storage/store.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace mail::session {

/// Suspends a coroutine until resume() is called, once, from any thread; it goes on on its own
/// executor.
class Resumption {
public:
    explicit Resumption(boost::asio::any_io_executor executor)
        : executor_(std::move(executor))
    {
    }

    /// Suspends, then calls start(): whatever will call resume().
    template <class Start> awaitable<void> wait(Start& start)
    {
        return boost::asio::async_initiate<boost::asio::use_awaitable_t<> const, void()>(
            [this, &start](auto handler) {
                handler_.emplace(std::move(handler));
                start();
            },
            boost::asio::use_awaitable);
    }

    void resume()
    {
        // Locals: once the handler is posted, this object may be gone.
        auto executor = executor_;
        auto handler = std::move(*handler_);
        boost::asio::post(executor, std::move(handler));
    }

private:
    using Handler = boost::asio::detail::awaitable_handler<boost::asio::any_io_executor>;
    boost::asio::any_io_executor executor_;
    std::optional<Handler> handler_;
};

template <class F> class WriteCall final : public storage::WriteJob {
public:
    using Value = std::invoke_result_t<F&, storage::WriteTxn&>; ///< storage::Result<T>

    WriteCall(F& f, boost::asio::any_io_executor executor)
        : f_(f)
        , resumption(std::move(executor))
    {
    }

    storage::Result<void> run(storage::WriteTxn& txn) override
    {
        value.emplace(f_(txn));
        if (!*value)
            return value->error();
        return {};
    }

    void done(storage::Result<void> result, std::exception_ptr broken) noexcept override
    {
        failure = std::move(broken);
        if (!result)
            value.emplace(result.error());
        resumption.resume();
    }

private:
    F& f_;

public:
    Resumption resumption;
    std::optional<Value> value;
    std::exception_ptr failure;
};

/// Runs f(WriteTxn&) on the writer thread; the result is durable when this returns.
template <class F>
awaitable<std::invoke_result_t<F&, storage::WriteTxn&>> write(
    storage::Volume& volume, boost::asio::any_io_executor executor, F& f)
{
    WriteCall<F> call(f, std::move(executor));
    auto start = [&] { volume.submit(call); };
    co_await call.resumption.wait(start);
    if (call.failure)
        std::rethrow_exception(call.failure);
    co_return std::move(*call.value);
}

/// Runs f() on `workers`, then goes on on `executor`. Exceptions of f come out here.
template <class F>
awaitable<std::invoke_result_t<F&>> work(
    boost::asio::any_io_executor workers, boost::asio::any_io_executor executor, F& f)
{
    Resumption resumption(std::move(executor));
    std::optional<std::invoke_result_t<F&>> value;
    std::exception_ptr failure;
    auto run = [&] {
        try {
            value.emplace(f());
        } catch (...) {
            failure = std::current_exception();
        }
        resumption.resume();
    };
    auto start = [&] { boost::asio::post(workers, [&run] { run(); }); };
    co_await resumption.wait(start);
    if (failure)
        std::rethrow_exception(failure);
    co_return std::move(*value);
}

} // namespace mail::session
