#include "bench/report/machine.hpp"

#include <doctest/doctest.h>

using namespace bench;

TEST_CASE("a processor's name is the first that is told") {
    CHECK(processor_name("processor\t: 0\nmodel\t\t: 1\nmodel name\t: AMD EPYC 7763 \n"
                         "processor\t: 1\nmodel name\t: other\n") == "AMD EPYC 7763");
    CHECK(processor_name("model name : x") == "x");
    CHECK(processor_name("Processor : ARMv8\n").empty());
    CHECK(processor_name("").empty());
}

TEST_CASE("this machine can be described") {
    CHECK(describe_machine().find(" x ") != std::string::npos);
    CHECK(describe_machine().find("Linux") != std::string::npos);
}
