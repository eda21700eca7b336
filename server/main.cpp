// The program `mailroom`.
#include "server/program.h"

int main(int argc, char** argv) { return mail::server::run_program(argc, argv); }
