// The command line of `mailroom`.
#include "server/program.h"

#include "config/reader.h"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace mail::server {

int run_program(int argc, char** argv)
{
    CLI::App app("Mailroom, a mail access server");
    CLI11_PARSE(app, argc, argv);
    return 0;
}

} // namespace mail::server
