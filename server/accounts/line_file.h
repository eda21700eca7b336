// Files of lines that people and programs edit while the server reads them.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::server {

/// Tells whether a file is still the same. Of one that is not there: that of none.
class FileStamp {
public:
    FileStamp() = default;
    explicit FileStamp(std::filesystem::path const& file); ///< costs one stat()
    bool operator==(FileStamp const& other) const
    {
        return device_ == other.device_ && inode_ == other.inode_ && size_ == other.size_
            && modified_.tv_sec == other.modified_.tv_sec
            && modified_.tv_nsec == other.modified_.tv_nsec;
    }
    bool is_none() const { return size_ < 0; }

private:
    dev_t device_ = 0;
    ino_t inode_ = 0;
    off_t size_ = -1;
    timespec modified_ {};
};

std::string read_text(std::filesystem::path const& file); ///< throws std::runtime_error

/// The words of a line; empty for comments (from "#") and empty lines.
std::vector<std::string_view> words_of_line(std::string_view line);

struct LineOfWords {
    std::size_t number; ///< from 1
    std::vector<std::string_view> words; ///< at least one; they live as long as the text
};
std::vector<LineOfWords> lines_of_words(std::string_view text); ///< those that have any

/// Replaces the file by `text`, atomically and durably; owner and mode stay as they were. A new one
/// is of the folder's owner, readable by its group. Throws std::runtime_error.
void replace_text(std::filesystem::path const& file, std::string_view text);

enum class Missing { is_error, is_empty };

/// Lets `change` work on the file's lines (each with its newline) and replaces the file, under a
/// lock against other editors. `check` throws when a text is no such file: neither is a file with
/// mistakes edited, nor is one made. A link is followed. Throws std::runtime_error with one line.
void edit_lines(std::filesystem::path file, Missing missing,
    std::function<void(std::string_view text)> const& check,
    std::function<void(std::vector<std::string>& lines)> const& change);

} // namespace mail::server
