// What a question that a coroutine answers, or a call that throws, comes to.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace mail::test {

template <class Result>
boost::asio::awaitable<void> ask(
    boost::asio::awaitable<Result> question, std::optional<Result>& answer)
{
    answer.emplace(co_await std::move(question));
}

/// Runs the coroutine to its end and gives what it returned.
template <class Result> Result answer(boost::asio::awaitable<Result> question)
{
    static boost::asio::io_context io; // outlives every worker that the question goes to
    io.restart();
    std::optional<Result> result;
    boost::asio::co_spawn(io, ask(std::move(question), result), [](std::exception_ptr failure) {
        if (failure)
            std::rethrow_exception(failure);
    });
    io.run();
    return std::move(*result);
}

/// The text of the exception that `call` throws; empty when it throws none.
std::string error_of(auto const& call)
{
    try {
        call();
    } catch (std::exception const& error) {
        return error.what();
    }
    return {};
}

} // namespace mail::test
