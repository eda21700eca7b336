// The catalogue's tables, one a file: whoever adds a text finds its place by what it is about.
#pragma once

#include "protocol/texts.h"

#include <span>

/// Whole texts are sorted by the English one.
namespace mail::texts {

std::span<Text const> connection();
std::span<Text const> mailboxes();
std::span<Text const> messages();
std::span<Text const> notify();
std::span<Text const> pop3();
std::span<Text const> rights();
std::span<Text const> search();
std::span<Text const> syntax();
std::span<Text const> urls();

std::span<Text const> with_gaps(); ///< the first that fits counts

} // namespace mail::texts
