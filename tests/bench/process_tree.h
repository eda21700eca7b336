// The processes of a server: one of ours, many of Dovecot's.
#pragma once

#include <unistd.h>

#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// What /proc/PID/stat says behind the name; empty: the process is gone.
inline std::string stat_of(std::string const& pid)
{
    std::ifstream stat("/proc/" + pid + "/stat");
    std::string line;
    if (!std::getline(stat, line))
        return {};
    return line.substr(line.rfind(')') + 1);
}

/// A process and all that descend from it.
inline std::vector<int> process_tree(int root)
{
    std::multimap<int, int> children;
    for (auto const& entry : std::filesystem::directory_iterator("/proc")) {
        auto const name = entry.path().filename().string();
        int parent = 0;
        if (std::isdigit(static_cast<unsigned char>(name[0]))
            && std::sscanf(stat_of(name).c_str(), " %*c %d", &parent) == 1)
            children.emplace(parent, std::stoi(name));
    }
    std::vector<int> tree { root };
    for (std::size_t i = 0; i < tree.size(); ++i) {
        auto const [first, last] = children.equal_range(tree[i]);
        for (auto child = first; child != last; ++child)
            tree.push_back(child->second);
    }
    return tree;
}

/// Seconds of processor that a process, its descendants and those of them that have ended took.
inline double processor_seconds(int root)
{
    if (stat_of(std::to_string(root)).empty())
        throw std::runtime_error("there is no process " + std::to_string(root));
    double ticks = 0;
    for (int const pid : process_tree(root)) {
        long user = 0;
        long system = 0;
        long children_user = 0;
        long children_system = 0;
        if (std::sscanf(stat_of(std::to_string(pid)).c_str(),
                " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld %ld %ld", &user, &system,
                &children_user, &children_system)
            == 4)
            ticks += static_cast<double>(user + system + children_user + children_system);
    }
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

} // namespace bench
